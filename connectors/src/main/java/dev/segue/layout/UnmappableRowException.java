package dev.segue.layout;

/**
 * A row, or an entity, that cannot be translated; the message says which column or field and why.
 */
public final class UnmappableRowException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public UnmappableRowException(String message) {
    super(message);
  }

  static UnmappableRowException needsWholeRow(String what) {
    return new UnmappableRowException(
        what
            + " depends on a large value that the log left out because the UPDATE did not change"
            + " it; set REPLICA IDENTITY FULL on the source table and retry the session");
  }
}
