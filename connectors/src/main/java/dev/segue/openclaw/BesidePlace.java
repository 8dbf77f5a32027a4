package dev.segue.openclaw;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Where a migration keeps what is its own beside a store that it writes.
 *
 * @param store the directory of {@code sessions.json}
 */
record BesidePlace(Path store, String migration) {
  BesidePlace {
    store = store.toAbsolutePath().normalize();
  }

  /** The same store, for another migration. */
  BesidePlace of(String other) {
    return new BesidePlace(store, other);
  }

  Path directory() {
    return store.resolve(".segue");
  }

  Path database() {
    return directory().resolve(migration + ".sqlite");
  }

  Path lease() {
    return directory().resolve(migration + ".lease");
  }

  /** All files of ours, that of the ledger last: until then a removal can be begun again. */
  List<Path> files() {
    return List.of(
        directory().resolve(migration + ".sqlite-shm"),
        directory().resolve(migration + ".sqlite-wal"),
        database());
  }

  void make() throws IOException {
    Files.createDirectories(directory());
  }
}
