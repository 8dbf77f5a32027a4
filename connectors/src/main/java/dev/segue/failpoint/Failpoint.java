package dev.segue.failpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A seam that the guarantee tests pull at. {@code SEGUE_FAILPOINTS=sink-before-commit=halt@3} ends
 * the process with {@link Runtime#halt} (as kill -9 would) at the third hit; {@code stall} sleeps
 * for an hour; {@code fail} throws. {@code gate} waits at every hit while directory {@code
 * SEGUE_FAILPOINT_GATES} has a file of the point's name, and makes another that ends in {@code
 * .reached}. Without the variable a hit costs one field read.
 */
public enum Failpoint {
  CAPTURE_BEFORE_KAFKA_COMMIT,
  CAPTURE_AFTER_KAFKA_COMMIT,
  SNAPSHOT_MID_CHUNK,
  SNAPSHOT_BEFORE_LEDGER,
  SNAPSHOT_BEFORE_COMMIT,
  INDEX_BEFORE_COMMIT,
  TOPOLOGY_MID_BATCH,
  SINK_MID_BATCH,
  SINK_BEFORE_COMMIT,
  SINK_AFTER_COMMIT,
  /** The commit is sent and its answer is thrown away. */
  SINK_COMMIT_UNKNOWN,
  MOVE_SURVEYED,
  MOVE_FENCED,
  MOVE_DRAINED,
  MOVE_PROVEN,
  MOVE_SEALED,
  MOVE_SWITCHED,
  MOVE_OPENED,
  MEND_DRAINED,
  MEND_WRITTEN;

  /** The environment variable that arms failpoints. */
  public static final String VARIABLE = "SEGUE_FAILPOINTS";

  /** The environment variable that names the directory of gates. */
  public static final String GATES = "SEGUE_FAILPOINT_GATES";

  private static final Map<Failpoint, Trigger> ARMED = parse(System.getenv(VARIABLE));

  /** Called where the failure is to happen. */
  public void hit() {
    if (!ARMED.isEmpty()) {
      Trigger trigger = ARMED.get(this);
      if (trigger != null) {
        trigger.hit(this);
      }
    }
  }

  /** The name by which the variable names it. */
  public String wireName() {
    return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
  }

  private static Map<Failpoint, Trigger> parse(String text) {
    Map<Failpoint, Trigger> armed = new HashMap<>();
    if (text == null || text.isBlank()) {
      return armed;
    }
    for (String part : text.split(",", -1)) {
      String[] sides = part.strip().split("[=@]", -1);
      if (sides.length != 3) {
        throw new IllegalArgumentException(
            VARIABLE + ": expected name=halt|stall|fail|gate@hit, found '" + part + "'");
      }
      armed.put(
          valueOf(sides[0].toUpperCase(java.util.Locale.ROOT).replace('-', '_')),
          new Trigger(sides[1], new AtomicInteger(Integer.parseInt(sides[2]))));
    }
    return armed;
  }

  private record Trigger(String action, AtomicInteger remaining) {
    void hit(Failpoint point) {
      if (action.equals("gate")) {
        waitAtGate(Path.of(System.getenv(GATES)), point.wireName());
        return;
      }
      if (remaining.decrementAndGet() != 0) {
        return;
      }
      switch (action) {
        case "halt" -> Runtime.getRuntime().halt(137);
        case "fail" -> throw new FailpointException(point.wireName());
        case "stall" -> {
          try {
            Thread.sleep(3_600_000);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        }
        default -> throw new IllegalArgumentException(VARIABLE + ": unknown action " + action);
      }
    }
  }

  private static void waitAtGate(Path directory, String name) {
    Path gate = directory.resolve(name);
    try {
      if (Files.exists(gate)) {
        Files.write(directory.resolve(name + ".reached"), new byte[0]);
      }
      while (Files.exists(gate)) {
        Thread.sleep(10);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The failure that {@code fail} asks for; handled as a transient fault. */
  public static final class FailpointException extends RuntimeException {
    private static final long serialVersionUID = 1;

    FailpointException(String name) {
      super("failpoint " + name);
    }
  }
}
