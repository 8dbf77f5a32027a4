package dev.segue.guarantee;

import dev.segue.demo.Oracle;
import dev.segue.support.Migration;
import java.sql.Connection;
import java.util.List;

/**
 * Every transaction committed on the source is in the target, once.
 *
 * <p>Legal: a row that both sides have with the same values; a session whose rows are all gone on
 * both sides. Illegal: a row that only one side has, a row that the target has twice, a row that
 * differs in any value, a parked session (nothing of this workload is at fault), nothing compared.
 */
final class NothingLostOrDoubled implements Guarantee {
  private final Migration migration;

  NothingLostOrDoubled(Migration migration) {
    this.migration = migration;
  }

  @Override
  public void watch() {
    // The sides are compared once, when everything is still.
  }

  @Override
  public List<String> verdict() throws Exception {
    try (Connection source = migration.source();
        Connection target = migration.target()) {
      Oracle.Verdict verdict = Oracle.judge(source, target);
      String parked = migration.askTarget("SELECT count(*) FROM segue.parked");
      if (verdict.foundNothing() && parked.equals("0")) {
        return List.of();
      }
      return List.of(verdict + ", parked " + parked);
    }
  }

  @Override
  public void close() {
    // It holds nothing.
  }
}
