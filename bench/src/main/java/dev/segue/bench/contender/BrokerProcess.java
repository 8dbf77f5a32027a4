package dev.segue.bench.contender;

import dev.segue.bench.server.Child;
import dev.segue.kafka.EmbeddedBroker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/** A Kafka broker in a process of its own, the same that Segue has inside. */
public final class BrokerProcess {
  private static final String READY = "broker at ";

  private BrokerProcess() {}

  static ProcessBuilder builder(Path directory) {
    return new ProcessBuilder(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx512m",
        "-XX:+UseParallelGC",
        "-cp",
        System.getProperty("java.class.path"),
        BrokerProcess.class.getName(),
        directory.toString());
  }

  /** Waits until it answers; tells where. */
  static String await(Child broker) throws Exception {
    Patience.await(
        "the broker",
        Duration.ofMillis(100),
        () -> {
          if (!broker.isAlive()) {
            throw new ContenderFailedException("the broker has ended:\n" + broker.lastWords());
          }
          return broker.printed().contains(READY);
        });
    return broker
        .printed()
        .lines()
        .filter(line -> line.startsWith(READY))
        .map(line -> line.substring(READY.length()))
        .findFirst()
        .orElseThrow();
  }

  /** Runs until it is killed; the only argument is the directory of its data. */
  public static void main(String[] args) throws InterruptedException {
    EmbeddedBroker broker = EmbeddedBroker.start(Path.of(args[0]), fault -> {});
    System.out.println(READY + broker.bootstrap());
    CountDownLatch never = new CountDownLatch(1);
    Runtime.getRuntime().addShutdownHook(new Thread(never::countDown));
    never.await();
    broker.close();
  }
}
