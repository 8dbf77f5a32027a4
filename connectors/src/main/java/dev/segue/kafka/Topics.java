package dev.segue.kafka;

import java.util.List;
import java.util.Objects;

/** The names of a migration's topics, groups and transactions. */
public record Topics(String migration) {
  public Topics {
    Objects.requireNonNull(migration, "migration");
  }

  private String prefix() {
    return "segue." + migration + ".";
  }

  /** What the source's log told, keyed by session. */
  public String changes() {
    return prefix() + "changes";
  }

  /** The same in the canonical format. */
  public String canonical() {
    return prefix() + "canonical";
  }

  /** What could not be mapped or written. */
  public String deadLetters() {
    return prefix() + "dead-letters";
  }

  /** How far the source is durably in {@link #changes}. */
  public String watermark() {
    return prefix() + "watermark";
  }

  /** All of them. */
  public List<String> all() {
    return List.of(changes(), canonical(), deadLetters(), watermark());
  }

  /** Fences an older capture. */
  public String captureTransaction() {
    return prefix() + "capture";
  }

  /** The group of the topology. */
  public String topologyGroup() {
    return prefix() + "topology";
  }

  /** The group of the sink. */
  public String sinkGroup() {
    return prefix() + "sink";
  }
}
