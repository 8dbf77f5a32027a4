package dev.segue.spi;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * What a ledger without columns keeps of its migration, as names and values. One that is not there
 * is not known yet.
 */
public final class LedgerFacts {
  /** What the migration's own id is called; nothing is known of a migration without one. */
  private static final String ID = "id";

  /** What the number of the topics' partitions is called. */
  public static final String PARTITIONS = "partitions";

  /** What the id of the canonical topic is called. */
  public static final String TOPIC = "topic";

  private static final String SNAPSHOT_LOG = "snapshot_log";

  private LedgerFacts() {}

  /** Those of a migration that begins now. */
  public static Map<String, String> begun(Ledger.Identity identity) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("name", identity.name());
    facts.put(ID, UUID.randomUUID().toString());
    facts.put("source_identity", identity.sourceIdentity());
    facts.put("source_layout", identity.source().layout());
    facts.put("source_fingerprint", identity.source().fingerprint());
    facts.put("target_layout", identity.target().layout());
    facts.put("target_fingerprint", identity.target().fingerprint());
    facts.put(PARTITIONS, Integer.toString(identity.partitions()));
    facts.put("started_at", Instant.now().truncatedTo(ChronoUnit.MICROS).toString());
    facts.putAll(entered("new"));
    return facts;
  }

  /** Those that change with the phase. */
  public static Map<String, String> entered(String phase) {
    return Map.of("phase", phase);
  }

  /** Those that change once the source is prepared. */
  public static Map<String, String> prepared(Cutoff cutoff) {
    Map<String, String> facts = new LinkedHashMap<>(entered("snapshot"));
    facts.put("cutoff_log", cutoff.log());
    facts.put("cutoff_horizon", cutoff.horizon());
    facts.putAll(resumed(cutoff));
    return facts;
  }

  /** Those that change with a later view of the source. */
  public static Map<String, String> resumed(Cutoff cutoff) {
    return Map.of(SNAPSHOT_LOG, cutoff.log());
  }

  /** What they say of the migration, if it ever ran. */
  public static Optional<Ledger.Migration> migration(Map<String, String> facts) {
    if (!facts.containsKey(ID)) {
      return Optional.empty();
    }
    Ledger.Identity identity =
        new Ledger.Identity(
            facts.get("name"),
            facts.get("source_identity"),
            new Ledger.Side(facts.get("source_layout"), facts.get("source_fingerprint")),
            new Ledger.Side(facts.get("target_layout"), facts.get("target_fingerprint")),
            Integer.parseInt(facts.get(PARTITIONS)));
    return Optional.of(
        new Ledger.Migration(
            identity,
            facts.get(ID),
            facts.get("started_at"),
            facts.get("phase"),
            Optional.ofNullable(facts.get("cutoff_log"))
                .map(log -> new Cutoff(log, facts.get("cutoff_horizon"))),
            Optional.ofNullable(facts.get(SNAPSHOT_LOG)),
            Optional.ofNullable(facts.get(TOPIC))));
  }

  /** A line of the journal, written now. */
  public static String journalLine(String what, String detail) {
    String at = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString().replace('T', ' ');
    return at + " " + what + " " + detail;
  }
}
