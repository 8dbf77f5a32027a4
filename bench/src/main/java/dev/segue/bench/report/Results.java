package dev.segue.bench.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Takes what is measured while it is measured. */
public final class Results {
  private final List<Sample> samples = new ArrayList<>();
  private final List<Failure> failures = new ArrayList<>();
  private final Set<Absence> absences = new LinkedHashSet<>();

  public void add(Series series, int round, double value) {
    samples.add(new Sample(series, round, value));
  }

  public void add(Failure failure) {
    failures.add(failure);
  }

  public void add(Absence absence) {
    absences.add(absence);
  }

  public List<Sample> samples() {
    return List.copyOf(samples);
  }

  public List<Failure> failures() {
    return List.copyOf(failures);
  }

  public List<Absence> absences() {
    return List.copyOf(absences);
  }

  /** The figure of each round. */
  Map<Integer, Double> of(Series series) {
    Map<Integer, Double> rounds = new LinkedHashMap<>();
    samples.stream()
        .filter(sample -> sample.series().equals(series))
        .forEach(sample -> rounds.put(sample.round(), sample.value()));
    return rounds;
  }
}
