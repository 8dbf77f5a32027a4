package dev.segue.cli;

/** The job ran and its outcome is bad. */
final class JobFailedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  JobFailedException(String message) {
    super(message);
  }
}
