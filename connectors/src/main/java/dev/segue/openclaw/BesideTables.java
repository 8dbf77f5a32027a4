package dev.segue.openclaw;

import java.util.List;

/** What a migration keeps beside a store, as tables of SQLite. */
final class BesideTables {
  static final List<String> ALL =
      List.of(
          "CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT)",
          // 'shown' follows 'state' once the files say the same.
          "CREATE TABLE IF NOT EXISTS applied (part INTEGER PRIMARY KEY, state TEXT NOT NULL,"
              + " shown TEXT NOT NULL)",
          "CREATE TABLE IF NOT EXISTS chunks (id INTEGER PRIMARY KEY, source TEXT NOT NULL,"
              + " part TEXT NOT NULL, first INTEGER NOT NULL, behind INTEGER NOT NULL,"
              + " bytes INTEGER NOT NULL, done INTEGER NOT NULL DEFAULT 0,"
              + " rows INTEGER NOT NULL DEFAULT 0)",
          "CREATE TABLE IF NOT EXISTS estimates (source TEXT PRIMARY KEY, rows INTEGER NOT NULL,"
              + " bytes INTEGER NOT NULL)",
          "CREATE TABLE IF NOT EXISTS barriers (nonce TEXT, part INTEGER, passed INTEGER NOT NULL"
              + " DEFAULT 0, PRIMARY KEY (nonce, part))",
          "CREATE TABLE IF NOT EXISTS parked (place INTEGER PRIMARY KEY AUTOINCREMENT,"
              + " session TEXT NOT NULL UNIQUE, reason TEXT NOT NULL, records INTEGER NOT NULL,"
              + " discarded TEXT NOT NULL DEFAULT '')",
          "CREATE TABLE IF NOT EXISTS journal (place INTEGER PRIMARY KEY AUTOINCREMENT,"
              + " line TEXT NOT NULL)",
          "CREATE TABLE IF NOT EXISTS not_passed (session TEXT PRIMARY KEY, record TEXT NOT NULL)",
          "CREATE TABLE IF NOT EXISTS entities (session TEXT, kind TEXT, id TEXT,"
              + " entity TEXT NOT NULL, PRIMARY KEY (session, kind, id))",
          // What the files of a session were when they were written last.
          "CREATE TABLE IF NOT EXISTS sessions (session TEXT PRIMARY KEY,"
              + " version INTEGER NOT NULL, written INTEGER NOT NULL DEFAULT 0, file TEXT,"
              + " length INTEGER, digest TEXT, entries TEXT)",
          "CREATE INDEX IF NOT EXISTS unwritten ON sessions (session) WHERE version <> written");

  private BesideTables() {}
}
