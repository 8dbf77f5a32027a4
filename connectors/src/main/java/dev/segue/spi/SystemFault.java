package dev.segue.spi;

import java.util.Objects;

/**
 * A system failed or refused. The message says what happened to which thing; the remedy is the next
 * command or SQL to run.
 */
public final class SystemFault extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final Nature nature;
  private final String remedy;

  /** What is to be done about a fault. */
  public enum Nature {
    /** It passes: try again. */
    TRANSIENT,
    /** It stays until a person does something. */
    PERMANENT,
    /** The data are at fault, not the system: the one row has to be singled out. */
    DATA,
    /** Somebody newer has taken over: stop without touching anything. */
    FENCED
  }

  public SystemFault(Nature nature, String message, String remedy, Throwable cause) {
    super(message, cause);
    this.nature = Objects.requireNonNull(nature, "nature");
    this.remedy = Objects.requireNonNull(remedy, "remedy");
  }

  public static SystemFault permanent(String message, String remedy) {
    return new SystemFault(Nature.PERMANENT, message, remedy, null);
  }

  public static SystemFault fenced(String message) {
    return new SystemFault(
        Nature.FENCED, message, "nothing: the process that took over goes on", null);
  }

  public static SystemFault passing(String message, Throwable cause) {
    return new SystemFault(Nature.TRANSIENT, message, "", cause);
  }

  public Nature nature() {
    return nature;
  }

  public String remedy() {
    return remedy;
  }
}
