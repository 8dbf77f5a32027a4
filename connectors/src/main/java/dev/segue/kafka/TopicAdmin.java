package dev.segue.kafka;

import dev.segue.spi.SystemFault;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.GroupIdNotFoundException;

/** Makes a migration's topics and sees that they are still the ones that were made. */
public final class TopicAdmin implements AutoCloseable {
  private final Admin admin;
  private final Topics topics;
  private final KafkaSettings settings;

  public TopicAdmin(KafkaSettings settings, Topics topics) {
    this.settings = settings;
    this.topics = topics;
    Map<String, Object> all = settings.common();
    all.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, 10_000);
    all.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 20_000);
    this.admin = Admin.create(all);
  }

  /** Throws a fault unless the cluster answers. */
  public void ping() {
    try {
      admin.describeCluster().nodes().get(15, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new SystemFault(
          SystemFault.Nature.PERMANENT,
          "Kafka at " + settings.bootstrap() + " does not answer",
          "check kafka.bootstrap and kafka.properties in migration.yaml",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw SystemFault.passing("interrupted", e);
    }
  }

  /**
   * Makes the topics that are missing.
   *
   * @param fresh whether the migration begins, so that nothing may be in them
   * @return identifies the canonical topic
   */
  public String ensure(int partitions, boolean fresh) {
    try {
      Set<String> existing = admin.listTopics().names().get();
      List<NewTopic> missing = new ArrayList<>();
      for (String topic : topics.all()) {
        if (!existing.contains(topic)) {
          missing.add(newTopic(topic, partitions));
        }
      }
      if (!fresh && missing.size() == topics.all().size()) {
        throw SystemFault.permanent(
            "the topics of migration '"
                + topics.migration()
                + "' are gone from Kafka at "
                + settings.bootstrap(),
            "restore the broker's data (embedded: data-dir), or start over with an empty target"
                + " and a new name");
      }
      admin.createTopics(missing).all().get();
      Map<String, TopicDescription> described = describe();
      check(described, partitions);
      if (fresh) {
        checkEmpty(described);
      }
      return described.get(topics.canonical()).topicId().toString();
    } catch (ExecutionException e) {
      throw KafkaFaults.translate(e, "making topics on Kafka at " + settings.bootstrap());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw SystemFault.passing("interrupted", e);
    }
  }

  private NewTopic newTopic(String topic, int partitions) {
    boolean watermark = topic.equals(topics.watermark());
    Map<String, String> config = new HashMap<>();
    config.put(
        TopicConfig.CLEANUP_POLICY_CONFIG,
        watermark ? TopicConfig.CLEANUP_POLICY_COMPACT : TopicConfig.CLEANUP_POLICY_DELETE);
    // Replay needs every record until the migration is completed.
    config.put(TopicConfig.RETENTION_MS_CONFIG, "-1");
    config.put(TopicConfig.RETENTION_BYTES_CONFIG, "-1");
    config.put(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(KafkaSettings.MAX_RECORD));
    return new NewTopic(topic, watermark ? 1 : partitions, (short) -1).configs(config);
  }

  private Map<String, TopicDescription> describe() throws ExecutionException, InterruptedException {
    for (int attempt = 0; ; attempt++) {
      try {
        return admin.describeTopics(topics.all()).allTopicNames().get();
      } catch (ExecutionException e) {
        // A topic that was just made is not known to every broker at once.
        if (attempt == 20) {
          throw e;
        }
        Thread.sleep(250);
      }
    }
  }

  private void check(Map<String, TopicDescription> described, int partitions) {
    for (String topic : List.of(topics.changes(), topics.canonical())) {
      int found = described.get(topic).partitions().size();
      if (found != partitions) {
        throw SystemFault.permanent(
            "topic " + topic + " has " + found + " partitions, was made with " + partitions,
            "partitions cannot be added while sessions are under way: start over with an empty"
                + " target and a new name");
      }
    }
  }

  private void checkEmpty(Map<String, TopicDescription> described)
      throws ExecutionException, InterruptedException {
    Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
    described.forEach(
        (name, topic) ->
            topic
                .partitions()
                .forEach(
                    p -> ends.put(new TopicPartition(name, p.partition()), OffsetSpec.latest())));
    Map<TopicPartition, ListOffsetsResult.ListOffsetsResultInfo> offsets =
        admin.listOffsets(ends).all().get();
    for (Map.Entry<TopicPartition, ListOffsetsResult.ListOffsetsResultInfo> end :
        offsets.entrySet()) {
      if (end.getValue().offset() > 0) {
        throw SystemFault.permanent(
            "topic "
                + end.getKey().topic()
                + " is not empty, but migration '"
                + topics.migration()
                + "' has not run yet: it belongs to another one of that name",
            "choose another name in migration.yaml, or delete the topics segue."
                + topics.migration()
                + ".*");
      }
    }
  }

  /**
   * Deletes the topics and the groups that read them, as far as they are there.
   *
   * @param canonicalId of the canonical topic that is meant; topics of the same names that belong
   *     to somebody else stay
   */
  public void delete(String canonicalId) {
    try {
      Set<String> existing = admin.listTopics().names().get();
      if (existing.contains(topics.canonical()) && !canonicalId.equals(canonicalId())) {
        return;
      }
      admin.deleteTopics(topics.all().stream().filter(existing::contains).toList()).all().get();
      for (String group : List.of(topics.topologyGroup(), topics.sinkGroup())) {
        try {
          // A member that has a name of its own is not forgotten when its process ends.
          admin
              .removeMembersFromConsumerGroup(group, new RemoveMembersFromConsumerGroupOptions())
              .all()
              .get();
          admin.deleteConsumerGroups(List.of(group)).all().get();
        } catch (ExecutionException e) {
          if (!isMissing(e.getCause())) {
            throw e;
          }
        }
      }
    } catch (ExecutionException e) {
      throw KafkaFaults.translate(e, "deleting topics on Kafka at " + settings.bootstrap());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw SystemFault.passing("interrupted", e);
    }
  }

  private String canonicalId() throws ExecutionException, InterruptedException {
    return admin
        .describeTopics(List.of(topics.canonical()))
        .allTopicNames()
        .get()
        .get(topics.canonical())
        .topicId()
        .toString();
  }

  private static boolean isMissing(Throwable e) {
    return e instanceof GroupIdNotFoundException
        || (e.getCause() != null && isMissing(e.getCause()));
  }

  @Override
  public void close() {
    admin.close(java.time.Duration.ofSeconds(2));
  }
}
