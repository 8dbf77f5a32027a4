package dev.segue.openclaw;

import dev.segue.canonical.CanonicalCodec;
import dev.segue.canonical.Field;
import dev.segue.canonical.Kind;
import dev.segue.canonical.SourcePosition;
import dev.segue.finding.Finding;
import dev.segue.layout.DataQuestion;
import dev.segue.layout.Layout;
import dev.segue.layout.LayoutBinding;
import dev.segue.ownership.HashSlot;
import dev.segue.spi.ChangeStream;
import dev.segue.spi.ChangeTranslator;
import dev.segue.spi.Cutoff;
import dev.segue.spi.LogHealth;
import dev.segue.spi.MemoryVectors;
import dev.segue.spi.Ownership;
import dev.segue.spi.Removal;
import dev.segue.spi.SessionQuery;
import dev.segue.spi.SnapshotReader;
import dev.segue.spi.Source;
import dev.segue.spi.Supply;
import dev.segue.spi.SystemFault;
import dev.segue.spi.Unfenced;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/**
 * OpenClaw's sessions, in files or in its database, that are moved away from there. They are only
 * read; marks are files of our own in a directory beside them.
 */
public final class FileSource implements Source {
  private final FileSessions files;
  private final FileMarks marks;
  private final Told told;
  private final Queue<String> askedFor = new ConcurrentLinkedQueue<>();

  /** Looks that they are there. */
  public FileSource(Path place, Layout layout, String migration) {
    this.files = FileSessions.open(place, layout);
    this.marks = new FileMarks(files.root(), migration);
    this.told = new Told(new KnownSessions(marks.directory()));
  }

  @Override
  public String describe() {
    return "files " + files.place();
  }

  @Override
  public String identity() {
    return "files" + files.place();
  }

  @Override
  public List<Finding> check() {
    List<Finding> findings = new ArrayList<>();
    try {
      findings.addAll(files.findings());
      if (findings.stream().noneMatch(Finding::isError) && files.list().sessions().isEmpty()) {
        findings.add(
            Finding.warning(
                describe(),
                "has no sessions",
                "see that the url names the right place; those that come are followed"));
      }
    } catch (SystemFault e) {
      findings.add(Finding.error(describe(), e.getMessage(), e.remedy()));
    }
    if (!Files.isWritable(files.root())) {
      findings.add(
          Finding.error(
              describe(),
              "cannot be written to, so that marks cannot be put beside the sessions",
              "let the user of segue write to the directory"));
    } else if (!Files.isDirectory(marks.directory())) {
      findings.add(
          Finding.change(
              describe(),
              "gets a directory for marks, " + files.root().relativize(marks.directory())));
    }
    return findings;
  }

  /** Nothing limits what a file can hold; the target's own refusals are told row by row. */
  @Override
  public List<Finding> answer(List<DataQuestion> questions) {
    return List.of();
  }

  @Override
  public void join(String migrationId) {
    // Nothing that it writes has to be told apart.
  }

  @Override
  public LayoutBinding binding() {
    return files.tables().binding();
  }

  @Override
  public Map<Kind, Supply> supplies() {
    return files.tables().supplies();
  }

  @Override
  public SnapshotReader prepare(Consumer<String> progress) {
    try {
      marks.make();
    } catch (IOException e) {
      throw StoreFiles.cannot(marks.directory(), e);
    }
    Set<String> sessions = files.list().sessions();
    told.announce(sessions);
    told.leave(sessions);
    return new FileSnapshot(files, sessions, now(), Optional.of(told));
  }

  private static Cutoff now() {
    return new Cutoff(SourcePosition.formatLog(System.currentTimeMillis()), "files");
  }

  @Override
  public SnapshotReader view() {
    // A copy that is begun anew does not say what it read: the stream tells all.
    told.leaveNothing();
    return new FileSnapshot(files, files.list().sessions(), now(), Optional.empty());
  }

  /** Files are read in no order that could be gone on with. */
  @Override
  public String storage() {
    return UUID.randomUUID().toString();
  }

  @Override
  public void read(Collection<String> sessions, SnapshotReader.RowConsumer consumer) {
    Listing listing = files.list();
    for (String session : sessions) {
      if (listing.sessions().contains(session)) {
        FileSnapshot.tell(files.read(listing, session), consumer);
      }
    }
  }

  @Override
  public List<Removal> removals() {
    return marks.removal().stream().toList();
  }

  @Override
  public ChangeStream changes(Cutoff cutoff) {
    return new FileChangeStream(files, marks, cutoff, told, askedFor);
  }

  @Override
  public boolean tellAnew(Collection<String> sessions) {
    askedFor.addAll(sessions);
    return true;
  }

  @Override
  public List<String> find(SessionQuery query) {
    Listing listing = files.list();
    if (query instanceof SessionQuery.InSlots in) {
      return listing.sessions().stream()
          .filter(session -> in.slots().contains(HashSlot.of(session)))
          .toList();
    }
    if (query instanceof SessionQuery.Where where) {
      Optional<Field> field = Kind.SESSION.field(where.field());
      if (field.isPresent()) {
        return listing.sessions().stream()
            .filter(
                session ->
                    files.read(listing, session).entities().stream()
                        .filter(entity -> entity.kind() == Kind.SESSION)
                        .anyMatch(entity -> where.value().equals(entity.text(field.get()))))
            .toList();
      }
    }
    throw SystemFault.permanent(
        "sessions of " + describe() + " cannot be selected so",
        "name them one by one: --sessions FILE");
  }

  @Override
  public Optional<MemoryVectors> vectors() {
    return Optional.empty();
  }

  @Override
  public Ownership ownership() {
    return Unfenced.oneWay(describe());
  }

  @Override
  public ChangeTranslator translator() {
    return (value, position, departed) -> CanonicalCodec.readChange(value);
  }

  @Override
  public long mark(String nonce, long sentAt) {
    try {
      marks.write(nonce, sentAt);
      return sentAt;
    } catch (IOException e) {
      throw new SystemFault(
          SystemFault.Nature.TRANSIENT,
          "writing a mark into " + marks.directory() + ": " + e,
          "see that the directory may be written to",
          e);
    }
  }

  @Override
  public LogHealth health() {
    return new LogHealth(
        "files", "swept", true, 0, SourcePosition.formatLog(System.currentTimeMillis()));
  }

  @Override
  public boolean keepsExpired() {
    return false;
  }

  @Override
  public Optional<Finding> taken() {
    return Optional.empty();
  }

  @Override
  public Optional<Finding> drift() {
    return Optional.empty();
  }

  @Override
  public void close() {
    files.close();
  }
}
