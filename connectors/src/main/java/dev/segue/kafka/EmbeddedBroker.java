package dev.segue.kafka;

import dev.segue.spi.SystemFault;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One Kafka broker, its own controller, inside this process, with its data in a directory. What it
 * acknowledged survives the process being killed; it has no second copy against a lost disk.
 */
public final class EmbeddedBroker implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedBroker.class);

  private final KafkaRaftServer server;
  private final String bootstrap;

  private EmbeddedBroker(KafkaRaftServer server, String bootstrap) {
    this.server = server;
    this.bootstrap = bootstrap;
  }

  /** Starts a broker on its directory, which is formatted if it is new. */
  public static EmbeddedBroker start(Path directory) {
    int[] ports = freePorts();
    String bootstrap = "127.0.0.1:" + ports[0];
    try {
      Files.createDirectories(directory);
      Properties properties = properties(directory, ports);
      if (!Files.exists(directory.resolve("meta.properties"))) {
        format(directory);
      }
      KafkaRaftServer server =
          new KafkaRaftServer(KafkaConfig.fromProps(properties, false), Time.SYSTEM);
      server.startup();
      LOG.atInfo().addKeyValue("bootstrap", bootstrap).log("embedded broker started");
      return new EmbeddedBroker(server, bootstrap);
    } catch (IOException e) {
      throw new SystemFault(
          SystemFault.Nature.PERMANENT,
          "the embedded broker's directory " + directory + " cannot be used: " + e.getMessage(),
          "make room or set data-dir in migration.yaml to a writable directory",
          e);
    }
  }

  private static void format(Path directory) throws IOException {
    try {
      new Formatter()
          .setNodeId(1)
          .setClusterId(Uuid.randomUuid().toString())
          .addDirectory(directory.toString())
          .setControllerListenerName("CONTROLLER")
          .setMetadataLogDirectory(directory.toString())
          .setPrintStream(new PrintStream(java.io.OutputStream.nullOutputStream(), false, "UTF-8"))
          .run();
    } catch (IOException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException("formatting failed: " + e.getMessage(), e);
    }
  }

  private static Properties properties(Path directory, int[] ports) {
    Properties p = new Properties();
    p.setProperty("process.roles", "broker,controller");
    p.setProperty("node.id", "1");
    p.setProperty("controller.quorum.voters", "1@127.0.0.1:" + ports[1]);
    p.setProperty(
        "listeners", "PLAINTEXT://127.0.0.1:" + ports[0] + ",CONTROLLER://127.0.0.1:" + ports[1]);
    p.setProperty("advertised.listeners", "PLAINTEXT://127.0.0.1:" + ports[0]);
    p.setProperty("controller.listener.names", "CONTROLLER");
    p.setProperty("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
    p.setProperty("log.dirs", directory.toString());
    p.setProperty("auto.create.topics.enable", "false");
    p.setProperty("default.replication.factor", "1");
    p.setProperty("offsets.topic.replication.factor", "1");
    p.setProperty("offsets.topic.num.partitions", "2");
    p.setProperty("offsets.retention.minutes", Integer.toString(365 * 24 * 60));
    p.setProperty("transaction.state.log.replication.factor", "1");
    p.setProperty("transaction.state.log.min.isr", "1");
    p.setProperty("transaction.state.log.num.partitions", "2");
    p.setProperty("transaction.abort.timed.out.transaction.cleanup.interval.ms", "1000");
    p.setProperty("share.coordinator.state.topic.replication.factor", "1");
    p.setProperty("share.coordinator.state.topic.min.isr", "1");
    p.setProperty("share.coordinator.state.topic.num.partitions", "1");
    p.setProperty("group.initial.rebalance.delay.ms", "0");
    p.setProperty("message.max.bytes", Integer.toString(KafkaSettings.MAX_RECORD));
    p.setProperty("replica.fetch.max.bytes", Integer.toString(KafkaSettings.MAX_RECORD));
    p.setProperty("socket.request.max.bytes", Integer.toString(KafkaSettings.MAX_RECORD * 2));
    p.setProperty("log.segment.bytes", Integer.toString(256 << 20));
    p.setProperty("log.cleaner.dedupe.buffer.size", Integer.toString(4 << 20));
    p.setProperty("num.network.threads", "2");
    p.setProperty("num.io.threads", "3");
    p.setProperty("num.recovery.threads.per.data.dir", "1");
    p.setProperty("queued.max.requests", "64");
    p.setProperty("controlled.shutdown.enable", "false");
    p.setProperty("initial.broker.registration.timeout.ms", "60000");
    return p;
  }

  private static int[] freePorts() {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    try (ServerSocket first = new ServerSocket(0, 1, loopback);
        ServerSocket second = new ServerSocket(0, 1, loopback)) {
      return new int[] {first.getLocalPort(), second.getLocalPort()};
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where clients find it. */
  public String bootstrap() {
    return bootstrap;
  }

  @Override
  public void close() {
    server.shutdown();
    server.awaitShutdown();
    LOG.atInfo().log("embedded broker stopped");
  }
}
