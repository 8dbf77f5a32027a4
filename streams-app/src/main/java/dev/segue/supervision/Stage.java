package dev.segue.supervision;

/** A part of the pipeline that runs until it is told to stop, or fails. */
public interface Stage {
  /** How status and logs name it. */
  String name();

  /**
   * Runs; called again after a passing fault. Returns when the work is done or {@link #stop} was
   * called.
   */
  void run() throws InterruptedException;

  /** Asks {@link #run} to return soon, with whatever it has in hand brought to an end. */
  void stop();
}
