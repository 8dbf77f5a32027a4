package dev.segue.spi;

import dev.segue.canonical.Kind;
import dev.segue.finding.Finding;
import dev.segue.layout.DataQuestion;
import dev.segue.layout.LayoutBinding;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A system that sessions are moved away from. All methods throw {@link SystemFault} when the system
 * fails or refuses.
 */
public interface Source extends AutoCloseable {
  /** How messages name it; never with a password. */
  String describe();

  /** Identifies the system itself, whatever address it is reached by. */
  String identity();

  /** Everything that is in the way, and every change that {@link #prepare} is going to make. */
  List<Finding> check();

  /** Answers questions about the rows that are there now; each answer is a finding. */
  List<Finding> answer(List<DataQuestion> questions);

  /**
   * Tells which migration it belongs to.
   *
   * @param migrationId the same for all of a migration's life
   */
  void join(String migrationId);

  /** How the layout lies over its tables. */
  LayoutBinding binding();

  /** What it brings, by kind of entity. */
  Map<Kind, Supply> supplies();

  /**
   * Makes the source keep its log for us and gives a view of its history as of the moment from
   * which it is kept. Makes the changes that {@link #check} named.
   *
   * @param progress is told what is being waited for
   */
  SnapshotReader prepare(java.util.function.Consumer<String> progress);

  /** All of its history as of this moment. */
  SnapshotReader view();

  /** Whether it can sum rows up itself, as a target does that can. */
  default boolean sumsRows() {
    return false;
  }

  /** Changes whenever rows may have moved within their tables though nobody changed them. */
  String storage();

  /** All rows of some sessions as of one moment. */
  void read(Collection<String> sessions, SnapshotReader.RowConsumer consumer);

  /** Everything that {@link #prepare} made and that is still there, in the order to remove it. */
  List<Removal> removals();

  /** The log, from where the source was last told to forget. */
  ChangeStream changes(Cutoff cutoff);

  /**
   * Has the stream that is followed tell sessions once more, as they are then; what they have no
   * more is told too, and those that are parked flow again.
   *
   * @return false if it cannot, so that they have to be read while their writers wait
   */
  boolean tellAnew(Collection<String> sessions);

  /** The sessions that are meant, as the canonical model names them. */
  List<String> find(SessionQuery query);

  /** The vectors that rows do not bring; empty if they do, or if it cannot tell them. */
  Optional<MemoryVectors> vectors();

  /** Who may write to it. */
  Ownership ownership();

  /** The translator of what {@link #changes} delivers. */
  ChangeTranslator translator();

  /**
   * Writes a mark into the log.
   *
   * @return the log position behind the mark
   */
  long mark(String nonce, long sentAt);

  /** What the source keeps for us. */
  LogHealth health();

  /** Looks at the same again and again. */
  default Watch<LogHealth> watch() {
    return this::health;
  }

  /** Whether the target keeps sessions that have come to their time here. */
  boolean keepsExpired();

  /** What another migration of the same name keeps there; empty if there is none. */
  Optional<Finding> taken();

  /** Looks whether the tables are still what they were bound as; empty if so. */
  Optional<Finding> drift();

  /** Has connections stay open for a while, where making them takes time. */
  default Connected stayConnected() {
    return () -> {};
  }

  @Override
  void close();
}
