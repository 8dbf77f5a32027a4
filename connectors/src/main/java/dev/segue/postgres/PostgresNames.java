package dev.segue.postgres;

import java.util.Objects;

/**
 * What the objects in PostgreSQL of one direction of a migration are called.
 *
 * @param migration the migration's name for the way there; with {@link #BACK} for the way back
 */
record PostgresNames(String migration) {
  /** What names the way back. */
  static final String BACK = "--back";

  PostgresNames {
    Objects.requireNonNull(migration, "migration");
  }

  /** The migration that a direction belongs to. */
  static String whole(String direction) {
    return direction.endsWith(BACK)
        ? direction.substring(0, direction.length() - BACK.length())
        : direction;
  }

  /** The migration, whatever the direction. */
  String whole() {
    return whole(migration);
  }

  boolean isBack() {
    return migration.endsWith(BACK);
  }

  /** The names of the other direction. */
  PostgresNames opposite() {
    return new PostgresNames(isBack() ? whole() : migration + BACK);
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

  String origin(int number) {
    return identifier() + "_" + number;
  }

  /** The trigger that refuses writers; named to fire behind those that might alter the row. */
  String fence() {
    return "zz_segue_" + whole().replace('-', '_');
  }

  /** The function behind the trigger of one table. */
  String fenceFunction(int table) {
    return "fence_" + whole().replace('-', '_') + "_" + table;
  }

  /** How our sessions are named in the server's own views. */
  static String application(String migration) {
    return "segue " + migration;
  }
}
