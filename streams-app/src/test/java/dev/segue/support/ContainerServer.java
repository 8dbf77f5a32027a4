package dev.segue.support;

import java.io.IOException;
import java.net.ServerSocket;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.postgresql.PostgreSQLContainer;

/** The official image, on a port that stays when the container is started again. */
final class ContainerServer implements PostgresServer {
  private final PostgreSQLContainer container;
  private final int port;

  ContainerServer() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    container =
        new PostgreSQLContainer("postgres:18")
            .withUsername("postgres")
            .withPassword("postgres")
            .withDatabaseName("postgres")
            .withCommand(
                "postgres",
                "-c",
                "wal_level=logical",
                "-c",
                "fsync=off",
                "-c",
                "max_replication_slots=20",
                "-c",
                "max_wal_senders=20",
                "-c",
                "max_prepared_transactions=10");
    container.setPortBindings(java.util.List.of(port + ":5432"));
    container.setWaitStrategy(Wait.forListeningPort());
    container.start();
  }

  @Override
  public int port() {
    return port;
  }

  @Override
  public String password() {
    return "postgres";
  }

  @Override
  public void restart() throws Exception {
    DockerClientFactory.lazyClient()
        .restartContainerCmd(container.getContainerId())
        .withTimeout(20)
        .exec();
    awaitReady();
  }

  @Override
  public void kill() throws Exception {
    DockerClientFactory.lazyClient().killContainerCmd(container.getContainerId()).exec();
    DockerClientFactory.lazyClient().startContainerCmd(container.getContainerId()).exec();
    awaitReady();
  }

  private void awaitReady() throws InterruptedException {
    for (int i = 0; i < 300; i++) {
      try (java.sql.Connection connection = connect("postgres")) {
        if (connection.isValid(1)) {
          return;
        }
      } catch (java.sql.SQLException e) {
        Thread.sleep(100);
      }
    }
    throw new IllegalStateException("PostgreSQL did not come back");
  }

  @Override
  public void close() {
    container.stop();
  }
}
