package dev.segue.postgres;

import dev.segue.layout.LayoutBinding;
import dev.segue.layout.TableBinding;
import dev.segue.relational.TableId;
import dev.segue.spi.Removal;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a migration makes in its source besides the slot, and how all of it goes again. */
final class SourcePreparation {
  private static final Logger LOG = LoggerFactory.getLogger(SourcePreparation.class);
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final PostgresConnections connections;
  private final PostgresNames names;
  private final LayoutBinding binding;

  SourcePreparation(PostgresConnections connections, PostgresNames names, LayoutBinding binding) {
    this.connections = connections;
    this.names = names;
    this.binding = binding;
  }

  /**
   * Makes the publication and has the tables tell their rows in full where that is needed.
   *
   * @return the server's version, as {@code server_version_num} counts, without the minor one
   */
  int publish(Consumer<String> progress) {
    return connections.with(
        "preparing",
        connection -> {
          List<TableId> identities = new ArrayList<>();
          for (TableBinding table : binding.tables()) {
            if (ReplicaIdentity.needed(binding, table, names).isPresent()) {
              // Partitions do not take it over from their parent.
              identities.addAll(ReplicaIdentity.withoutFull(connection, table.table().id()));
            }
          }
          List<TableId> tables =
              binding.tables().stream().map(table -> table.table().id()).toList();
          // First, because it remembers what they were.
          new Publication(connection, names.publication()).create(tables, identities);
          for (TableId table : identities) {
            setReplicaIdentity(connection, table, "FULL", progress);
          }
          return connection.getMetaData().getDatabaseMajorVersion() * 10000;
        });
  }

  private static void setReplicaIdentity(
      Connection connection, TableId table, String identity, Consumer<String> progress)
      throws SQLException {
    LockQueue.run(
        connection,
        table.toString(),
        "ALTER TABLE " + table.sql() + " REPLICA IDENTITY " + identity,
        PATIENCE,
        progress);
  }

  /** What is still there of it, in the order to remove it. */
  List<Removal> removals() {
    List<Removal> removals = new ArrayList<>();
    ReplicationSlot slot = new ReplicationSlot(connections, names);
    if (slot.exists()) {
      removals.add(
          new Removal(
              connections.describe() + " replication slot " + names.slot(),
              () -> {
                slot.release();
                slot.drop();
              }));
    }
    connections.with("reading the publication", connection -> leftovers(connection, removals));
    return removals;
  }

  private Object leftovers(Connection connection, List<Removal> removals) throws SQLException {
    Publication publication = new Publication(connection, names.publication());
    if (!publication.exists()) {
      return null;
    }
    for (Map.Entry<TableId, String> before : publication.identitiesBefore().entrySet()) {
      TableId table = before.getKey();
      if (publication.isNeededElsewhere(table)) {
        LOG.atWarn()
            .addKeyValue("table", table)
            .log("another migration needs its replica identity, which stays");
      } else if (ReplicaIdentity.canBe(connection, table, before.getValue())) {
        removals.add(
            new Removal(
                connections.describe()
                    + " "
                    + table
                    + " REPLICA IDENTITY FULL, back to "
                    + before.getValue(),
                () -> connections.with("altering " + table, c -> giveBack(c, before))));
      }
    }
    // Last, because it remembers what the replica identities were.
    removals.add(
        new Removal(
            connections.describe() + " publication " + names.publication(),
            () ->
                connections.with(
                    "dropping the publication",
                    c -> {
                      new Publication(c, names.publication()).drop();
                      return null;
                    })));
    return null;
  }

  private static Object giveBack(Connection connection, Map.Entry<TableId, String> before)
      throws SQLException {
    if (ReplicaIdentity.canBe(connection, before.getKey(), before.getValue())) {
      setReplicaIdentity(connection, before.getKey(), before.getValue(), unused -> {});
    }
    return null;
  }
}
