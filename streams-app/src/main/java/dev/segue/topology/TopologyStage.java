package dev.segue.topology;

import dev.segue.kafka.KafkaFaults;
import dev.segue.kafka.KafkaSettings;
import dev.segue.kafka.Topics;
import dev.segue.spi.ChangeTranslator;
import dev.segue.supervision.Stage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;

/** Runs the topology with exactly-once processing. */
public final class TopologyStage implements Stage {
  private final KafkaSettings kafka;
  private final Topics topics;
  private final ChangeTranslator translator;
  private final Path stateDirectory;
  private volatile CountDownLatch ended = new CountDownLatch(1);
  private volatile boolean stopped;

  public TopologyStage(
      KafkaSettings kafka, Topics topics, ChangeTranslator translator, Path stateDirectory) {
    this.kafka = kafka;
    this.topics = topics;
    this.translator = translator;
    this.stateDirectory = stateDirectory;
  }

  @Override
  public String name() {
    return "topology";
  }

  @Override
  public void run() throws InterruptedException {
    ended = new CountDownLatch(1);
    fencePredecessor();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    CountDownLatch end = ended;
    try (KafkaStreams streams =
        new KafkaStreams(CanonicalTopology.build(topics, translator), properties())) {
      streams.setUncaughtExceptionHandler(
          error -> {
            failure.set(error);
            end.countDown();
            return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
          });
      if (!stopped) {
        streams.start();
        end.await();
      }
      streams.close(
          CloseOptions.timeout(Duration.ofSeconds(10))
              .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.REMAIN_IN_GROUP));
    }
    if (failure.get() != null) {
      throw KafkaFaults.translate(failure.get(), "the topology");
    }
  }

  /**
   * Aborts what a killed process left open. Its transactions are named after that process, so no
   * new one would fence them, and readers would wait for their time-out.
   */
  private void fencePredecessor() throws InterruptedException {
    try (Admin admin = Admin.create(kafka.common())) {
      List<String> open =
          admin.listTransactions().all().get().stream()
              .filter(transaction -> transaction.state() == TransactionState.ONGOING)
              .map(TransactionListing::transactionalId)
              .filter(id -> id.startsWith(topics.topologyGroup() + "-"))
              .toList();
      if (!open.isEmpty()) {
        admin.fenceProducers(open).all().get();
      }
    } catch (ExecutionException e) {
      throw KafkaFaults.translate(e, "fencing the topology's predecessor");
    }
  }

  private Properties properties() {
    Properties p = new Properties();
    p.putAll(kafka.common());
    p.put(StreamsConfig.APPLICATION_ID_CONFIG, topics.topologyGroup());
    p.put(StreamsConfig.STATE_DIR_CONFIG, stateDirectory.toString());
    p.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    // What is fresh is committed earlier, see CanonicalTopology.
    p.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 300);
    p.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1);
    // A task has one partition, so there is nothing to wait for and to compare.
    p.put(StreamsConfig.MAX_TASK_IDLE_MS_CONFIG, StreamsConfig.MAX_TASK_IDLE_MS_DISABLED);
    p.put("processing.exception.handler.global.enabled", true);
    p.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 0);
    p.put(StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG, 1000);
    KafkaSettings.producerLimits()
        .forEach((name, value) -> p.put(StreamsConfig.producerPrefix(name), value));
    KafkaSettings.consumerLimits()
        .forEach((name, value) -> p.put(StreamsConfig.mainConsumerPrefix(name), value));
    // A known name lets a restarted process take its partitions back without a wait.
    p.put(
        StreamsConfig.mainConsumerPrefix(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG),
        topics.topologyGroup());
    p.put(StreamsConfig.mainConsumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG), 10_000);
    p.put(StreamsConfig.mainConsumerPrefix(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG), 3_000);
    return p;
  }

  @Override
  public void stop() {
    stopped = true;
    ended.countDown();
  }
}
