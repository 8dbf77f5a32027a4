package dev.segue.bench.report;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.segue.bench.server.Machine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** All that is to be told about one run. */
public record Report(
    Machine machine,
    Run run,
    List<Ratio> ratios,
    List<Sample> samples,
    List<Failure> failures,
    List<Absence> absences) {
  public Report {
    ratios = List.copyOf(ratios);
    samples = List.copyOf(samples);
    failures = List.copyOf(failures);
    absences = List.copyOf(absences);
  }

  /**
   * What was run.
   *
   * @param measurements in order
   * @param scale of the data, 1 being 50,000 sessions and 1,500,000 messages
   * @param seconds that all of it took
   * @param settings of both servers that say how durable a commit is
   */
  public record Run(
      List<String> measurements,
      double scale,
      int rounds,
      String began,
      double seconds,
      Map<String, String> settings) {
    public Run {
      measurements = List.copyOf(measurements);
      settings = new LinkedHashMap<>(settings);
    }
  }

  public static Report of(Machine machine, Run run, Results results) {
    List<Ratio> ratios = Goals.ALL.stream().flatMap(goal -> goal.judge(results).stream()).toList();
    return new Report(
        machine, run, ratios, results.samples(), results.failures(), results.absences());
  }

  /** Whether every contender delivered all rows. */
  public boolean isSound() {
    return failures.isEmpty();
  }

  /** Whether every "must" that was measured holds. */
  public boolean isHeld() {
    return ratios.stream().allMatch(Ratio::held);
  }

  /** The figures of each series over all rounds, in the order in which they were first measured. */
  Map<Series, Spread> figures() {
    Map<Series, List<Double>> values =
        samples.stream()
            .collect(
                Collectors.groupingBy(
                    Sample::series,
                    LinkedHashMap::new,
                    Collectors.mapping(Sample::value, Collectors.toList())));
    Map<Series, Spread> spreads = new LinkedHashMap<>();
    values.forEach((series, figures) -> spreads.put(series, Spread.of(figures)));
    return spreads;
  }

  public void writeJson(Path file) throws IOException {
    JsonMapper.builder()
        .enable(SerializationFeature.INDENT_OUTPUT)
        .build()
        .writeValue(file.toFile(), this);
  }
}
