package dev.segue.spi;

import dev.segue.canonical.Entity;
import dev.segue.canonical.Kind;
import dev.segue.layout.Verbatim;
import dev.segue.relational.Row;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/** What a target holds, and what it should hold of an entity: the two are told apart by it. */
public interface Holdings extends AutoCloseable {
  /** The entities that the target should hold a row of each: this one, or what it becomes there. */
  default List<Entity> items(Entity entity) {
    return List.of(entity);
  }

  /**
   * The row that the target should hold of this entity, one of {@link #items}; empty if it has no
   * place for its kind.
   *
   * @throws dev.segue.layout.UnmappableRowException if it cannot be written
   */
  Optional<HeldRow> expected(Entity entity);

  /** What identifies an entity's row among those of its kind; empty if there is no place for it. */
  Optional<List<String>> key(Entity entity);

  /** How the target spells a session. */
  String sessionText(String sessionId);

  /** The session that the target spells so. */
  String sessionIdOf(String text);

  /**
   * Whether the values of a column, counted from 0, are equal, also where their spelling is not.
   */
  default boolean isSame(HeldRow expected, HeldRow found, int column) {
    String wanted = expected.values().get(column);
    return Row.isAbsent(wanted) || Objects.equals(wanted, found.values().get(column));
  }

  /** Whether a row is one of a session whose time has come. */
  boolean isExpired(HeldRow row);

  /** Whether the system itself lets go of sessions whose time has come. */
  default boolean forgetsExpired() {
    return false;
  }

  /** The kind of rows without which such a row is not there; empty if it is there by itself. */
  default Optional<Kind> onlyBeside(HeldRow row) {
    return Optional.empty();
  }

  /** Changes whenever rows may have moved within their tables though nobody changed them. */
  String storage();

  /** All rows as of this moment. */
  View view();

  /** All rows of some sessions, as the target spells them, as of this moment. */
  void read(Collection<String> sessions, Consumer<HeldRow> consumer);

  @Override
  void close();

  /** All rows as of one moment, shared by several readers. */
  interface View extends AutoCloseable {
    /** The pieces to read. */
    List<Chunk> chunks(long chunkBytes);

    /** Opens one more reader, to be used by one thread. */
    Reader openReader();

    @Override
    void close();
  }

  /** Reads pieces, one after the other. */
  interface Reader extends AutoCloseable {
    /** Returns how many rows were read. */
    long read(Chunk chunk, Consumer<HeldRow> consumer);

    /** As {@link SnapshotReader.ChunkReader#sum}, where {@link Target#sumsRows}. */
    default void sum(Chunk chunk, Verbatim table, Consumer<SessionSum> consumer) {
      throw new UnsupportedOperationException("rows are not summed up here");
    }

    @Override
    void close();
  }
}
