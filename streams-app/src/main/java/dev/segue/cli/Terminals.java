package dev.segue.cli;

/** Whether a person is looking. */
final class Terminals {
  private Terminals() {}

  /** What the launcher found out; Java itself cannot tell for each stream alone. */
  static boolean isTerminal() {
    return Boolean.getBoolean("segue.terminal");
  }
}
