package dev.segue.spi;

/**
 * How late changes are, though the source's clock may not be ours. Marks tell how far it is ahead.
 */
public final class SourceClock {
  private long aheadMillis;

  /**
   * Looks at a mark.
   *
   * @param committedAt when it was committed, by the source's clock, milliseconds since 1970
   * @param sentAt when it was sent, by ours
   */
  public void mark(long committedAt, long sentAt) {
    aheadMillis = committedAt - sentAt;
  }

  /**
   * How late a change is, in milliseconds.
   *
   * @param committedAt by the source's clock, milliseconds since 1970
   * @param now by ours
   */
  public long lateness(long committedAt, long now) {
    return now + aheadMillis - committedAt;
  }
}
