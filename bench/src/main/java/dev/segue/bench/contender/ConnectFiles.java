package dev.segue.bench.contender;

import dev.segue.bench.server.Database;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The property files of a standalone worker and its two connectors.
 *
 * @param name of slot, publication, topic prefix and consumer group
 */
record ConnectFiles(Path plugins, String bootstrap, String name) {
  /** Writes them, in the order in which the worker's command line takes them. */
  List<Path> write(Path directory, Database source, Database target, List<String> topics)
      throws IOException {
    return List.of(
        Files.writeString(directory.resolve("worker.properties"), worker(directory)),
        Files.writeString(directory.resolve("source.properties"), source(source)),
        Files.writeString(directory.resolve("sink.properties"), sink(target, topics)));
  }

  private String worker(Path directory) throws IOException {
    return """
        bootstrap.servers=%s
        key.converter=org.apache.kafka.connect.json.JsonConverter
        value.converter=org.apache.kafka.connect.json.JsonConverter
        offset.storage.file.filename=%s
        plugin.path=%s
        listeners=HTTP://127.0.0.1:%d
        """
        .formatted(bootstrap, directory.resolve("offsets"), plugins, freePort());
  }

  /** Larger batches and queues than the defaults, which are made for small transactions. */
  private String source(Database source) {
    return """
        name=%1$s-source
        connector.class=io.debezium.connector.postgresql.PostgresConnector
        tasks.max=1
        topic.prefix=%1$s
        plugin.name=pgoutput
        slot.name=%1$s
        publication.name=%1$s
        publication.autocreate.mode=disabled
        snapshot.mode=no_data
        database.hostname=%2$s
        database.port=%3$d
        database.user=%4$s
        database.password=
        database.dbname=%5$s
        table.include.list=public.sessions,public.messages
        max.batch.size=8192
        max.queue.size=32768
        poll.interval.ms=50
        producer.override.batch.size=262144
        producer.override.linger.ms=20
        producer.override.compression.type=lz4
        """
        .formatted(name, Database.HOST, source.port(), Database.USER, source.name());
  }

  /** UNNEST takes a key once in a statement, so changes of the same row are reduced to the last. */
  private String sink(Database target, List<String> topics) {
    return """
        name=%1$s-sink
        connector.class=io.debezium.connector.jdbc.JdbcSinkConnector
        tasks.max=2
        topics=%2$s
        connection.url=%3$s
        connection.username=%4$s
        connection.password=
        insert.mode=upsert
        delete.enabled=true
        primary.key.mode=record_key
        primary.key.fields=id
        schema.evolution=none
        collection.name.format=${source.table}
        batch.size=5000
        dialect.postgres.unnest.insert.enabled=true
        use.reduction.buffer=true
        consumer.override.max.poll.records=5000
        consumer.override.fetch.min.bytes=65536
        consumer.override.max.partition.fetch.bytes=8388608
        """
        .formatted(name, String.join(",", topics), target.jdbcUrl(), Database.USER);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
