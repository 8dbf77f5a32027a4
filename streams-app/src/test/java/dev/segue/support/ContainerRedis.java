package dev.segue.support;

import java.io.IOException;
import java.net.ServerSocket;
import java.util.List;
import java.util.stream.Stream;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;

/** The official image, on a port that stays when the container is started again. */
final class ContainerRedis implements RedisServer {
  private final GenericContainer<?> container;
  private final int port;

  ContainerRedis(List<String> settings) throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    container =
        new GenericContainer<>("redis:7")
            .withCommand(
                Stream.concat(Stream.of("redis-server", "--save", ""), settings.stream())
                    .toArray(String[]::new));
    container.setPortBindings(List.of(port + ":6379"));
    container.addExposedPort(6379);
    container.setWaitStrategy(Wait.forListeningPort());
    container.start();
  }

  @Override
  public int port() {
    return port;
  }

  @Override
  public void kill() throws Exception {
    DockerClientFactory.lazyClient().killContainerCmd(container.getContainerId()).exec();
    DockerClientFactory.lazyClient().startContainerCmd(container.getContainerId()).exec();
    for (int i = 0; i < 200; i++) {
      try (var connection = connect()) {
        connection.sync().ping();
        return;
      } catch (io.lettuce.core.RedisException e) {
        Thread.sleep(100);
      }
    }
    throw new IllegalStateException("Redis did not come back");
  }

  @Override
  public void close() {
    container.stop();
  }
}
