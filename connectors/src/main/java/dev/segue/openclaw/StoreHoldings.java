package dev.segue.openclaw;

import dev.segue.canonical.Entity;
import dev.segue.canonical.Kind;
import dev.segue.canonical.MalformedRecordException;
import dev.segue.layout.UnmappableRowException;
import dev.segue.spi.Chunk;
import dev.segue.spi.HeldRow;
import dev.segue.spi.Holdings;
import dev.segue.spi.SessionChunks;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/** What the files of a store hold, read as a source of that layout reads them. */
final class StoreHoldings implements Holdings {
  private static final int SESSIONS = 500;
  private static final String EXPIRES_AT = "expires_at";

  private final FileSessions files;
  private final StoreTables tables;
  private final StoreNames names;

  StoreHoldings(FileSessions files, StoreTables tables) {
    this.files = files;
    this.tables = tables;
    this.names = new StoreNames(files.place());
  }

  @Override
  public Optional<HeldRow> expected(Entity entity) {
    if (!tables.kinds().contains(entity.kind())) {
      return Optional.empty();
    }
    try {
      names.check(entity.sessionId());
      return Optional.of(tables.held(entity));
    } catch (MalformedRecordException e) {
      throw new UnmappableRowException(e.getMessage());
    }
  }

  @Override
  public Optional<List<String>> key(Entity entity) {
    return tables.kinds().contains(entity.kind())
        ? Optional.of(StoreTables.key(entity))
        : Optional.empty();
  }

  @Override
  public String sessionText(String sessionId) {
    return sessionId;
  }

  @Override
  public String sessionIdOf(String text) {
    return text;
  }

  @Override
  public boolean isExpired(HeldRow row) {
    return row.kind() == Kind.SESSION && row.isPast(row.columns().indexOf(EXPIRES_AT));
  }

  /** Files are read in no order that could be gone on with. */
  @Override
  public String storage() {
    return UUID.randomUUID().toString();
  }

  @Override
  public View view() {
    SessionChunks chunks = new SessionChunks(files.list().sessions(), SESSIONS);
    return new View() {
      @Override
      public List<Chunk> chunks(long chunkBytes) {
        return chunks.all();
      }

      @Override
      public Reader openReader() {
        return new Reader() {
          @Override
          public long read(Chunk chunk, Consumer<HeldRow> consumer) {
            return tell(chunks.of(chunk), consumer);
          }

          @Override
          public void close() {
            // Each file is read as a whole.
          }
        };
      }

      @Override
      public void close() {
        // Nothing is held open.
      }
    };
  }

  @Override
  public void read(Collection<String> sessions, Consumer<HeldRow> consumer) {
    tell(sessions, consumer);
  }

  private long tell(Collection<String> sessions, Consumer<HeldRow> consumer) {
    long rows = 0;
    Listing listing = files.list();
    for (String session : sessions) {
      if (listing.sessions().contains(session)) {
        SessionReading reading = files.read(listing, session);
        if (reading.wrong().isPresent()) {
          consumer.accept(unreadable(session, reading.wrong().get()));
          rows++;
        }
        for (Entity entity : reading.entities()) {
          if (tables.kinds().contains(entity.kind())) {
            consumer.accept(tables.held(entity));
            rows++;
          }
        }
      }
    }
    return rows;
  }

  /** We wrote no such file, so whatever it is, nobody expects it. */
  private HeldRow unreadable(String session, String reason) {
    return new HeldRow(
        tables.kinds().iterator().next(),
        session,
        List.of(session, "(unreadable)"),
        List.of("(file)"),
        List.of(reason));
  }

  @Override
  public void close() {
    files.close();
  }
}
