package dev.segue.postgres;

import java.util.Properties;

/**
 * How Debezium is run. Its stored offsets lose rows when restarted inside a transaction (releases
 * before 3.7), so it never gets to see any: each start has an empty store and goes on from the
 * slot, which is confirmed only after the topic has the events.
 */
final class DebeziumSettings {
  /** The largest batch. */
  static final int BATCH = 4096;

  private DebeziumSettings() {}

  /**
   * The engine's properties.
   *
   * @param tables to follow, regular expressions
   * @param without columns that are left out, regular expressions; may be empty
   * @param placeholder what stands for a value that the log left out
   */
  static Properties of(
      PostgresAddress address,
      PostgresNames names,
      String tables,
      String without,
      String placeholder) {
    Properties p = new Properties();
    p.setProperty("name", names.prefix());
    p.setProperty("connector.class", "io.debezium.connector.postgresql.PostgresConnector");
    p.setProperty("offset.storage", "org.apache.kafka.connect.storage.MemoryOffsetBackingStore");
    p.setProperty("offset.flush.interval.ms", "0");
    p.setProperty("snapshot.mode", "no_data");
    p.setProperty("errors.max.retries", "0");

    p.setProperty("database.hostname", address.host());
    p.setProperty("database.port", Integer.toString(address.port()));
    p.setProperty("database.user", address.user());
    p.setProperty("database.password", address.password().reveal());
    p.setProperty("database.dbname", address.database());
    p.setProperty("database.tcpKeepAlive", "true");
    address.parameters().forEach((name, value) -> p.setProperty("database." + name, value));
    p.setProperty("topic.prefix", names.prefix());
    p.setProperty("plugin.name", "pgoutput");
    p.setProperty("slot.name", names.slot());
    p.setProperty("slot.drop.on.stop", "false");
    p.setProperty("slot.max.retries", "2");
    p.setProperty("slot.retry.delay.ms", "1000");
    p.setProperty("publication.name", names.publication());
    p.setProperty("publication.autocreate.mode", "disabled");
    p.setProperty("table.include.list", tables);
    if (!without.isEmpty()) {
      p.setProperty("column.exclude.list", without);
    }
    p.setProperty("message.prefix.include.list", names.messagePrefix().replace(".", "\\."));

    p.setProperty("skipped.operations", "none");
    p.setProperty("tombstones.on.delete", "false");
    p.setProperty("decimal.handling.mode", "string");
    p.setProperty("time.precision.mode", "microseconds");
    p.setProperty("converters", "instants");
    p.setProperty("instants.type", InstantConverter.class.getName());
    p.setProperty("interval.handling.mode", "string");
    p.setProperty("binary.handling.mode", "base64");
    p.setProperty("hstore.handling.mode", "json");
    p.setProperty("unavailable.value.placeholder", placeholder);
    p.setProperty("extended.headers.enabled", "false");
    p.setProperty("event.processing.failure.handling.mode", "fail");

    p.setProperty("poll.interval.ms", "20");
    p.setProperty("max.batch.size", Integer.toString(BATCH));
    // Has to be larger than a batch. Each collection copies what waits here.
    p.setProperty("max.queue.size", Integer.toString(BATCH + 100));
    // A transaction of any size passes through a queue of this many bytes.
    p.setProperty("max.queue.size.in.bytes", Long.toString(32L << 20));
    p.setProperty("record.processing.threads", "1");
    p.setProperty("status.update.interval.ms", "5000");
    p.setProperty("task.management.timeout.ms", "120000");
    p.setProperty("executor.shutdown.timeout.ms", "4000");
    p.setProperty("record.processing.shutdown.timeout.ms", "10000");
    return p;
  }
}
