package dev.segue.openclaw;

import java.io.IOException;
import java.nio.file.Path;

/** The newer generation: {@code sessions.json} and transcripts. */
final class StoreDirectory implements SessionHome {
  private final Path directory;
  private final IndexFile<StoreIndex> store;

  StoreDirectory(Path directory) {
    this.directory = directory;
    this.store =
        new IndexFile<>(
            directory.resolve(SessionStore.FILE),
            text -> new StoreIndex(SessionStore.parse(directory, text)));
  }

  @Override
  public Path place() {
    return directory;
  }

  @Override
  public Listing list() throws IOException {
    return StoreListing.of(directory, store.read());
  }
}
