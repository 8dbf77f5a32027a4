package dev.segue.spi;

import dev.segue.finding.Finding;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A migration's own bookkeeping, kept in its target. The only durable state outside the broker. */
public interface Ledger {
  /**
   * What a migration is bound to when it first runs.
   *
   * @param sourceIdentity see {@link Source#identity}
   * @param partitions of its topics; frozen
   */
  record Identity(String name, String sourceIdentity, Side source, Side target, int partitions) {

    /** What keeps the migration from going on as it was begun; empty if it is the same. */
    public Optional<Finding> differenceFrom(Identity begun) {
      String subject = "migration " + name;
      if (!begun.sourceIdentity.equals(sourceIdentity)
          || !begun.source.layout.equals(source.layout)
          || !begun.target.layout.equals(target.layout)) {
        return Optional.of(
            Finding.error(
                subject,
                "name '"
                    + name
                    + "' is in use by another migration of this target: it moves "
                    + begun.movement()
                    + ", you ask for "
                    + movement(),
                "choose another name in migration.yaml"));
      }
      if (!begun.source.equals(source) || !begun.target.equals(target)) {
        boolean ofSource = !begun.source.equals(source);
        return Optional.of(
            Finding.error(
                subject,
                "layout "
                    + (ofSource ? source : target).layout
                    + " of the "
                    + (ofSource ? "source" : "target")
                    + " is not what it was, or stands for other tables, so rows would be mapped in"
                    + " two ways",
                "restore what it was when the migration first ran; or start over with an empty"
                    + " target and a new name"));
      }
      if (begun.partitions != partitions) {
        return Optional.of(
            Finding.error(
                subject,
                "kafka.partitions is "
                    + partitions
                    + ", but was frozen at "
                    + begun.partitions
                    + " when the migration first ran",
                "set kafka.partitions: " + begun.partitions));
      }
      return Optional.empty();
    }

    /**
     * Makes sure that the migration goes on as it was begun.
     *
     * @throws SystemFault of a permanent nature if it does not
     */
    public void checkSame(Identity begun) {
      differenceFrom(begun)
          .ifPresent(
              difference -> {
                throw SystemFault.permanent(difference.message(), difference.remedy());
              });
    }

    private String movement() {
      return source.layout + " of database " + sourceIdentity + " to " + target.layout;
    }
  }

  /**
   * How one of the two systems is read or written.
   *
   * @param fingerprint see {@link dev.segue.layout.LayoutBinding#fingerprint}
   */
  record Side(String layout, String fingerprint) {}

  /**
   * What is known of a migration.
   *
   * @param id made at random when it first ran
   * @param startedAt when it first ran, RFC 3339
   * @param phase the last phase that was entered
   * @param cutoff where the stream begins, once prepared
   * @param snapshotLog the newest view's position; until it, the target may show rows early
   * @param topic identifies the canonical topic whose offsets the ledger holds
   */
  record Migration(
      Identity identity,
      String id,
      String startedAt,
      String phase,
      Optional<Cutoff> cutoff,
      Optional<String> snapshotLog,
      Optional<String> topic) {}

  /** A chunk and whether it is done. */
  record ChunkState(Chunk chunk, boolean done, long rows) {}

  /**
   * A session whose changes are kept as dead letters, and why.
   *
   * @param discarded why it is left behind on purpose; empty if it is not
   */
  record Parked(String sessionId, String reason, long records, String discarded) {}

  /** What is known of the migration, if it ever ran. */
  Optional<Migration> find(String name);

  /**
   * Makes the bookkeeping for a migration, or finds it.
   *
   * @throws SystemFault if the name belongs to another migration
   */
  Migration open(Identity identity);

  /** Enters a phase and journals it. */
  void enter(String phase, String detail);

  /** Journals something that is no phase. */
  void note(String what, String detail);

  /** Records that the source is prepared, with the chunks to be read. */
  void prepared(Cutoff cutoff, List<Chunk> chunks, List<TableProgress> estimates);

  /** Records a later view. */
  void snapshotResumed(Cutoff cutoff);

  /** Binds the ledger's offsets to a topic; a different topic later is refused. */
  void bindTopic(String topicId);

  /**
   * Makes sure that a topic is the one that the ledger is bound to.
   *
   * @throws SystemFault of a permanent nature if it is another
   */
  static void checkTopic(String topicId, String bound) {
    if (!topicId.equals(bound)) {
      throw SystemFault.permanent(
          "the topic of canonical changes was made anew: its id is "
              + topicId
              + ", the ledger's offsets belong to "
              + bound,
          "restore the broker's data, or start over with an empty target and a new name");
    }
  }

  List<ChunkState> chunks();

  List<TableProgress> estimates();

  List<AppliedState> applied();

  /**
   * Waits until all partitions of the migration have passed a mark.
   *
   * @return false if the time was up first
   */
  boolean await(String nonce, Duration most) throws InterruptedException;

  /** Forgets a mark that has done its work. */
  void forget(String nonce);

  List<Parked> parked();

  /**
   * Leaves a parked session behind on purpose: it does not keep the migration from its end.
   *
   * @return false if it is not parked
   */
  boolean discard(String sessionId, String reason, String requestedBy);

  /** The last lines of the journal, newest first. */
  List<String> journal(int lines);
}
