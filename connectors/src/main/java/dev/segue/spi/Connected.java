package dev.segue.spi;

/**
 * Connections to a system that stay open from one piece of work to the next, until this is closed.
 * For what writers wait for: a new connection takes longer than most of what is asked over it.
 */
public interface Connected extends AutoCloseable {
  @Override
  void close();
}
