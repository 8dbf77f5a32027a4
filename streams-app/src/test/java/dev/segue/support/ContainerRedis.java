package dev.segue.support;

import java.io.IOException;
import java.net.ServerSocket;
import java.util.List;
import java.util.stream.Stream;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;

/** The official image, on a port of the host. */
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
                Stream.concat(
                        // Options alone: the image puts the server's name before them.
                        Stream.of(
                            "--protected-mode",
                            "no",
                            "--save",
                            "",
                            "--port",
                            Integer.toString(port)),
                        settings.stream())
                    .toArray(String[]::new));
    // So that one can be the replica of another by the address that clients use.
    container.setNetworkMode("host");
    container.setWaitStrategy(Wait.forLogMessage(".*Ready to accept connections.*", 1));
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
