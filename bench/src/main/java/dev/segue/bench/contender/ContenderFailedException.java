package dev.segue.bench.contender;

/** A contender gave up, or did not do what it was started for. The message says who and why. */
public final class ContenderFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ContenderFailedException(String message) {
    super(message);
  }
}
