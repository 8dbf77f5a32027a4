package dev.segue.layout;

import dev.segue.finding.Finding;
import dev.segue.relational.Column;
import dev.segue.relational.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds the tables that rows of a first table may be moved into. */
final class ArchiveSearch {
  private final String side;
  private final TableBinding first;
  private final List<Finding> findings;

  ArchiveSearch(String side, TableBinding first, List<Finding> findings) {
    this.side = side;
    this.first = first;
    this.findings = findings;
  }

  /**
   * Those that are there, in the layout's order.
   *
   * @param named tables that the user named, by the layout's own name for them
   */
  List<TableBinding> find(TableLayout layout, List<Table> real, Map<String, String> named) {
    List<TableBinding> bound = new ArrayList<>();
    for (String archive : layout.archives()) {
      String wanted = named.getOrDefault(archive, archive);
      List<Table> found = LayoutBinding.named(wanted, real);
      if (found.size() > 1) {
        findings.add(LayoutBinding.ambiguous(side, archive, wanted, found));
      } else if (found.size() == 1) {
        bound.add(bind(layout, archive, found.get(0)));
      } else if (named.containsKey(archive)) {
        findings.add(
            Finding.error(
                side + " " + wanted,
                "table not found; migration.yaml names it as " + archive,
                "take it out of " + side + ".tables, or grant the role access to it"));
      }
    }
    return bound;
  }

  private TableBinding bind(TableLayout layout, String name, Table archive) {
    TableLayout settled = layout.in(name, archive, first.table());
    LayoutBinding.checkColumns(side, settled, archive, findings);
    first.table().columns().stream()
        .filter(column -> !column.generated() && !first.layout().isSetAside(column.name()))
        .forEach(column -> compare(archive, column));
    archive.columns().stream()
        .filter(column -> settled.columns().get(column.name()) instanceof ColumnSpec.LeftAlone)
        .filter(column -> first.table().column(column.name()).isEmpty())
        .forEach(
            column ->
                findings.add(
                    Finding.lossy(
                        name(archive, column),
                        "is not in " + first.table().id() + ", and does not move with the rows")));
    return new TableBinding(settled, archive);
  }

  private String name(Table archive, Column column) {
    return side + " " + archive.id() + "." + column.name();
  }

  private void compare(Table archive, Column column) {
    ColumnSpec spec = first.layout().columns().get(column.name());
    if (spec instanceof ColumnSpec.LeftAlone) {
      return;
    }
    Optional<Column> there = archive.column(column.name());
    boolean identity = spec instanceof ColumnSpec.OfField of && of.field().identity();
    if (identity && there.filter(c -> c.type().name().equals(column.type().name())).isEmpty()) {
      findings.add(
          Finding.error(
              name(archive, column),
              there.map(c -> "is " + c.type()).orElse("is missing")
                  + ", but "
                  + first.table().id()
                  + "."
                  + column.name()
                  + " is "
                  + column.type()
                  + ": a row that is moved could not be told by it",
              there.isPresent()
                  ? "ALTER TABLE " + archive.id() + " ALTER COLUMN " + column.name() + " TYPE …"
                  : "ALTER TABLE " + archive.id() + " ADD COLUMN " + column.name() + " …"));
    } else if (there.isEmpty() && spec instanceof ColumnSpec.OfMessage) {
      findings.add(
          Finding.error(
              name(archive, column),
              "is missing, and holds what a message is",
              "ALTER TABLE " + archive.id() + " ADD COLUMN " + column.name() + " …"));
    } else if (there.isEmpty()) {
      findings.add(
          Finding.warning(
              name(archive, column),
              "is missing, so a row that is moved there keeps in the target what it had, and of one"
                  + " that is there already nothing is known",
              "add the column to the archive, before rows are moved"));
    }
  }
}
