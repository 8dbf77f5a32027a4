package dev.segue.migration;

import dev.segue.config.MigrationConfig;
import dev.segue.kafka.EmbeddedBroker;
import dev.segue.kafka.KafkaSettings;
import dev.segue.kafka.TopicAdmin;
import dev.segue.kafka.Topics;
import dev.segue.spi.Ledger;
import dev.segue.spi.SystemFault;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;

/**
 * The Kafka of a migration, one that is there or one inside this process, with the migration's
 * topics. It is made ready in a thread of its own: history can be copied meanwhile.
 */
final class MigrationKafka implements AutoCloseable {
  private final MigrationConfig config;
  private final Consumer<SystemFault> lastWords;
  private final FutureTask<KafkaSettings> ready;
  private volatile EmbeddedBroker broker;

  /**
   * Begins.
   *
   * @param migration what the ledger knew of it before
   * @param lastWords is told why, when the embedded broker ends this process
   */
  MigrationKafka(
      MigrationConfig config,
      Ledger ledger,
      Ledger.Migration migration,
      Consumer<SystemFault> lastWords) {
    this.config = config;
    this.lastWords = lastWords;
    this.ready = new FutureTask<>(() -> makeReady(ledger, migration));
    new Thread(ready, "segue-kafka").start();
  }

  private KafkaSettings makeReady(Ledger ledger, Ledger.Migration migration) {
    KafkaSettings kafka = new KafkaSettings(bootstrap(), config.kafka().properties());
    try (TopicAdmin admin = new TopicAdmin(kafka, new Topics(config.name()))) {
      ledger.bindTopic(admin.ensure(config.kafka().partitions(), migration.topic().isEmpty()));
    }
    return kafka;
  }

  private String bootstrap() {
    return config
        .kafka()
        .bootstrap()
        .orElseGet(
            () -> {
              broker = EmbeddedBroker.start(config.dataDir().resolve("kafka"), lastWords);
              return broker.bootstrap();
            });
  }

  /**
   * How it is reached, once it is ready.
   *
   * @throws SystemFault if it cannot be had
   */
  KafkaSettings settings() {
    try {
      return ready.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw SystemFault.passing("interrupted", e);
    }
  }

  @Override
  public void close() {
    try {
      settings();
    } catch (RuntimeException e) {
      // Whoever needed it was told. A broker that did start is ended all the same.
    }
    if (broker != null) {
      broker.close();
    }
  }
}
