package dev.segue.openclaw;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.canonical.CanonicalChange;
import dev.segue.canonical.Entity;
import dev.segue.canonical.Kind;
import dev.segue.canonical.SourcePosition;
import dev.segue.layout.LayoutCatalog;
import dev.segue.spi.Applier;
import dev.segue.spi.HeldRow;
import dev.segue.spi.Holdings;
import dev.segue.spi.Ledger;
import dev.segue.spi.OffsetChange;
import dev.segue.spi.Supply;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Brings changes into a store, as the pipeline's last part does. */
final class StoreSink implements AutoCloseable {
  static final Map<Kind, Supply> SUPPLIES = new EnumMap<>(Kind.class);

  static {
    Arrays.stream(Kind.values())
        .forEach(
            kind ->
                SUPPLIES.put(
                    kind, new Supply(kind.wireName(), Set.copyOf(kind.fields()), Set.of())));
  }

  private final Path directory;
  private StoreTarget target;
  private Ledger.Migration migration;
  private Applier applier;
  private long next;

  StoreSink(Path directory) {
    this.directory = directory;
    open();
  }

  private void open() {
    target = new StoreTarget(directory, LayoutCatalog.load("openclaw-store"), "test");
    migration =
        target
            .ledger()
            .open(
                new Ledger.Identity(
                    "test",
                    "source",
                    new Ledger.Side("segue-postgres", "a"),
                    new Ledger.Side("openclaw-store", "b"),
                    1));
    begin();
  }

  /** Another process goes on. */
  void restart() {
    close();
    open();
  }

  private void begin() {
    applier = target.applier(migration, SUPPLIES, 0);
    next = applier.claim(List.of(0)).get(0).nextOffset();
  }

  StoreTarget target() {
    return target;
  }

  Ledger.Migration migration() {
    return migration;
  }

  void put(Entity... entities) {
    List<CanonicalChange> changes = new ArrayList<>();
    for (Entity entity : entities) {
      changes.add(new CanonicalChange.Upsert(at(changes.size()), 0, entity));
    }
    apply(changes);
  }

  void delete(Entity entity) {
    apply(List.of(new CanonicalChange.Delete(at(0), 0, entity)));
  }

  SourcePosition at(int more) {
    return new SourcePosition(next + more + 1, 1, 1);
  }

  /** Applies changes as one batch. */
  void apply(List<CanonicalChange> changes) {
    List<OffsetChange> batch = new ArrayList<>();
    for (int i = 0; i < changes.size(); i++) {
      batch.add(new OffsetChange(0, next + i, changes.get(i)));
    }
    long behind = next + changes.size();
    assertThat(applier.apply(batch, Map.of(0, behind), new Letters())).isEqualTo(Map.of(0, behind));
    next = behind;
  }

  /** What is parked, and why. */
  Map<String, String> parked() {
    return target.ledger().parked().stream()
        .collect(Collectors.toMap(Ledger.Parked::sessionId, Ledger.Parked::reason));
  }

  /** What the files hold, by kind and key. */
  Map<String, HeldRow> held() {
    Map<String, HeldRow> held = new TreeMap<>();
    try (Holdings holdings = target.holdings(migration, SUPPLIES);
        Holdings.View view = holdings.view();
        Holdings.Reader reader = view.openReader()) {
      view.chunks(1)
          .forEach(
              chunk ->
                  reader.read(
                      chunk,
                      row -> assertThat(held.put(row.kind() + "" + row.key(), row)).isNull()));
    }
    return held;
  }

  /** What they should hold of entities, by kind and key. */
  Map<String, HeldRow> expected(List<Entity> entities) {
    Map<String, HeldRow> expected = new TreeMap<>();
    try (Holdings holdings = target.holdings(migration, SUPPLIES)) {
      entities.stream()
          .sorted(Comparator.comparing(Entity::toString))
          .forEach(
              entity ->
                  holdings
                      .expected(entity)
                      .ifPresent(row -> expected.put(row.kind() + "" + row.key(), row)));
    }
    return expected;
  }

  /** An entity all of whose other fields are known to be null. */
  static Entity whole(Entity.Builder some) {
    Entity told = some.build();
    Entity.Builder all = told.toBuilder();
    told.kind().fields().stream().filter(told::isAbsent).forEach(field -> all.set(field, null));
    return all.build();
  }

  @Override
  public void close() {
    applier.close();
    target.close();
  }

  private static final class Letters implements Applier.DeadLetterOutlet {
    @Override
    public void put(OffsetChange change, String reason) {
      assertThat(reason).isNotEmpty();
    }

    @Override
    public void flush() {
      // Nobody reads them here.
    }
  }
}
