package dev.segue.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Objects;

/**
 * The names of our own keys in a Redis that rows are brought into. All of one direction of a
 * migration begin alike, so that they are told apart from an application's, and from another's.
 *
 * @param migration the direction's name
 */
record OwnKeys(String migration) {
  OwnKeys {
    Objects.requireNonNull(migration, "migration");
  }

  /** What every key of a direction begins with. */
  static String prefix(String migration) {
    return "segue:" + migration + ":";
  }

  private byte[] key(String name) {
    return (prefix(migration) + name).getBytes(UTF_8);
  }

  /** A hash: what the migration is. */
  byte[] itself() {
    return key("migration");
  }

  /** A hash: number of a chunk to what it is. */
  byte[] chunks() {
    return key("chunks");
  }

  /** A hash: number of a chunk that is done to its rows. */
  byte[] done() {
    return key("done");
  }

  /** A list: what history has, table by table. */
  byte[] estimates() {
    return key("estimates");
  }

  /** A hash: partition to how far it is. */
  byte[] applied() {
    return key("applied");
  }

  /** A set: which partition has passed which barrier. */
  byte[] barriers() {
    return key("barriers");
  }

  /** A hash: session that is parked to why, and since when. */
  byte[] parked() {
    return key("parked");
  }

  /** A hash: session that is parked to how many of its records are kept apart. */
  byte[] parkedRecords() {
    return key("parked-records");
  }

  /** A hash: session that is left behind on purpose to why. */
  byte[] discarded() {
    return key("discarded");
  }

  /** A list, newest first. */
  byte[] journal() {
    return key("journal");
  }

  /** A string that is there as long as a process runs the migration. */
  byte[] lease() {
    return key("lease");
  }

  /** A list of moves, newest first. */
  byte[] moves() {
    return key("moves");
  }

  /** A string: what the last verification found. */
  byte[] parity() {
    return key("parity");
  }

  /** A hash: session that did not pass to its record. */
  byte[] parityOpen() {
    return key("parity-open");
  }

  /** A hash: session, as its keys spell it, to when they expire, in milliseconds since 1970. */
  byte[] expiry() {
    return key("expiry");
  }

  /** A hash: what an element of a session's list is called to its place, see {@link Places}. */
  byte[] places(String table, String session) {
    return key("places:" + table + ":" + session);
  }

  /** A set: sessions of which history waits to be made a list of. */
  byte[] staged(String table) {
    return key("staged:" + table);
  }

  /** A hash: what an element is called to the element and its order. */
  byte[] staged(String table, String session) {
    return key("staged:" + table + ":" + session);
  }
}
