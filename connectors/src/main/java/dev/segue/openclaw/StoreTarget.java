package dev.segue.openclaw;

import dev.segue.canonical.Kind;
import dev.segue.canonical.SourcePosition;
import dev.segue.finding.Finding;
import dev.segue.layout.Layout;
import dev.segue.layout.LayoutBinding;
import dev.segue.layout.Variables;
import dev.segue.spi.Applier;
import dev.segue.spi.DeferredIndexes;
import dev.segue.spi.Embeddings;
import dev.segue.spi.Holdings;
import dev.segue.spi.Intake;
import dev.segue.spi.Ledger;
import dev.segue.spi.Mender;
import dev.segue.spi.MoveLog;
import dev.segue.spi.NoIndexes;
import dev.segue.spi.ParityLog;
import dev.segue.spi.Removal;
import dev.segue.spi.SnapshotWriter;
import dev.segue.spi.Supply;
import dev.segue.spi.SystemFault;
import dev.segue.spi.Target;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A directory of OpenClaw, {@code sessions.json} and a transcript for each session, that sessions
 * are moved into. What is the migration's own lies in its directory {@code .segue} until the end.
 */
public final class StoreTarget implements Target {
  private static final String STORE = "openclaw-store";

  private final BesidePlace place;
  private final FileTables files;
  private final StoreLedger ledger;

  /**
   * Names it; nothing is made yet.
   *
   * @param migration the direction's name
   * @throws SystemFault if files of the layout can only be read
   */
  public StoreTarget(Path directory, Layout layout, String migration) {
    if (!layout.name().equals(STORE)) {
      throw SystemFault.permanent(
          "layout " + layout.name() + " can only be read",
          "name the newer generation of files as the target, " + STORE + ", or a database");
    }
    this.place = new BesidePlace(real(directory), migration);
    this.files = FileTables.ofTarget(layout);
    this.ledger = new StoreLedger(place);
  }

  private static Path real(Path directory) {
    try {
      return Files.exists(directory) ? directory.toRealPath() : directory;
    } catch (IOException e) {
      throw StoreFiles.cannot(directory, e);
    }
  }

  @Override
  public String describe() {
    return "files " + place.store();
  }

  @Override
  public List<Finding> check() {
    List<Finding> findings = new ArrayList<>(binding().findings());
    boolean started =
        ledger.find(place.migration()).filter(m -> m.cutoff().isPresent()).isPresent();
    findings.addAll(new StoreTargetChecks(place, describe()).run(started));
    return findings;
  }

  @Override
  public LayoutBinding binding() {
    return files.binding();
  }

  @Override
  public void createTables() {
    try {
      Files.createDirectories(place.store());
    } catch (IOException e) {
      throw StoreFiles.cannot(place.store(), e);
    }
  }

  @Override
  public Ledger ledger() {
    return ledger;
  }

  @Override
  public Lease lease(String migration, boolean takeOver) {
    return StoreLease.take(place.of(migration), takeOver);
  }

  @Override
  public DeferredIndexes deferredIndexes() {
    return new NoIndexes("files");
  }

  private StoreTables tables(Ledger.Migration migration, Map<Kind, Supply> supplies) {
    return new StoreTables(binding(), migration, supplies);
  }

  @Override
  public SnapshotWriter snapshotWriter(Ledger.Migration migration, Map<Kind, Supply> supplies) {
    return new StoreSnapshotWriter(place, tables(migration, supplies));
  }

  @Override
  public Applier applier(Ledger.Migration migration, Map<Kind, Supply> supplies, int worker) {
    SourcePosition snapshotEnd =
        migration
            .snapshotLog()
            .map(log -> new SourcePosition(SourcePosition.parseLog(log), 0, 0))
            .orElse(SourcePosition.START);
    return new StoreApplier(
        place, tables(migration, supplies), EntityTable.kinds(supplies), snapshotEnd);
  }

  @Override
  public Mender mender(Ledger.Migration migration, Map<Kind, Supply> supplies) {
    return new StoreMender(place, tables(migration, supplies));
  }

  @Override
  public Holdings holdings(Ledger.Migration migration, Map<Kind, Supply> supplies) {
    return new StoreHoldings(
        new FileSessions(new StoreDirectory(place.store()), files), tables(migration, supplies));
  }

  @Override
  public Intake intake(Variables variables) {
    throw SystemFault.permanent(
        "sessions in files are not added to a store by an import",
        "write them there at once: segue export " + place.store() + " --format openclaw");
  }

  @Override
  public Optional<Embeddings> embeddings() {
    return Optional.empty();
  }

  @Override
  public ParityLog parityLog(String migration) {
    return new StoreParityLog(place.of(migration));
  }

  @Override
  public MoveLog moveLog(String migration) {
    return new StoreMoveLog();
  }

  @Override
  public List<Removal> removals(String migration) {
    BesidePlace ours = place.of(migration);
    return Files.exists(ours.database())
        ? List.of(
            new Removal(
                "the migration's bookkeeping and rows in " + ours.database(), () -> remove(ours)))
        : List.of();
  }

  private void remove(BesidePlace ours) {
    ledger.close();
    try {
      Files.deleteIfExists(ours.lease());
      for (Path file : ours.files()) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(ours.directory());
    } catch (DirectoryNotEmptyException e) {
      // Another migration has its own beside it.
    } catch (IOException e) {
      throw StoreFiles.cannot(ours.directory(), e);
    }
  }

  @Override
  public void close() {
    ledger.close();
  }
}
