package dev.segue.finding;

import java.util.Objects;

/**
 * One thing that an inspection has to say.
 *
 * @param subject the thing, as its owner would name it, such as {@code source public.messages}
 * @param message what was expected and what was found
 * @param remedy the command or SQL to run next; empty where there is nothing to do
 */
public record Finding(Severity severity, String subject, String message, String remedy) {
  public Finding {
    Objects.requireNonNull(severity, "severity");
    Objects.requireNonNull(subject, "subject");
    Objects.requireNonNull(message, "message");
    Objects.requireNonNull(remedy, "remedy");
  }

  /** How much a finding matters. */
  public enum Severity {
    /** The migration cannot run. */
    ERROR,
    /** Something of the data would not arrive, or not as it was. */
    LOSSY,
    /** Something to know. */
    WARNING,
    /** A change that Segue is going to make. */
    CHANGE
  }

  public static Finding error(String subject, String message, String remedy) {
    return new Finding(Severity.ERROR, subject, message, remedy);
  }

  public static Finding lossy(String subject, String message) {
    return new Finding(Severity.LOSSY, subject, message, "");
  }

  public static Finding warning(String subject, String message, String remedy) {
    return new Finding(Severity.WARNING, subject, message, remedy);
  }

  public static Finding change(String subject, String message) {
    return new Finding(Severity.CHANGE, subject, message, "");
  }

  public boolean isError() {
    return severity == Severity.ERROR;
  }
}
