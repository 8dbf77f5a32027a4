package dev.segue.cutover;

import java.util.Locale;

/**
 * Where a slice is on its way. The methods are the only legal steps; what is decided can only go
 * on, what is not can be taken back.
 */
sealed interface MoveState {
  /** As the log of moves names it. */
  default String wireName() {
    return getClass().getSimpleName().toLowerCase(Locale.ROOT);
  }

  /** A state in which the move can be taken back as if it had never been. */
  sealed interface Undecided extends MoveState {
    default Aborting abort() {
      return new Aborting();
    }
  }

  /** It is written down that it is to be moved. */
  record Intended() implements Undecided {
    Surveyed surveyed() {
      return new Surveyed();
    }
  }

  /** Both sides were the same while they were written to. */
  record Surveyed() implements Undecided {
    Fenced fenced() {
      return new Fenced();
    }
  }

  /** Its writers are refused. */
  record Fenced() implements Undecided {
    Drained drained() {
      return new Drained();
    }
  }

  /** Everything that they wrote has arrived. */
  record Drained() implements Undecided {
    Proven proven() {
      return new Proven();
    }
  }

  /** Both sides are the same, and still. */
  record Proven() implements Undecided {
    Switched switched() {
      return new Switched();
    }
  }

  /** It is decided: the slice belongs to the other side, whatever happens. */
  record Switched() implements MoveState {
    Done done() {
      return new Done();
    }
  }

  /** Both sides know. */
  record Done() implements MoveState {}

  /** It is being taken back. */
  record Aborting() implements MoveState {
    Aborted aborted() {
      return new Aborted();
    }
  }

  /** It is as it was. */
  record Aborted() implements MoveState {}
}
