package dev.segue.bench.measure;

import dev.segue.bench.contender.Contender;
import dev.segue.bench.report.Absence;
import dev.segue.bench.report.Failure;
import dev.segue.bench.report.Results;
import dev.segue.bench.report.Series;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/** Lets contenders take turns at one measurement, and writes down what comes of it. */
public final class Contest {
  private final String measurement;
  private final Results results;
  private final Consumer<String> story;

  public Contest(String measurement, Results results, Consumer<String> story) {
    this.measurement = measurement;
    this.results = results;
    this.story = story;
  }

  /** One contender's turn. */
  interface Turn<C extends Contender> {
    void take(C contender) throws Exception;
  }

  /** Forth in odd rounds, back in even ones, so that nobody always comes after the same. */
  static <C> List<C> order(List<C> contenders, int round) {
    List<C> order = new ArrayList<>(contenders);
    if (round % 2 == 0) {
      Collections.reverse(order);
    }
    return order;
  }

  <C extends Contender> void round(int round, List<C> contenders, Turn<C> turn)
      throws InterruptedException {
    for (C contender : order(contenders, round)) {
      turn(round, contender, turn);
    }
  }

  <C extends Contender> void turn(int round, C contender, Turn<C> turn)
      throws InterruptedException {
    if (contender.absence().isPresent()) {
      results.add(new Absence(contender.name(), contender.absence().get()));
      return;
    }
    try {
      turn.take(contender);
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      String reason = e.getMessage() == null ? e.toString() : e.getMessage();
      results.add(new Failure(measurement, contender.name(), round, reason));
      story.accept(measurement + " " + round + ": " + contender.name() + " FAILED: " + reason);
    }
  }

  /** Writes a figure down. */
  void figure(int round, String contender, String quantity, double value) {
    results.add(new Series(measurement, contender, quantity), round, value);
    story.accept(
        String.format(
            Locale.ROOT, "%s %d: %s %,.2f %s", measurement, round, contender, value, quantity));
  }

  /** Writes a whole number down. */
  void figure(int round, String contender, String quantity, long value) {
    figure(round, contender, quantity, (double) value);
  }

  void tell(String line) {
    story.accept(measurement + ": " + line);
  }

  static double secondsSince(long nanos) {
    return (System.nanoTime() - nanos) / 1e9;
  }
}
