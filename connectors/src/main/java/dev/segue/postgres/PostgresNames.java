package dev.segue.postgres;

import java.util.Objects;

/** What a migration's objects in PostgreSQL are called. */
record PostgresNames(String migration) {
  PostgresNames {
    Objects.requireNonNull(migration, "migration");
  }

  private String identifier() {
    return "segue_" + migration.replace('-', '_');
  }

  String slot() {
    return identifier();
  }

  String publication() {
    return identifier();
  }

  String prefix() {
    return identifier();
  }

  /** The prefix of the messages that we write into the source's log. */
  String messagePrefix() {
    return "segue." + migration;
  }

  String origin(int worker) {
    return identifier() + "_" + worker;
  }

  /** How our sessions are named in the server's own views. */
  static String application(String migration) {
    return "segue " + migration;
  }
}
