package dev.segue.postgres;

import dev.segue.finding.Finding;
import dev.segue.layout.DataQuestion;
import dev.segue.relational.TableId;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * How a question about a source's rows is asked, and what the answer means.
 *
 * @param condition is true for the rows that the target would refuse
 * @param worst what else to find out about them, as an aggregate
 * @param may what is to be said if there is no such row now
 * @param refusal what is to be said if there are some
 */
record DataAnswer(String condition, String worst, String may, Refusal refusal) {

  /** What to say of so many rows. */
  private interface Refusal {
    Finding of(long rows, String worst);
  }

  static DataAnswer to(DataQuestion question) {
    if (question instanceof DataQuestion.Longer longer) {
      return toLonger(longer);
    }
    return question instanceof DataQuestion.Beyond beyond ? toBeyond(beyond) : toNulls(question);
  }

  private static DataAnswer toLonger(DataQuestion.Longer question) {
    String length = "length(" + TableId.quote(question.column()) + "::text)";
    return new DataAnswer(
        length + " > " + question.limit(),
        "max(" + length + ")",
        "takes " + question.limit() + " characters, and " + from(question) + " may be longer",
        (rows, worst) ->
            Finding.error(
                question.target(),
                "is too narrow: "
                    + rows
                    + " rows of "
                    + from(question)
                    + " are longer than "
                    + question.limit()
                    + " characters (longest "
                    + worst
                    + ")",
                "ALTER TABLE … ALTER COLUMN … TYPE varchar(" + worst + ")"));
  }

  private static DataAnswer toBeyond(DataQuestion.Beyond question) {
    String number = TableId.quote(question.column()) + "::numeric";
    String least = question.range().least().toPlainString();
    String most = question.range().most().toPlainString();
    return new DataAnswer(
        number + " NOT BETWEEN " + least + " AND " + most,
        "max(abs(" + number + "))",
        "takes " + question.range() + ", and " + from(question) + " may be beyond",
        (rows, worst) ->
            Finding.error(
                question.target(),
                "is too narrow: "
                    + rows
                    + " rows of "
                    + from(question)
                    + " are not within "
                    + question.range()
                    + " (farthest "
                    + worst
                    + ")",
                "ALTER TABLE … ALTER COLUMN … TYPE numeric"));
  }

  private static DataAnswer toNulls(DataQuestion question) {
    return new DataAnswer(
        TableId.quote(question.column()) + " IS NULL",
        "null",
        "is NOT NULL, and " + from(question) + " may be null",
        (rows, worst) ->
            Finding.error(
                question.target(),
                "is NOT NULL without a value for "
                    + rows
                    + " rows where "
                    + from(question)
                    + " is null",
                "add 'default: …' to the column in the target's layout, or: ALTER TABLE …"
                    + " ALTER COLUMN … DROP NOT NULL"));
  }

  private static String from(DataQuestion question) {
    return question.table() + "." + question.column();
  }

  /** Looks at the rows; an error if some are refused now, else a warning. */
  Finding ask(Connection connection, DataQuestion question) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT count(*), "
                    + worst
                    + " FROM "
                    + question.table().sql()
                    + " WHERE "
                    + condition)) {
      rows.next();
      long count = rows.getLong(1);
      return count > 0
          ? refusal.of(count, rows.getString(2))
          : Finding.warning(
              question.target(),
              may + " (no row is now)",
              "a later row that is would park its session");
    }
  }
}
