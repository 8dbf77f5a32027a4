package dev.segue.kafka;

import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeException;
import dev.failsafe.RetryPolicy;
import dev.segue.spi.SystemFault;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.BrokerIdNotRegisteredException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.utils.Exit;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One Kafka broker and its controller inside this process, with their data in a directory. What was
 * acknowledged survives the process being killed; there is no second copy against a lost disk.
 *
 * <p>The controller starts first and is told that the broker it remembers is gone. Else a restarted
 * broker coordinates transactions by the old state for a moment, finds that its partitions have no
 * leader while it is being registered anew, takes them for deleted, and leaves transactions open
 * for ever (Kafka 4.3.1, TransactionMarkerChannelManager).
 */
public final class EmbeddedBroker implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedBroker.class);
  private static final int CONTROLLER_ID = 100;
  private static final int BROKER_ID = 1;

  /** The exit code of a command that cannot go on before a person did something. */
  private static final int HALTED = 3;

  private final KafkaRaftServer controller;
  private final KafkaRaftServer broker;
  private final String bootstrap;

  private EmbeddedBroker(KafkaRaftServer controller, KafkaRaftServer broker, String bootstrap) {
    this.controller = controller;
    this.broker = broker;
    this.bootstrap = bootstrap;
  }

  /**
   * Starts a broker on its directory, which is formatted if it is new.
   *
   * @param lastWords is told why, when the broker can write no more and ends this process
   */
  public static EmbeddedBroker start(Path directory, Consumer<SystemFault> lastWords) {
    Exit.setHaltProcedure((status, message) -> halt(directory, lastWords));
    int[] ports = freePorts();
    String bootstrap = "127.0.0.1:" + ports[0];
    try {
      Path controllerData = directory.resolve("controller");
      Path brokerData = directory.resolve("broker");
      Files.createDirectories(controllerData);
      Files.createDirectories(brokerData);
      boolean fresh = !Files.exists(brokerData.resolve("meta.properties"));
      if (fresh) {
        String cluster = Uuid.randomUuid().toString();
        format(controllerData, CONTROLLER_ID, cluster);
        format(brokerData, BROKER_ID, cluster);
      }
      KafkaRaftServer controller = server(controllerProperties(controllerData, ports));
      controller.startup();
      if (!fresh) {
        forgetBroker(ports[1]);
      }
      KafkaRaftServer broker = server(brokerProperties(brokerData, ports));
      broker.startup();
      LOG.atInfo().addKeyValue("bootstrap", bootstrap).log("embedded broker started");
      return new EmbeddedBroker(controller, broker, bootstrap);
    } catch (IOException e) {
      throw new SystemFault(
          SystemFault.Nature.PERMANENT,
          "the embedded broker's directory " + directory + " cannot be used: " + e.getMessage(),
          "make room or set data-dir in migration.yaml to a writable directory",
          e);
    }
  }

  /** Ends the process at once, as a kill would: the broker has given up its data's directory. */
  private static void halt(Path directory, Consumer<SystemFault> lastWords) {
    try {
      lastWords.accept(
          SystemFault.permanent(
              "the embedded broker cannot write to "
                  + directory
                  + " any more ("
                  + (directory.toFile().getUsableSpace() >> 20)
                  + " MB free), so this process ends",
              "make room there, then give the same command again; what was captured is kept"));
    } finally {
      Runtime.getRuntime().halt(HALTED);
    }
  }

  private static KafkaRaftServer server(Properties properties) {
    return new KafkaRaftServer(KafkaConfig.fromProps(properties, false), Time.SYSTEM);
  }

  private static void forgetBroker(int controllerPort) {
    try {
      // A controller answers before it has read which version of metadata it has, and refuses then.
      Failsafe.with(
              RetryPolicy.builder()
                  .handleIf(e -> e.getCause() instanceof UnsupportedVersionException)
                  .withDelay(Duration.ofMillis(50))
                  .withMaxAttempts(-1)
                  .withMaxDuration(Duration.ofSeconds(20))
                  .build())
          .run(() -> unregister(controllerPort));
    } catch (FailsafeException e) {
      throw SystemFault.passing(
          "the embedded broker's controller failed: " + e.getCause().getMessage(), e.getCause());
    }
  }

  private static void unregister(int controllerPort) throws ExecutionException, TimeoutException {
    Map<String, Object> settings =
        Map.of("bootstrap.controllers", "127.0.0.1:" + controllerPort, "request.timeout.ms", 5000);
    // A client that was refused by this remembers it, so each attempt has one of its own.
    try (Admin admin = Admin.create(settings)) {
      admin.unregisterBroker(BROKER_ID).all().get(20, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof BrokerIdNotRegisteredException)) {
        throw e;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw SystemFault.passing("interrupted", e);
    }
  }

  private static void format(Path directory, int node, String cluster) throws IOException {
    try {
      new Formatter()
          .setNodeId(node)
          .setClusterId(cluster)
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
    p.setProperty("controller.quorum.voters", CONTROLLER_ID + "@127.0.0.1:" + ports[1]);
    p.setProperty("controller.listener.names", "CONTROLLER");
    p.setProperty("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
    p.setProperty("log.dirs", directory.toString());
    p.setProperty("share.coordinator.state.topic.replication.factor", "1");
    p.setProperty("share.coordinator.state.topic.min.isr", "1");
    p.setProperty("share.coordinator.state.topic.num.partitions", "1");
    // A pause of this process must not look like a broker that died.
    p.setProperty("broker.session.timeout.ms", "60000");
    p.setProperty("broker.heartbeat.interval.ms", "500");
    return p;
  }

  private static Properties controllerProperties(Path directory, int[] ports) {
    Properties p = properties(directory, ports);
    p.setProperty("process.roles", "controller");
    p.setProperty("node.id", Integer.toString(CONTROLLER_ID));
    p.setProperty("listeners", "CONTROLLER://127.0.0.1:" + ports[1]);
    p.setProperty("default.replication.factor", "1");
    return p;
  }

  private static Properties brokerProperties(Path directory, int[] ports) {
    Properties p = properties(directory, ports);
    p.setProperty("process.roles", "broker");
    p.setProperty("node.id", Integer.toString(BROKER_ID));
    p.setProperty("listeners", "PLAINTEXT://127.0.0.1:" + ports[0]);
    p.setProperty("advertised.listeners", "PLAINTEXT://127.0.0.1:" + ports[0]);
    p.setProperty("auto.create.topics.enable", "false");
    p.setProperty("default.replication.factor", "1");
    p.setProperty("offsets.topic.replication.factor", "1");
    p.setProperty("offsets.topic.num.partitions", "2");
    p.setProperty("offsets.retention.minutes", Integer.toString(365 * 24 * 60));
    p.setProperty("transaction.state.log.replication.factor", "1");
    p.setProperty("transaction.state.log.min.isr", "1");
    p.setProperty("transaction.state.log.num.partitions", "2");
    p.setProperty("transaction.abort.timed.out.transaction.cleanup.interval.ms", "1000");
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
    broker.shutdown();
    broker.awaitShutdown();
    controller.shutdown();
    controller.awaitShutdown();
    LOG.atInfo().log("embedded broker stopped");
  }
}
