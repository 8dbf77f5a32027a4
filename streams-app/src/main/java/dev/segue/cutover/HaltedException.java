package dev.segue.cutover;

/** Why a move cannot go on, for the operator. */
final class HaltedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  HaltedException(String reason) {
    super(reason);
  }
}
