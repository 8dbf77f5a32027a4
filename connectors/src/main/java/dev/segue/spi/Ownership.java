package dev.segue.spi;

import dev.segue.finding.Finding;
import dev.segue.ownership.Owner;
import dev.segue.ownership.Owners;
import dev.segue.ownership.Slice;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Who may write to one of the two systems. The system itself refuses everybody else; what the
 * pipeline applies gets through. All methods can be repeated.
 */
public interface Ownership {
  /** What {@link #install} is going to make. */
  List<Finding> check();

  boolean isInstalled();

  /**
   * Makes the system ask who owns a session before it accepts a write. The source owns all of them.
   *
   * @param progress is told what is being waited for
   * @param patience how long other transactions may keep it waiting
   */
  void install(Duration patience, Consumer<String> progress);

  /** Who owns what; all at the source if nothing is installed. */
  Owners read();

  /**
   * Refuses writes to a slice from now on, and writes a barrier into the log. Returns when every
   * transaction that wrote to one of these sessions has ended; the barrier lies behind them.
   *
   * @param nonce of the barrier; names this fence too
   * @param pause how long the fence holds unless it is sealed; then it lifts by itself
   * @param patience how long writers that are in the way are waited for
   * @param announce has those who ask where sessions are be told that the slice is changing hands;
   *     run once it is so, before writers are waited for that nothing but this tells
   * @return when the fence took hold, {@link System#nanoTime}
   * @throws SystemFault TRANSIENT, naming the writers in the way, if they did not end in time;
   *     nothing is refused then
   */
  long fence(Slice slice, String nonce, Duration pause, Duration patience, Runnable announce);

  /**
   * What {@link #fence} does, in words or statements.
   *
   * @param pause how long it holds
   */
  String fencing(String pause);

  /**
   * Makes a fence hold until it is lifted or given away.
   *
   * @return false if it has lifted by itself; writers may be at work again
   */
  boolean seal(String nonce);

  /** Ends a fence, as if it had never been. */
  void lift(String nonce);

  /**
   * Has writers of some sessions wait, in their own transactions, until it is let go. Returns when
   * every transaction that wrote to one of them has ended. Writers of other sessions of the same
   * slots wait too, so it is to be short.
   *
   * @param patience how long writers that are in the way are waited for
   * @throws SystemFault TRANSIENT, naming the writers in the way, if they did not end in time
   */
  Hold hold(Collection<String> sessions, Duration patience);

  /** Writers that wait; they go on when it is closed, or when this process ends. */
  interface Hold extends AutoCloseable {
    /** Whether they still wait. */
    boolean isHeld();

    @Override
    void close();
  }

  /** Writes down who owns a slice now, and ends the fence over it. */
  void give(Slice slice, Owner owner);

  /** Says where sessions of these slots may be read. */
  void reads(Set<Integer> slots, Owner where);

  /** Everything that is there of it, in the order to remove it. */
  List<Removal> removals();
}
