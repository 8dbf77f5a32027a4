package dev.segue.layout;

import dev.segue.canonical.Kind;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A system's tables and how each column relates to canonical fields.
 *
 * @param name what {@code migration.yaml} calls it
 * @param title one line for people
 * @param isOfFiles whether it is for files, which list the fields that they tell
 * @param normal what it says, as one text that no change of spelling changes
 * @param ddl SQL that creates the system's own tables, if Segue ships it
 */
public record Layout(
    String name,
    String title,
    List<TableLayout> tables,
    boolean isOfFiles,
    String normal,
    Optional<String> ddl) {
  public Layout {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(title, "title");
    tables = List.copyOf(tables);
    Objects.requireNonNull(normal, "normal");
    Objects.requireNonNull(ddl, "ddl");
  }

  /**
   * The same, but for the vectors of memory items: rows do not bring them, they are made anew.
   *
   * @param space which vectors they are to be, or are
   */
  public Layout withVectorsAside(String space) {
    return new Layout(
        name,
        title,
        tables.stream()
            .map(
                table ->
                    table.kind() == Kind.MEMORY_ITEM
                        ? table.withVectorsAside("embeddings", space)
                        : table)
            .toList(),
        isOfFiles,
        normal + "\nvectors: " + space,
        ddl);
  }

  /** The same without the tables that rows may be moved into: nothing is written to them. */
  public Layout withoutArchives() {
    return new Layout(
        name,
        title,
        tables.stream().map(TableLayout::withoutArchives).toList(),
        isOfFiles,
        normal,
        ddl);
  }

  /** Whether it is for a store of keys and values. */
  public boolean isOfKeys() {
    return tables.stream().anyMatch(table -> table.keys().isPresent());
  }
}
