package dev.segue.bench.contender;

import dev.segue.bench.server.Child;
import dev.segue.bench.server.Database;
import dev.segue.bench.server.Site;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;

/**
 * Debezium's source for PostgreSQL and its JDBC sink on Kafka Connect, one worker, tuned as their
 * documents advise. The broker is a process of its own and runs already when it is started.
 */
public final class ConnectJdbc implements Follower {
  private static final short ONE_COPY = 1;
  private static final int PARTITIONS = 4;

  private final Site site;
  private final Path peers;
  private final AtomicInteger names = new AtomicInteger();

  /**
   * With what {@code mvn -Pbench-peers} has brought.
   *
   * @param peers the directory of {@code connect} and {@code plugins}
   */
  public ConnectJdbc(Site site, Path peers) {
    this.site = site;
    this.peers = peers;
  }

  @Override
  public String name() {
    return "Connect + JDBC sink";
  }

  @Override
  public Optional<String> absence() {
    return Files.isDirectory(peers.resolve("plugins").resolve("debezium-connector-jdbc"))
        ? Optional.empty()
        : Optional.of(
            "its files are not there; bring them with: mvn -q -Dquick -Pbench-peers -pl bench/peers"
                + " package");
  }

  @Override
  public Worker prepare(Database source, Database target) throws Exception {
    String name = "bench_connect_" + names.incrementAndGet();
    try (AutoCloseable history = new BareCopy().copy(source, target)) {
      source.execute(
          "CREATE PUBLICATION " + name + " FOR TABLE sessions, messages",
          "SELECT pg_create_logical_replication_slot('" + name + "', 'pgoutput')");
    }
    Child broker = site.start("broker", BrokerProcess.builder(site.directory("broker")));
    try {
      String bootstrap = BrokerProcess.await(broker);
      List<String> topics = List.of(name + ".public.sessions", name + ".public.messages");
      try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
        admin
            .createTopics(
                topics.stream().map(topic -> new NewTopic(topic, PARTITIONS, ONE_COPY)).toList())
            .all()
            .get();
      }
      ConnectFiles files = new ConnectFiles(peers.resolve("plugins"), bootstrap, name);
      return new Worker(broker, files.write(site.directory("connect"), source, target, topics));
    } catch (Exception e) {
      broker.close();
      throw e;
    }
  }

  /** A standalone worker with both connectors. */
  final class Worker implements Following {
    private final Child broker;
    private final List<Path> files;
    private Child process;

    private Worker(Child broker, List<Path> files) {
      this.broker = broker;
      this.files = files;
    }

    @Override
    public void start() throws IOException {
      List<String> command =
          new ArrayList<>(
              List.of(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  // What Kafka's own start script gives a worker.
                  "-Xms256m",
                  "-Xmx2g",
                  "-XX:+UseG1GC",
                  "-XX:MaxGCPauseMillis=20",
                  "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                  "-cp",
                  peers.resolve("connect") + "/*",
                  "org.apache.kafka.connect.cli.ConnectStandalone"));
      files.forEach(file -> command.add(file.toString()));
      process = site.start("connect", new ProcessBuilder(command));
    }

    @Override
    public void check() {
      if (!process.isAlive() || process.printed().contains("unrecoverable exception")) {
        throw new ContenderFailedException("Kafka Connect gave up:\n" + process.lastWords());
      }
    }

    @Override
    public long peakResidentBytes() {
      return process.peakResidentBytes() + broker.peakResidentBytes();
    }

    @Override
    public void close() throws Exception {
      if (process != null) {
        process.close();
      }
      broker.close();
      Patience.await("Kafka to end", Duration.ofMillis(50), () -> !broker.isAlive());
    }
  }
}
