package dev.segue.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.segue.bench.contender.BareCopy;
import dev.segue.bench.contender.Copier;
import dev.segue.bench.measure.Contest;
import dev.segue.bench.measure.Snapshot;
import dev.segue.bench.report.Failure;
import dev.segue.bench.report.Results;
import dev.segue.bench.report.Sample;
import dev.segue.bench.server.Conversations;
import dev.segue.bench.server.Database;
import dev.segue.bench.server.Site;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command on a little data, and that it finds out who loses rows. */
class BenchIT {
  @Test
  void everyContenderDeliversAndHasFigures(@TempDir Path directory) throws IOException {
    Path json = directory.resolve("bench.json");
    Path markdown = directory.resolve("bench.md");
    StringWriter told = new StringWriter();
    int exit =
        Bench.commandLine()
            .setErr(new PrintWriter(told, true))
            .setOut(new PrintWriter(new StringWriter()))
            .execute(
                "snapshot",
                "catchup",
                "--scale=0.004",
                "--rounds=1",
                "--only=segue,native,bare",
                "--json=" + json,
                "--markdown=" + markdown);

    assertThat(exit).as(told.toString()).isZero();
    JsonNode report = new ObjectMapper().readTree(json.toFile());
    assertThat(report.path("failures")).isEmpty();
    Set<String> measured = new TreeSet<>();
    for (JsonNode sample : report.path("samples")) {
      assertThat(sample.path("value").doubleValue()).as(sample.toString()).isPositive();
      measured.add(sample.path("measurement").asText() + " " + sample.path("contender").asText());
    }
    assertThat(measured)
        .containsExactly(
            "catchup Segue",
            "catchup native",
            "snapshot Segue",
            "snapshot bare COPY",
            "snapshot native");
    assertThat(report.path("ratios")).hasSize(2);
    assertThat(report.at("/run/settings/fsync").asText()).isEqualTo("on");
    assertThat(report.at("/run/settings/full_page_writes").asText()).isEqualTo("on");
    assertThat(report.at("/run/settings/synchronous_commit").asText()).isEqualTo("on");
    assertThat(markdown).content().contains("native initial copy");
  }

  @Test
  void contenderThatLosesARowIsAFailureAndNoFigure() throws Exception {
    Results results = new Results();
    Copier careless = new Careless();
    Path directory;
    try (Site site = Site.open();
        Snapshot snapshot =
            new Snapshot(
                new Contest("snapshot", results, line -> {}),
                site,
                new Conversations(10, 50),
                List.of(careless, new BareCopy()))) {
      directory = site.directory("any").getParent();
      snapshot.round(1);
    }

    assertThat(results.failures())
        .containsExactly(
            new Failure(
                "snapshot",
                careless.name(),
                1,
                "not all arrived: the source has 10 sessions and 50 messages, the target 10 and"
                    + " 49"));
    assertThat(results.samples())
        .extracting(Sample::series)
        .extracting("contender")
        .containsOnly("bare COPY");
    assertThat(directory).doesNotExist();
  }

  /** A server has places for ten of them, and a whole run has more migrations. */
  @Test
  void originsOfAMigrationGoWithIt() throws Exception {
    try (Site site = Site.open()) {
      List<Database> both = List.of(site.createSource("any"), site.createTarget("any"));
      for (Database database : both) {
        database.execute(
            "SELECT pg_replication_origin_create('segue_bench_1_' || place)"
                + " FROM generate_series(0, 1) AS place",
            "SELECT pg_replication_origin_create('segue_bench_12_0')");
      }

      site.forget("segue_bench_1_");

      for (Database database : both) {
        assertThat(database.ask("SELECT string_agg(roname, ' ') FROM pg_replication_origin"))
            .isEqualTo("segue_bench_12_0");
      }
    }
  }

  /** Copies all rows but one. */
  private static final class Careless implements Copier {
    @Override
    public String name() {
      return "careless";
    }

    @Override
    public AutoCloseable copy(Database source, Database target) throws Exception {
      AutoCloseable rest = new BareCopy().copy(source, target);
      target.execute("DELETE FROM messages WHERE id = md5('message/7')::uuid");
      return rest;
    }
  }
}
