package dev.segue.interchange;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.segue.canonical.CanonicalCodec;
import dev.segue.canonical.Entity;
import dev.segue.canonical.JsonText;
import dev.segue.canonical.MalformedRecordException;
import dev.segue.canonical.SessionDocument;
import dev.segue.spi.DocumentReader;
import dev.segue.spi.DocumentWriter;
import dev.segue.spi.SystemFault;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.Writer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Sessions as text: a record of an entity on each line, or a document for each session. */
public final class SessionFiles {
  private SessionFiles() {}

  /** Writes an entity on each line, a session's together, the session first. */
  public static DocumentWriter stream(Writer out) {
    return new Writing(out) {
      @Override
      void put(SessionDocument document) throws IOException {
        for (Entity entity : document.entities()) {
          out.write(CanonicalCodec.write(entity));
          out.write('\n');
        }
      }
    };
  }

  /** Writes a document for each session, on a line of its own. */
  public static DocumentWriter bundles(Writer out) {
    return new Writing(out) {
      @Override
      void put(SessionDocument document) throws IOException {
        out.write(Bundle.write(document));
        out.write('\n');
      }
    };
  }

  /** Reads either: what a text is, its first object tells. */
  public static DocumentReader read(InputStream in) {
    Reader text = new BufferedReader(new InputStreamReader(in, UTF_8), 1 << 16);
    return new Reading(text);
  }

  private abstract static class Writing implements DocumentWriter {
    private final Writer out;

    Writing(Writer out) {
      this.out = out;
    }

    abstract void put(SessionDocument document) throws IOException;

    @Override
    public void write(SessionDocument document) {
      try {
        put(document);
      } catch (IOException e) {
        throw cannot("write", e);
      }
    }

    @Override
    public void close() {
      try {
        out.close();
      } catch (IOException e) {
        throw cannot("write", e);
      }
    }
  }

  private static SystemFault cannot(String what, IOException e) {
    return new SystemFault(
        SystemFault.Nature.PERMANENT,
        "cannot " + what + " the file: " + e.getMessage(),
        "see that the disk has room and the file may be touched, then do this once more",
        e);
  }

  /** Reads bundles, and records that it puts together. */
  private static final class Reading implements DocumentReader {
    private final Reader text;
    private final JsonPieces pieces;
    private final Set<String> seen = new HashSet<>();
    private List<Entity> open = new ArrayList<>();

    Reading(Reader text) {
      this.text = text;
      this.pieces = new JsonPieces(text);
    }

    @Override
    public Optional<SessionDocument> next() {
      try {
        Optional<String> piece = pieces.next();
        while (piece.isPresent()) {
          Optional<SessionDocument> whole = take(piece.get());
          if (whole.isPresent()) {
            return whole;
          }
          piece = pieces.next();
        }
        return finish(List.of());
      } catch (IOException e) {
        throw cannot("read", e);
      }
    }

    /** A bundle, or the session that ends where another one's record stands. */
    private Optional<SessionDocument> take(String piece) {
      int line = pieces.line();
      try {
        Map<String, String> members = JsonText.membersOf(piece);
        if (!members.containsKey("kind") || !members.containsKey("entity")) {
          return Optional.of(Bundle.read(piece));
        }
        Entity entity = CanonicalCodec.readEntity(piece);
        if (open.isEmpty() || open.get(0).sessionId().equals(entity.sessionId())) {
          begin(entity);
          open.add(entity);
          return Optional.empty();
        }
        begin(entity);
        return finish(List.of(entity));
      } catch (MalformedRecordException e) {
        throw new MalformedRecordException("line " + line + ": " + e.getMessage(), e);
      }
    }

    private void begin(Entity entity) {
      if (entity.sessionId() == null) {
        throw new MalformedRecordException("names no session");
      }
      boolean first = open.isEmpty() || !open.get(0).sessionId().equals(entity.sessionId());
      if (first && !seen.add(entity.sessionId())) {
        throw new MalformedRecordException(
            "session "
                + entity.sessionId()
                + " stood further up already: the records of a session have to be together");
      }
    }

    private Optional<SessionDocument> finish(List<Entity> next) {
      List<Entity> done = open;
      open = new ArrayList<>(next);
      return done.isEmpty()
          ? Optional.empty()
          : Optional.of(new SessionDocument(done.get(0).sessionId(), done));
    }

    @Override
    public void close() {
      try {
        text.close();
      } catch (IOException e) {
        throw cannot("read", e);
      }
    }
  }
}
