package dev.segue.postgres;

import dev.segue.finding.Finding;
import dev.segue.layout.LayoutBinding;
import dev.segue.layout.TableBinding;
import dev.segue.relational.Table;
import dev.segue.relational.TableId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * What somebody changed about a source's tables since they were bound, so that its log misleads.
 */
final class SourceDrift {
  private final PostgresConnections connections;
  private final PostgresNames names;
  private final LayoutBinding binding;

  SourceDrift(PostgresConnections connections, PostgresNames names, LayoutBinding binding) {
    this.connections = connections;
    this.names = names;
    this.binding = binding;
  }

  /** The first of them; empty if there is none. */
  Optional<Finding> find() {
    List<Table> now = connections.with("reading the catalog", PostgresCatalog::tables);
    return TableDrift.find(connections.describe(), binding, now)
        .or(() -> connections.with("looking at partitions", this::partitionWithoutIdentity))
        .or(() -> connections.with("reading the publication", this::publicationOfOtherTables));
  }

  private Optional<Finding> publicationOfOtherTables(Connection connection) throws SQLException {
    long published;
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT count(*) FROM pg_publication_rel r JOIN pg_publication p"
                + " ON p.oid = r.prpubid WHERE p.pubname = ?")) {
      statement.setString(1, names.publication());
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        published = rows.getLong(1);
      }
    }
    return published == binding.tables().size()
        ? Optional.empty()
        : Optional.of(
            Finding.error(
                connections.describe() + " publication " + names.publication(),
                "has " + published + " tables, was made for " + binding.tables().size(),
                "changes may be missing: start over with an empty target and a new name"));
  }

  private Optional<Finding> partitionWithoutIdentity(Connection connection) throws SQLException {
    for (TableBinding table : binding.tables()) {
      if (ReplicaIdentity.needed(binding, table, names).isPresent()) {
        List<TableId> without = ReplicaIdentity.withoutFull(connection, table.table().id());
        if (!without.isEmpty()) {
          return Optional.of(
              Finding.error(
                  connections.describe() + " " + without.get(0),
                  "has no REPLICA IDENTITY FULL, so that its deletes cannot tell their session",
                  "ALTER TABLE " + without.get(0) + " REPLICA IDENTITY FULL, then: segue run"));
        }
      }
    }
    return Optional.empty();
  }
}
