package dev.segue.layout;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.segue.canonical.Field;
import dev.segue.canonical.Kind;
import dev.segue.finding.Finding;
import dev.segue.relational.Column;
import dev.segue.relational.ColumnType.Family;
import dev.segue.relational.Table;
import dev.segue.relational.TableId;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A layout laid over the tables that a database really has, and where the two differ.
 *
 * @param tables one of each kind, then those that rows of these may be moved into
 */
public record LayoutBinding(Layout layout, List<TableBinding> tables, List<Finding> findings) {
  public LayoutBinding {
    Objects.requireNonNull(layout, "layout");
    tables = List.copyOf(tables);
    findings = List.copyOf(findings);
  }

  /**
   * Finds the layout's tables.
   *
   * @param side {@code source} or {@code target}, for messages
   * @param real all tables that the database has
   * @param named tables that the user named, by the layout's own name for them
   */
  public static LayoutBinding bind(
      String side, Layout layout, List<Table> real, Map<String, String> named) {
    List<TableBinding> bound = new ArrayList<>();
    List<Finding> findings = new ArrayList<>();
    named.keySet().stream()
        .filter(name -> layout.tables().stream().noneMatch(table -> isOf(table, name)))
        .forEach(
            name ->
                findings.add(
                    Finding.error(
                        side + ".tables." + name,
                        "layout " + layout.name() + " has no table of that name",
                        "it has "
                            + layout.tables().stream()
                                .map(TableLayout::table)
                                .collect(Collectors.joining(", ")))));
    for (TableLayout table : layout.tables()) {
      String wanted = named.getOrDefault(table.table(), table.table());
      List<Table> found = named(wanted, real);
      if (found.size() == 1) {
        TableLayout settled = table.in(found.get(0));
        checkColumns(side, settled, found.get(0), findings);
        bound.add(new TableBinding(settled, found.get(0)));
      } else if (!found.isEmpty()) {
        findings.add(ambiguous(side, table.table(), wanted, found));
      } else if (!table.optional()) {
        findings.add(
            Finding.error(
                side + " " + wanted,
                "table not found; layout "
                    + layout.name()
                    + " keeps its "
                    + table.kind().wireName()
                    + " rows there",
                layout.ddl().isPresent() && side.equals("target")
                    ? "create the layout's tables with: segue plan --create-target"
                    : "name the table in migration.yaml: "
                        + side
                        + ": {tables: {"
                        + table.table()
                        + ": schema.table}}, or grant the role access to it"));
      }
    }
    for (TableBinding first : List.copyOf(bound)) {
      TableLayout table =
          layout.tables().stream()
              .filter(candidate -> candidate.kind() == first.layout().kind())
              .findFirst()
              .orElseThrow();
      bound.addAll(new ArchiveSearch(side, first, findings).find(table, real, named));
    }
    return new LayoutBinding(layout, bound, findings);
  }

  private static boolean isOf(TableLayout table, String name) {
    return table.table().equals(name) || table.archives().contains(name);
  }

  /**
   * Twelve hexadecimal digits that change when the layout says something else, or of other tables.
   */
  public String fingerprint() {
    String said =
        tables.stream()
            .map(table -> table.layout().kind().wireName() + " " + table.table().id())
            .sorted()
            .collect(Collectors.joining("\n", layout.normal() + "\n", ""));
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(said.getBytes(UTF_8));
      return HexFormat.of().formatHex(digest, 0, 6);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Those of that name, with or without schema. */
  static List<Table> named(String wanted, List<Table> real) {
    return real.stream().filter(table -> matches(wanted, table.id())).toList();
  }

  /** What to say where several tables have the name. */
  static Finding ambiguous(String side, String name, String wanted, List<Table> found) {
    return Finding.error(
        side + " " + wanted,
        "stands in several schemas: "
            + found.stream().map(t -> t.id().toString()).collect(Collectors.joining(", ")),
        "say which in migration.yaml: "
            + side
            + ": {tables: {"
            + name
            + ": "
            + found.get(0).id()
            + "}}");
  }

  /**
   * All tables that hold entities of that kind; the first that has a row is the one that counts.
   */
  public List<TableBinding> all(Kind kind) {
    return tables.stream().filter(table -> table.layout().kind() == kind).toList();
  }

  /** The tables of the same kind whose rows count before those of this one. */
  public List<TableBinding> before(TableBinding table) {
    return all(table.layout().kind()).stream().takeWhile(other -> !other.equals(table)).toList();
  }

  /** The binding for entities of that kind; of several tables the first. */
  public Optional<TableBinding> of(Kind kind) {
    return tables.stream().filter(table -> table.layout().kind() == kind).findFirst();
  }

  /** The binding of that real table. */
  public Optional<TableBinding> of(TableId id) {
    return tables.stream().filter(table -> table.table().id().equals(id)).findFirst();
  }

  /** A layout may list several columns for a field, of which a table has one. */
  private static void checkReadOnce(
      String side, TableLayout layout, Table table, List<Finding> findings) {
    Map<Field, String> read = new HashMap<>();
    layout
        .columns()
        .forEach(
            (name, spec) -> {
              if (table.column(name).isPresent() && spec.fieldItself().isPresent()) {
                String other = read.putIfAbsent(spec.fieldItself().get(), name);
                if (other != null) {
                  String subject = side + " " + table.id() + "." + name;
                  String message =
                      "and "
                          + other
                          + " both hold "
                          + spec.fieldItself().get()
                          + ", of which only the later can be read";
                  String remedy =
                      "take one of them out of a layout of your own: segue layouts show prints"
                          + " this one";
                  findings.add(
                      side.equals("source")
                          ? Finding.error(subject, message, remedy)
                          : Finding.warning(subject, message + " when it is given back", remedy));
                }
              }
            });
  }

  private static boolean matches(String wanted, TableId id) {
    return wanted.contains(".") ? wanted.equals(id.toString()) : wanted.equals(id.name());
  }

  static void checkColumns(String side, TableLayout layout, Table table, List<Finding> findings) {
    layout
        .columns()
        .forEach(
            (name, spec) -> {
              Optional<Column> column = table.column(name);
              if (column.isEmpty() && !spec.optional()) {
                findings.add(
                    Finding.error(
                        side + " " + table.id() + "." + name,
                        "column not found; the table has "
                            + table.columns().stream()
                                .map(Column::name)
                                .collect(Collectors.joining(", ")),
                        "write a layout for this table: segue layouts show, then change the column"
                            + " or mark it 'optional: true'"));
              }
            });
    checkReadOnce(side, layout, table, findings);
    for (Column column : table.columns()) {
      if (column.type().family() == Family.UNSUPPORTED
          && !column.generated()
          && !layout.isSetAside(column.name())) {
        boolean mapped = layout.columns().containsKey(column.name());
        if (mapped || side.equals("source")) {
          findings.add(
              Finding.error(
                  side + " " + table.id() + "." + column.name(),
                  "type " + column.type() + " cannot be carried",
                  "change the column's type, or keep it in a table of its own"));
        }
      }
    }
  }
}
