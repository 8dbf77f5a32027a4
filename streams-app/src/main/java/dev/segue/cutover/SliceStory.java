package dev.segue.cutover;

import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** Tells the operator of one slice what it waits for, and what came of it. */
final class SliceStory {
  /** What lasts is told so often. */
  private static final long EVERY_NANOS = 10_000_000_000L;

  private final String slice;
  private final Consumer<String> lines;
  private final LongSupplier clock;
  private long told;

  /**
   * @param number of the slice, from 1
   * @param of how many there are
   * @param lines where it is told
   */
  SliceStory(int number, int of, Consumer<String> lines) {
    this(number, of, lines, System::nanoTime);
  }

  /**
   * @param clock in nanoseconds
   */
  SliceStory(int number, int of, Consumer<String> lines, LongSupplier clock) {
    this.slice = "Slice " + number + " of " + of + ": ";
    this.lines = lines;
    this.clock = clock;
    this.told = clock.getAsLong();
  }

  /** Tells what goes on, if nothing was told for a while. */
  void meanwhile(Supplier<String> what) {
    long now = clock.getAsLong();
    if (now - told >= EVERY_NANOS) {
      told = now;
      lines.accept(slice + what.get() + ".");
    }
  }

  /** Tells what came of it. */
  void end(MoveReport moved) {
    String what =
        String.format(
            Locale.ROOT,
            "%,d sessions%s",
            moved.sessions(),
            moved.slots() == 0
                ? ""
                : " in " + moved.slots() + " hash slot" + (moved.slots() == 1 ? "" : "s"));
    lines.accept(
        slice
            + what
            + (moved.isDone()
                ? String.format(
                    Locale.ROOT,
                    " belong to the %s; their writers were refused for %d ms, %d sessions compared"
                        + " meanwhile.",
                    moved.to(),
                    moved.pauseMs(),
                    moved.provenStill())
                : " stay where they are: " + moved.reason() + "."));
  }
}
