package dev.segue.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.segue.bench.server.Machine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
  private final Results results = new Results();

  @Test
  void tableTellsEachRatioWithItsLimits() {
    copied(1, 200, 100);
    copied(2, 150, 100);
    assertThat(Markdown.of(report()))
        .contains(
            "| snapshot with mapping, rows/s ÷ native initial copy | ≥ 1.30 | ≥ 1.80 | 1.75 |"
                + " 1.50 – 2 | yes |");
  }

  @Test
  void missIsWrittenLarge() {
    copied(1, 100, 100);
    Report report = report();
    assertThat(report.isHeld()).isFalse();
    assertThat(Markdown.of(report)).contains("| NO |");
  }

  @Test
  void contenderThatLostRowsIsNamed() {
    results.add(new Failure("snapshot", "bare COPY", 2, "not all arrived:\n1 is missing"));
    Report report = report();
    assertThat(report.isSound()).isFalse();
    assertThat(Markdown.of(report))
        .contains("FAILED in snapshot, round 2: bare COPY: not all arrived: 1 is missing");
  }

  @Test
  void absenceIsToldOnce() {
    results.add(new Absence("pgcopydb", "it is not installed"));
    results.add(new Absence("pgcopydb", "it is not installed"));
    assertThat(report().absences()).hasSize(1);
  }

  @Test
  void documentHoldsEveryFigure(@TempDir Path directory) throws IOException {
    copied(1, 200, 100);
    Path file = directory.resolve("bench.json");
    report().writeJson(file);
    JsonNode document = new ObjectMapper().readTree(file.toFile());
    assertThat(document.at("/samples/0/contender").asText()).isEqualTo("Segue");
    assertThat(document.at("/samples/0/value").doubleValue()).isEqualTo(200);
    assertThat(document.at("/ratios/0/rounds/1").doubleValue()).isEqualTo(2);
    assertThat(document.at("/machine/cores").intValue()).isEqualTo(2);
    assertThat(document.at("/run/settings/fsync").asText()).isEqualTo("on");
  }

  @Test
  void numbersHaveTheDigitsThatMeanSomething() {
    assertThat(
            List.of(
                Markdown.number(0.256),
                Markdown.number(12.34),
                Markdown.number(1234.4),
                Markdown.number(3)))
        .containsExactly("0.26", "12.3", "1,234", "3");
  }

  private void copied(int round, double segue, double nativeCopy) {
    results.add(new Series("snapshot", Goals.SEGUE, Goals.ROWS), round, segue);
    results.add(new Series("snapshot", Goals.NATIVE, Goals.ROWS), round, nativeCopy);
  }

  private Report report() {
    return Report.of(
        new Machine("a processor", 2, 24, "a VM", "18.6", 0.1),
        new Report.Run(
            List.of("snapshot"), 1, 2, "2026-11-21T00:00:00Z", 60, Map.of("fsync", "on")),
        results);
  }
}
