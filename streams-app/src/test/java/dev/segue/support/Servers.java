package dev.segue.support;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.segue.demo.EmbeddedServers;
import dev.segue.kafka.EmbeddedBroker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.testcontainers.kafka.KafkaContainer;

/**
 * The servers that integration tests share: embedded ones, or containers with {@code -Pcontainers}.
 * They end with the test process.
 */
public final class Servers {
  private static final boolean CONTAINERS =
      System.getProperty("segue.servers", "embedded").equals("containers");

  private static PostgresServer source;
  private static PostgresServer target;
  private static String kafka;

  private Servers() {}

  public static synchronized PostgresServer source() {
    if (source == null) {
      source = start();
    }
    return source;
  }

  public static synchronized PostgresServer target() {
    if (target == null) {
      target = start();
    }
    return target;
  }

  /** Old engines refuse a client that asks for a newer API than theirs, so it asks for theirs. */
  private static void speakTheEnginesVersion() throws IOException {
    if (System.getProperty("api.version") != null) {
      return;
    }
    Process docker =
        new ProcessBuilder("docker", "version", "--format", "{{.Server.APIVersion}}").start();
    String version = new String(docker.getInputStream().readAllBytes(), UTF_8).strip();
    if (version.matches("\\d+\\.\\d+")) {
      System.setProperty("api.version", version);
    }
  }

  private static PostgresServer start() {
    try {
      if (CONTAINERS) {
        speakTheEnginesVersion();
      }
      PostgresServer server = CONTAINERS ? new ContainerServer() : new BinaryServer();
      Runtime.getRuntime().addShutdownHook(new Thread(server::close));
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A Redis of the test's own, with these settings. */
  public static RedisServer redis(String... settings) throws Exception {
    if (!CONTAINERS) {
      return new BinaryRedis(List.of(settings));
    }
    speakTheEnginesVersion();
    return new ContainerRedis(List.of(settings));
  }

  /** A broker that lives on when a pipeline is killed. */
  public static synchronized String kafka() {
    if (kafka == null) {
      kafka = CONTAINERS ? container() : embedded();
    }
    return kafka;
  }

  private static String container() {
    try {
      speakTheEnginesVersion();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    KafkaContainer container = new KafkaContainer("apache/kafka:4.3.1");
    container.start();
    Runtime.getRuntime().addShutdownHook(new Thread(container::stop));
    return container.getBootstrapServers();
  }

  private static String embedded() {
    try {
      Path directory = Files.createTempDirectory("segue-it-kafka-");
      EmbeddedBroker broker =
          EmbeddedBroker.start(directory, fault -> System.err.println(fault.getMessage()));
      Runtime.getRuntime()
          .addShutdownHook(
              new Thread(
                  () -> {
                    broker.close();
                    EmbeddedServers.delete(directory);
                  }));
      return broker.bootstrap();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
