package dev.segue.verify;

import dev.segue.layout.Verbatim;
import dev.segue.spi.Chunk;
import dev.segue.spi.Source;
import dev.segue.spi.Target;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The tables whose rows both systems sum up themselves: those that hold the same on both sides, and
 * of whose rows nothing else is to be known.
 */
final class SummedTables {
  // By what pieces call the table, which need not be a database's.
  private final Map<String, Verbatim> atSource = new HashMap<>();
  private final Map<String, Verbatim> atTarget = new HashMap<>();

  private SummedTables(Stream<Verbatim> tables) {
    tables.forEach(
        table -> {
          atSource.put(table.source().toString(), table);
          atTarget.put(table.target().toString(), table);
        });
  }

  /** None: all rows are read. */
  static SummedTables none() {
    return new SummedTables(Stream.empty());
  }

  static SummedTables of(Source source, Target target) {
    References references = new References(source.supplies());
    return source.sumsRows() && target.sumsRows()
        ? new SummedTables(
            Verbatim.between(source.binding(), target.binding()).stream()
                .filter(table -> !references.areIn(table.kind())))
        : none();
  }

  boolean isEmpty() {
    return atSource.isEmpty();
  }

  Optional<Verbatim> atSource(Chunk chunk) {
    return Optional.ofNullable(atSource.get(chunk.table()));
  }

  Optional<Verbatim> atTarget(Chunk chunk) {
    return Optional.ofNullable(atTarget.get(chunk.table()));
  }

  /** Changes with the tables and their columns. */
  String identity() {
    return String.join(
        ";", new TreeSet<>(atSource.values().stream().map(Verbatim::toString).toList()));
  }
}
