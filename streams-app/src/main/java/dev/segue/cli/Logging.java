package dev.segue.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.slf4j.LoggerFactory;

/** How much is logged to stderr. */
final class Logging {
  private Logging() {}

  /** Only what a person has to know: for commands whose output is the answer. */
  static void quiet() {
    ((Logger) LoggerFactory.getLogger("dev.segue")).setLevel(Level.WARN);
  }

  /** The story and everything behind it. */
  static void verbose() {
    ((Logger) LoggerFactory.getLogger("dev.segue")).setLevel(Level.DEBUG);
  }
}
