package dev.segue.postgres;

import dev.segue.finding.Finding;
import dev.segue.layout.LayoutBinding;
import dev.segue.layout.TableBinding;
import dev.segue.relational.TableId;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** What is peculiar to a table that rows of another one are moved into. */
final class ArchiveChecks {
  /** What nobody has to know is not worth a longer wait. */
  private static final String PATIENCE = "5s";

  private static final String CANCELED = "57014";

  private final String name;
  private final List<TableBinding> before;
  private final TableId archive;

  /**
   * @param side for messages
   */
  ArchiveChecks(String side, LayoutBinding all, TableBinding archive) {
    this.name = side + " " + archive.table().id();
    this.before = all.before(archive);
    this.archive = archive.table().id();
  }

  private TableId first() {
    return before.get(0).table().id();
  }

  /**
   * @param prepared whether the migration reads the source already, so that its rows are known
   */
  List<Finding> run(Connection connection, boolean prepared) throws SQLException {
    List<Finding> findings = new ArrayList<>();
    findings.add(
        Finding.warning(
            name,
            "holds rows that were moved out of "
                + first()
                + "; TRUNCATE of either stops the migration while the other one has rows",
            "use DELETE instead while the migration runs"));
    if (!prepared) {
      try {
        addCopies(count(connection, PATIENCE), findings);
      } catch (SQLException e) {
        if (!CANCELED.equals(e.getSQLState())) {
          throw e;
        }
        findings.add(
            Finding.warning(
                name,
                "may have rows that are in "
                    + first()
                    + " too, where they count; they were not counted, which took longer than "
                    + PATIENCE,
                "leave them: they do not move"));
      }
    }
    return findings;
  }

  private void addCopies(long copies, List<Finding> findings) {
    if (copies > 0) {
      findings.add(
          Finding.warning(
              name,
              "has " + copies + " rows that are in " + first() + " too, where they count",
              "delete the copies, or leave them: they do not move"));
    }
  }

  /**
   * How many rows an earlier table has too.
   *
   * @param patience how long the server may take, as it writes a time; zero for as long as it takes
   */
  long count(Connection connection, String patience) throws SQLException {
    String both = before.stream().map(Archives::has).collect(Collectors.joining(" OR ", "(", ")"));
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET statement_timeout = '" + patience + "'");
      try (ResultSet rows =
          statement.executeQuery("SELECT count(*) FROM " + archive.sql() + " t WHERE " + both)) {
        rows.next();
        return rows.getLong(1);
      } finally {
        statement.execute("SET statement_timeout = 0");
      }
    }
  }
}
