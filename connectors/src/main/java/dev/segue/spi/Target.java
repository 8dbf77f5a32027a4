package dev.segue.spi;

import dev.segue.canonical.Kind;
import dev.segue.finding.Finding;
import dev.segue.layout.LayoutBinding;
import dev.segue.layout.Variables;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A system that sessions are moved into. All methods throw {@link SystemFault} when the system
 * fails or refuses.
 */
public interface Target extends AutoCloseable {
  /** How messages name it; never with a password. */
  String describe();

  /** Everything that is in the way, and every change that the migration is going to make. */
  List<Finding> check();

  /** How many members of the sink may write to it at a time. */
  default int mostMembers() {
    return 1;
  }

  /** What so many members of the sink need, and what is in their way. */
  default List<Finding> checkMembers(int members) {
    return members <= mostMembers()
        ? List.of()
        : List.of(
            Finding.warning(
                describe(),
                "takes " + mostMembers() + " writer; sink.members: " + members + " has no effect",
                "set sink.members: " + mostMembers()));
  }

  /** What rows of these kinds would refer to and nothing is brought to. */
  default List<Finding> checkReferences(Set<Kind> brought) {
    return List.of();
  }

  /** How the layout lies over its tables. */
  LayoutBinding binding();

  /** Whether it can sum rows up itself, as a source does that can. */
  default boolean sumsRows() {
    return false;
  }

  /** Creates the layout's own tables, if Segue ships them; then binds anew. */
  void createTables();

  /** The bookkeeping. */
  Ledger ledger();

  /**
   * Takes the migration for this process.
   *
   * @param takeOver whether to take it from a process that still holds it
   * @throws SystemFault naming the process that holds it
   */
  Lease lease(String migration, boolean takeOver);

  /** The indexes that can wait until history is copied. */
  DeferredIndexes deferredIndexes();

  /** A writer of history. */
  SnapshotWriter snapshotWriter(Ledger.Migration migration, Map<Kind, Supply> supplies);

  /**
   * A writer of changes.
   *
   * @param worker counted from 0; each writes what is in partitions of its own
   */
  Applier applier(Ledger.Migration migration, Map<Kind, Supply> supplies, int worker);

  /**
   * Adds sessions that no migration brings.
   *
   * @param variables what the layout's constants stand for
   */
  Intake intake(Variables variables);

  /** A writer of whole sessions. */
  Mender mender(Ledger.Migration migration, Map<Kind, Supply> supplies);

  /** What it holds of the migration. */
  Holdings holdings(Ledger.Migration migration, Map<Kind, Supply> supplies);

  /**
   * The vectors that are made anew here; empty if rows bring them, or if there is no table of
   * memory items with columns of their own for session, id, text and vector.
   */
  Optional<Embeddings> embeddings();

  /** What the last verification found. */
  ParityLog parityLog(String migration);

  /** The moves of slices. */
  MoveLog moveLog(String migration);

  /** Looks again and again at how the migration stands. */
  default Watch<Standing> watch(String migration) {
    return () ->
        new Standing(ledger().parked(), parityLog(migration).totals(), moveLog(migration).open());
  }

  /** Everything of the migration but its rows, in the order to remove it. */
  List<Removal> removals(String migration);

  /**
   * Makes sure that the numbers which the system gives to new rows are not those which the other
   * side gives.
   *
   * @return what was done, in words; nothing where the system gives no numbers
   */
  default List<String> makeRoomForNumbers(String migration) {
    return List.of();
  }

  /** Looks whether the tables are still what they were bound as; empty if so, or if it has none. */
  default Optional<Finding> drift() {
    return Optional.empty();
  }

  /** Has connections stay open for a while, where making them takes time. */
  default Connected stayConnected() {
    return () -> {};
  }

  @Override
  void close();

  /** The exclusive right to run a migration, held while its process lives. */
  interface Lease extends AutoCloseable {
    /** Throws a {@link SystemFault} if somebody took over. */
    void check();

    @Override
    void close();
  }
}
