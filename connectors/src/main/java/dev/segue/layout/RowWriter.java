package dev.segue.layout;

import dev.segue.canonical.Entity;
import dev.segue.canonical.Field;
import dev.segue.canonical.Kind;
import dev.segue.canonical.MalformedRecordException;
import dev.segue.relational.Column;
import dev.segue.relational.ColumnType;
import dev.segue.shape.MessageCodec;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Entities to rows of one table, compiled once. */
public final class RowWriter {
  /** What names the fields that are JSON's null. */
  static final String JSON_NULLS = "$json_null";

  /** What names the fields that are null and are written as something of their own. */
  static final String NULLS = "$null";

  private static final Field MESSAGE_ID = Kind.MESSAGE.field("message_id").orElseThrow();

  private final Kind kind;
  private final List<Column> columns = new ArrayList<>();
  private final List<ColumnSpec> specs = new ArrayList<>();
  private final Set<Field> supplied;
  // The same by ordinal, for each field of each entity is asked for.
  private final BitSet suppliedPlaces = new BitSet();
  private final BitSet heldPlaces = new BitSet();
  private final Set<Field> restored;
  private final Seldom seldom;
  private final Set<Field> held = new LinkedHashSet<>();
  private final Map<ColumnSpec.OfConstant, String> constants = new HashMap<>();
  private final boolean hasRest;
  private final Optional<MessageCodec> splitting;

  /**
   * Compiles the writer of a bound table.
   *
   * @param supplied the fields that entities will ever bring; a column that needs others and has no
   *     default of its own is left to the database
   */
  public RowWriter(TableBinding binding, Set<Field> supplied, Variables variables) {
    this(binding, supplied, Set.of(), variables);
  }

  /**
   * Compiles the writer of a table that its rows come home to, from a system they were moved into.
   *
   * @param restored fields that entities bring only if they were kept there; a row that is there
   *     keeps what it has of the others. Documents are not put into an envelope
   */
  public RowWriter(
      TableBinding binding, Set<Field> supplied, Set<Field> restored, Variables variables) {
    this(binding, supplied, restored, Seldom.NONE, false, variables);
  }

  /**
   * Compiles the writer of a table.
   *
   * @param seldom what some rows cannot tell of what is supplied; it stays as it is in a row that
   *     is there, and does not keep one from being inserted
   * @param itemized whether messages are items already, so that their ids mean nothing but
   *     themselves
   */
  public RowWriter(
      TableBinding binding,
      Set<Field> supplied,
      Set<Field> restored,
      Seldom seldom,
      boolean itemized,
      Variables variables) {
    this.kind = binding.layout().kind();
    this.supplied = Set.copyOf(supplied);
    this.restored = Set.copyOf(restored);
    this.seldom = seldom;
    boolean rest = false;
    for (Column column : binding.table().columns()) {
      ColumnSpec spec = atHome(binding.layout().columns().get(column.name()));
      if (spec == null || column.generated() || !hasSomethingFor(spec)) {
        continue;
      }
      columns.add(column);
      specs.add(spec);
      collect(spec, variables);
      rest |=
          spec instanceof ColumnSpec.OfDocument
              || (spec instanceof ColumnSpec.OfObject of && of.rest().isPresent());
    }
    this.hasRest = rest;
    for (Field field : kind.fields()) {
      suppliedPlaces.set(field.ordinal(), supplied.contains(field));
      heldPlaces.set(field.ordinal(), held.contains(field));
    }
    this.splitting = itemized ? Optional.empty() : splitting();
  }

  /** The shape that keeps a message as several items, if their ids can be told apart here. */
  private Optional<MessageCodec> splitting() {
    for (int i = 0; i < specs.size(); i++) {
      if (specs.get(i) instanceof ColumnSpec.OfField of
          && of.field().equals(MESSAGE_ID)
          && (of.asUuid() || columns.get(i).type().family() != ColumnType.Family.TEXT)) {
        return Optional.empty();
      }
    }
    return specs.stream()
        .flatMap(spec -> spec instanceof ColumnSpec.OfMessage of ? Stream.of(of.codec()) : null)
        .filter(MessageCodec::splits)
        .findFirst();
  }

  private ColumnSpec atHome(ColumnSpec spec) {
    return !restored.isEmpty()
            && spec instanceof ColumnSpec.OfObject of
            && of.plain().isPresent()
            && of.rest().isPresent()
        ? new ColumnSpec.OfDocument(of.plain().get(), of.rest().get(), of.optional())
        : spec;
  }

  private boolean hasSomethingFor(ColumnSpec spec) {
    if (spec instanceof ColumnSpec.OfField of) {
      return supplied.contains(of.field())
          || restored.contains(of.field())
          || of.fallback().isPresent()
          || of.or().stream().anyMatch(path -> supplied.contains(path.field()));
    }
    if (spec instanceof ColumnSpec.OfObject of && of.rest().isEmpty()) {
      return of.members().values().stream().anyMatch(this::hasSomethingFor);
    }
    if (spec instanceof ColumnSpec.OfMessage of) {
      return of.codec().fields().stream().anyMatch(supplied::contains);
    }
    return !(spec instanceof ColumnSpec.LeftAlone);
  }

  private void collect(ColumnSpec spec, Variables variables) {
    if (spec instanceof ColumnSpec.OfField of) {
      held.add(of.field());
    } else if (spec instanceof ColumnSpec.OfDocument of) {
      held.add(of.field());
    } else if (spec instanceof ColumnSpec.OfConstant of) {
      constants.put(of, variables.expand(of.template()));
    } else if (spec instanceof ColumnSpec.OfObject of) {
      of.members().values().forEach(member -> collect(member, variables));
    } else if (spec instanceof ColumnSpec.OfMessage of) {
      held.addAll(of.codec().fields());
    }
  }

  public Kind kind() {
    return kind;
  }

  /** The columns that are written, in the order of {@link Written#values}. */
  public List<Column> columns() {
    return columns;
  }

  /** The spec of a written column. */
  ColumnSpec spec(int column) {
    return specs.get(column);
  }

  /** How many columns are written. */
  int width() {
    return specs.size();
  }

  /** What a constant stands for. */
  String constant(ColumnSpec.OfConstant of) {
    return constants.get(of);
  }

  /** Whether entities bring a field, if only now and then. */
  boolean isSupplied(Field field) {
    return suppliedPlaces.get(field.ordinal());
  }

  /** What some rows bring and others cannot. */
  Seldom seldom() {
    return seldom;
  }

  /** Whether only what was kept of a field can tell it. */
  boolean isRestored(Field field) {
    return restored.contains(field);
  }

  /** Whether entities bring a field that no column holds. */
  boolean hasUnheld() {
    return !held.containsAll(supplied);
  }

  /** Whether a field has a column of its own. */
  boolean isHeld(Field field) {
    return heldPlaces.get(field.ordinal());
  }

  /** Whether sessions are UUIDs there, if need be made of their ids. */
  public boolean spellsSessionsAsUuid() {
    return specs.stream()
        .anyMatch(
            spec ->
                spec instanceof ColumnSpec.OfField of
                    && of.field().equals(kind.sessionField())
                    && of.asUuid());
  }

  /** How the session's column spells a session. */
  public String sessionText(String sessionId) {
    return spellsSessionsAsUuid() ? Identifiers.toUuid(sessionId) : sessionId;
  }

  /** The session that this value of the session's column means. */
  public String sessionIdOf(String text) {
    return spellsSessionsAsUuid() ? Identifiers.fromUuid(text) : text;
  }

  /** The member of a written JSON column that keeps what no other column can hold. */
  public Optional<String> restMember(int column) {
    return specs.get(column) instanceof ColumnSpec.OfObject of ? of.rest() : Optional.empty();
  }

  /** Whether a column keeps what no other column can hold. */
  public boolean hasRest() {
    return hasRest;
  }

  /** Whether a message may be several rows, its items, each with an id of {@link ItemIds}. */
  public boolean splitsMessages() {
    return splitting.isPresent();
  }

  /** Whether an entity tells all that its items depend on; else they stay as they are. */
  public boolean tellsItems(Entity entity) {
    return splitting.isPresent()
        && splitting.get().fields().stream()
            .noneMatch(field -> entity.isAbsent(field) && supplied.contains(field));
  }

  /** The entities that are a row each: this one, or its items where it cannot be one row. */
  public List<Entity> items(Entity entity) {
    if (!tellsItems(entity)) {
      return List.of(entity);
    }
    List<Entity> items = itemsOf(entity);
    return items.size() == 1
        ? items
        : IntStream.range(0, items.size()).mapToObj(i -> item(items.get(i), i + 1)).toList();
  }

  private List<Entity> itemsOf(Entity entity) {
    try {
      return splitting.orElseThrow().items(entity);
    } catch (MalformedRecordException e) {
      throw new UnmappableRowException(e.getMessage());
    }
  }

  /**
   * The rows that hold this entity: one, or one for each of its {@link #items}.
   *
   * @throws UnmappableRowException naming the column and why it cannot be written
   */
  public List<Written> writeItems(Entity entity) {
    return splitting.isEmpty()
        ? List.of(write(entity))
        : items(entity).stream().map(this::write).toList();
  }

  /**
   * The entity under the id of one of its items.
   *
   * @param place counted from 1
   */
  public Entity item(Entity entity, int place) {
    return entity.toBuilder().set(MESSAGE_ID, ItemIds.of(entity.text(MESSAGE_ID), place)).build();
  }

  /**
   * The row that holds this entity.
   *
   * @throws UnmappableRowException naming the column and why it cannot be written
   */
  public Written write(Entity entity) {
    RowWriting writing = new RowWriting(this, entity);
    for (int i = 0; i < specs.size(); i++) {
      if (!(specs.get(i) instanceof ColumnSpec.OfObject)
          && !(specs.get(i) instanceof ColumnSpec.OfDocument)) {
        writing.plain(i);
      }
    }
    // What no column keeps is known only after all others were written.
    for (int i = 0; i < specs.size(); i++) {
      if (specs.get(i) instanceof ColumnSpec.OfObject of && of.rest().isEmpty()) {
        writing.object(i, of);
      }
    }
    for (int i = 0; i < specs.size(); i++) {
      if (specs.get(i) instanceof ColumnSpec.OfObject of && of.rest().isPresent()) {
        writing.object(i, of);
      } else if (specs.get(i) instanceof ColumnSpec.OfDocument of) {
        writing.document(i, of);
      }
    }
    return writing.written();
  }

  /**
   * The key and session of the row that holds this entity; its other columns are absent.
   *
   * @throws UnmappableRowException naming the column and why it cannot be written
   */
  public Written writeIdentity(Entity entity) {
    RowWriting writing = new RowWriting(this, entity);
    writing.nothing();
    for (int i = 0; i < specs.size(); i++) {
      if (specs.get(i) instanceof ColumnSpec.OfField of && of.field().identity()) {
        writing.plain(i);
      }
    }
    return writing.written();
  }
}
