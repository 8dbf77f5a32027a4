package dev.segue.support;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A way to a server that can be cut, or on which nothing moves. */
public final class Wire implements AutoCloseable {
  private final ServerSocket listener;
  private final int to;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private volatile boolean cut;
  private boolean held;

  /**
   * Listens on a free port of this machine.
   *
   * @param to the server's port
   */
  public Wire(int to) throws IOException {
    this.to = to;
    this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread thread = new Thread(this::listen, "wire");
    thread.setDaemon(true);
    thread.start();
  }

  public int port() {
    return listener.getLocalPort();
  }

  /** Breaks every connection, and refuses others until {@link #mend}. */
  public void cut() {
    cut = true;
    sockets.forEach(Wire::close);
  }

  public void mend() {
    cut = false;
  }

  /** Has what is sent wait on the way until {@link #release}, as where a server hangs. */
  public synchronized void hold() {
    held = true;
  }

  public synchronized void release() {
    held = false;
    notifyAll();
  }

  private synchronized void awaitRelease() throws IOException {
    try {
      while (held) {
        wait();
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  private void listen() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        sockets.add(client);
        if (cut) {
          close(client);
          continue;
        }
        Socket server = new Socket(InetAddress.getLoopbackAddress(), to);
        sockets.add(server);
        carry(client, server);
        carry(server, client);
      } catch (IOException e) {
        // The next client is another matter; a closed listener ends the loop.
      }
    }
  }

  private void carry(Socket from, Socket to) {
    Thread thread =
        new Thread(
            () -> {
              try (InputStream in = from.getInputStream();
                  OutputStream out = to.getOutputStream()) {
                byte[] buffer = new byte[1 << 16];
                for (int read = in.read(buffer); read >= 0 && !cut; read = in.read(buffer)) {
                  awaitRelease();
                  out.write(buffer, 0, read);
                }
              } catch (IOException e) {
                // Either end is gone.
              } finally {
                close(from);
                close(to);
                sockets.remove(from);
                sockets.remove(to);
              }
            },
            "wire");
    thread.setDaemon(true);
    thread.start();
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // It is being thrown away.
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    release();
    cut();
  }
}
