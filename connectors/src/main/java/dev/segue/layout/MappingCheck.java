package dev.segue.layout;

import dev.segue.canonical.Field;
import dev.segue.finding.Finding;
import dev.segue.relational.Column;
import dev.segue.relational.ColumnType;
import dev.segue.relational.ColumnType.Family;
import dev.segue.relational.Limits;
import dev.segue.relational.TableId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Compares what a source's rows can hold with what the target's columns take, before any row is
 * read. Where only the data can tell, it says what to ask the source.
 */
public final class MappingCheck {
  private static final Set<Family> NUMBERS = Set.of(Family.INTEGER, Family.DECIMAL, Family.FLOAT);

  private final TableBinding source;
  private final TableBinding target;
  private final RowReader reader;
  private final RowWriter writer;
  private final List<Finding> findings = new ArrayList<>();
  private final List<DataQuestion> questions = new ArrayList<>();

  public MappingCheck(
      TableBinding source, TableBinding target, RowReader reader, RowWriter writer) {
    this.source = source;
    this.target = target;
    this.reader = reader;
    this.writer = writer;
    findings.addAll(new IdentityCheck(source, target, writer).findings());
    for (int i = 0; i < writer.columns().size(); i++) {
      check(writer.columns().get(i), writer.spec(i));
    }
    checkUnwritten();
    checkLoss();
  }

  public List<Finding> findings() {
    return findings;
  }

  public List<DataQuestion> questions() {
    return questions;
  }

  private String name(Column column) {
    return "target " + target.table().id() + "." + column.name();
  }

  private void check(Column column, ColumnSpec spec) {
    if (!(spec instanceof ColumnSpec.OfField of)) {
      boolean ofText =
          spec instanceof ColumnSpec.OfMessage && column.type().family() == Family.TEXT;
      if (!(spec instanceof ColumnSpec.OfConstant)
          && !(spec instanceof ColumnSpec.OfDerived)
          && !ofText
          && column.type().family() != Family.JSON) {
        findings.add(
            Finding.error(
                name(column),
                "holds a JSON document by its layout, but is " + column.type(),
                "ALTER TABLE … ALTER COLUMN " + column.name() + " TYPE jsonb"));
      }
      return;
    }
    Family family = column.type().family();
    if (!FieldText.fits(of.type(), family)) {
      findings.add(
          Finding.error(
              name(column),
              "is "
                  + column.type()
                  + ", which cannot hold "
                  + of.field()
                  + " ("
                  + of.field().type().name().toLowerCase(java.util.Locale.ROOT)
                  + ")",
              "map the column to another field in the target's layout"));
      return;
    }
    sourceColumn(of.field()).ifPresent(from -> compare(from, column, of));
  }

  private void compare(Column from, Column to, ColumnSpec.OfField of) {
    ColumnType wide = from.type();
    ColumnType narrow = to.type();
    TableId table = source.table().id();
    if (narrow.limits().mayRefuseLengthOf(wide.limits())) {
      int limit = narrow.limits().characters();
      questions.add(new DataQuestion.Longer(table, from.name(), name(to), limit));
    }
    if (NUMBERS.contains(wide.family()) && narrow.limits().mayRefuseNumberOf(wide.limits())) {
      Limits.Range range = narrow.limits().range().orElseThrow();
      questions.add(new DataQuestion.Beyond(table, from.name(), name(to), range));
    }
    if (narrow.family() != Family.INTEGER && narrow.limits().mayRound(wide.limits())) {
      findings.add(
          Finding.error(
              name(to),
              "type "
                  + narrow
                  + " is too narrow: it would round "
                  + table
                  + "."
                  + from.name()
                  + " "
                  + wide,
              "ALTER TABLE … ALTER COLUMN " + to.name() + " TYPE " + wide));
    }
    if (narrow.family() == Family.UUID && wide.family() != Family.UUID && !of.asUuid()) {
      findings.add(
          Finding.error(
              name(to),
              "is uuid, but " + source.table().id() + "." + from.name() + " is " + wide,
              "add 'as: uuid' to the column in the target's layout"));
    }
    if (to.notNull()
        && !from.notNull()
        && of.fallback().isEmpty()
        && of.ifNull().isEmpty()
        && of.or().isEmpty()) {
      questions.add(new DataQuestion.Nulls(table, from.name(), name(to)));
    }
  }

  private Optional<Column> sourceColumn(Field field) {
    return source.layout().columns().entrySet().stream()
        .filter(e -> e.getValue() instanceof ColumnSpec.OfField of && of.field().equals(field))
        .flatMap(e -> source.table().column(e.getKey()).stream())
        .findFirst();
  }

  private void checkUnwritten() {
    for (Column column : target.table().columns()) {
      boolean written = writer.columns().contains(column);
      if (target.layout().isSetAside(column.name())) {
        checkVectors(column);
      } else if (!written && column.notNull() && !column.hasDefault() && !column.generated()) {
        findings.add(
            Finding.error(
                name(column),
                "is NOT NULL and has no default, and nothing of the source goes there",
                "add 'default: …' for it to the target's layout, or: ALTER TABLE "
                    + target.table().id()
                    + " ALTER COLUMN "
                    + column.name()
                    + " SET DEFAULT …"));
      }
      if (column.generated() && target.layout().columns().containsKey(column.name())) {
        findings.add(
            Finding.warning(
                name(column), "is computed by the database and will not be written", ""));
      }
    }
  }

  private void checkVectors(Column column) {
    if (column.notNull()) {
      findings.add(
          Finding.error(
              name(column),
              "is NOT NULL, but a vector is made a little later than its row",
              "ALTER TABLE "
                  + target.table().id()
                  + " ALTER COLUMN "
                  + column.name()
                  + " DROP NOT NULL;  -- set it again once segue verify passes"));
    }
  }

  private void checkLoss() {
    if (writer.hasRest()) {
      return;
    }
    for (Field field : reader.supplied()) {
      if (!writer.isHeld(field) && !(isUnknown(field) && isOfOneShape())) {
        findings.add(
            Finding.lossy(
                source.layout().kind().wireName() + "." + field,
                "has no column in layout table " + target.table().id() + " and would be lost"));
      }
    }
  }

  private static boolean isUnknown(Field field) {
    return field.name().equals("unknown");
  }

  /** Whether all that no field takes is what both sides' own JSON of a message keeps. */
  private boolean isOfOneShape() {
    Set<String> shapes = shapes(target);
    return reader.unlisted().isEmpty() && !shapes.isEmpty() && shapes.equals(shapes(source));
  }

  private static Set<String> shapes(TableBinding table) {
    return table.layout().columns().values().stream()
        .filter(spec -> spec instanceof ColumnSpec.OfMessage)
        .map(spec -> ((ColumnSpec.OfMessage) spec).codec().name())
        .collect(Collectors.toSet());
  }
}
