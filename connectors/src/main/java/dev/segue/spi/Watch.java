package dev.segue.spi;

/**
 * Something of a system that is looked at again and again, over one session that is kept between
 * two looks. Used by one thread at a time.
 */
public interface Watch<T> extends AutoCloseable {
  /**
   * What is there now.
   *
   * @throws SystemFault if the system does not answer
   */
  T look();

  /** Lets go of the session; a later look opens another one. */
  @Override
  default void close() {
    // Where no session is kept there is nothing to let go of.
  }
}
