package dev.segue.migration;

import dev.segue.canonical.Kind;
import dev.segue.config.MigrationConfig;
import dev.segue.finding.Finding;
import dev.segue.finding.Finding.Severity;
import dev.segue.kafka.KafkaSettings;
import dev.segue.kafka.TopicAdmin;
import dev.segue.kafka.Topics;
import dev.segue.layout.KeptKeys;
import dev.segue.layout.MappingCheck;
import dev.segue.layout.RowReader;
import dev.segue.layout.RowWriter;
import dev.segue.layout.TableBinding;
import dev.segue.layout.Variables;
import dev.segue.spi.DeferredIndexes;
import dev.segue.spi.Ledger;
import dev.segue.spi.MemoryVectors;
import dev.segue.spi.Source;
import dev.segue.spi.SystemFault;
import dev.segue.spi.Target;
import dev.segue.vectors.VectorPlan;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What a migration would do and what is in its way; finding out changes nothing.
 *
 * @param moves which of the source's tables goes where
 */
public record Plan(
    String migration, String source, String target, List<Move> moves, List<Finding> findings) {
  public Plan {
    moves = List.copyOf(moves);
    findings = List.copyOf(findings);
  }

  /** One kind of entity on its way; an empty target says that it stays behind. */
  public record Move(String kind, String from, String to) {}

  /** Looks at both systems and the broker. */
  public static Plan of(MigrationConfig config, boolean createTarget) {
    try (Systems systems = Systems.connect(config)) {
      if (createTarget) {
        systems.target().createTables();
      }
      return of(config, systems);
    }
  }

  static Plan of(MigrationConfig config, Systems systems) {
    Source source = systems.source();
    Target target = systems.target();
    List<Finding> findings = new ArrayList<>();
    findings.addAll(source.check());
    findings.addAll(target.check());
    findings.addAll(target.checkMembers(config.sink().members()));
    boolean bound =
        source.binding().findings().stream().noneMatch(Finding::isError)
            && target.binding().findings().stream().noneMatch(Finding::isError);
    Optional<Ledger.Migration> begun = target.ledger().find(config.name());
    if (bound) {
      begun
          .flatMap(known -> systems.identity(systems.there()).differenceFrom(known.identity()))
          .ifPresent(findings::add);
    }
    if (begun.isEmpty()) {
      // A log that the target's ledger knows nothing of is kept for somebody else.
      source.taken().ifPresent(findings::add);
    } else if (Completion.PHASES.contains(begun.get().phase())) {
      findings.add(
          Finding.error(
              "migration " + config.name(),
              "is being completed, and what it needs may be gone already",
              "bring that to an end: segue complete"));
    }
    checkBroker(config, findings);
    checkDataDirectory(config.dataDir(), findings);
    List<Move> moves = new ArrayList<>();
    if (bound) {
      for (TableBinding from : source.binding().tables()) {
        Kind kind = from.layout().kind();
        Optional<TableBinding> to = target.binding().of(kind);
        moves.add(
            new Move(
                kind.wireName(),
                from.table().id().toString(),
                to.map(t -> t.table().id().toString()).orElse("")));
        if (to.isPresent()) {
          checkMapping(source, from, to.get(), findings);
        } else {
          findings.add(
              Finding.lossy(
                  kind.wireName(), "the target's layout has no table for it; it stays behind"));
        }
      }
    }
    if (bound) {
      findings.addAll(
          target.checkReferences(
              source.binding().tables().stream()
                  .map(table -> table.layout().kind())
                  .collect(Collectors.toSet())));
    }
    if (bound && source.keepsExpired() && !tellsExpiry(target)) {
      findings.add(
          Finding.warning(
              "session.expires_at",
              "has no timestamptz column in the target, which therefore cannot tell what expired from"
                  + " what was deleted: both are deleted there, whatever 'expired: keep' says",
              "map a column to expires_at in the target's layout"));
    }
    if (bound) {
      findings.addAll(vectors(config, systems, begun.isEmpty()));
      findings.addAll(indexes(config, systems, begun));
      findings.addAll(
          systems
              .stayTogether()
              .map(Plan::refusedCutover)
              .map(List::of)
              .orElseGet(() -> WayBack.announce(systems, config.sink().members())));
      findings.addAll(backMapping(systems));
    }
    return new Plan(config.name(), source.describe(), target.describe(), moves, findings);
  }

  private static Finding refusedCutover(Finding reason) {
    return Finding.warning(
        reason.subject(), "a cutover is refused: it " + reason.message(), reason.remedy());
  }

  /**
   * Vectors mean nothing to another model, so it has to be known which they are.
   *
   * @param probe whether to ask the embedder; a migration that goes on does not wait for it
   */
  private static List<Finding> vectors(MigrationConfig config, Systems systems, boolean probe) {
    Optional<TableBinding> from = systems.source().binding().of(Kind.MEMORY_ITEM);
    Optional<TableBinding> to = systems.target().binding().of(Kind.MEMORY_ITEM);
    if (from.isEmpty() || to.isEmpty()) {
      return List.of();
    }
    if (config.vectors().isEmpty()) {
      return holdsVectors(from.get()) && holdsVectors(to.get())
          ? List.of(
              Finding.warning(
                  "vectors",
                  "are copied from "
                      + from.get().table().id()
                      + " as they are: nothing says which model made them, or which one the target"
                      + " searches with",
                  "say it in migration.yaml: vectors: {source: {model: …, dimension: …}, target:"
                      + " {model: …, dimension: …}}"))
          : List.of();
    }
    if (config.vectorsMadeAnew().isEmpty() || !probe) {
      return List.of();
    }
    if (systems.target().embeddings().isEmpty()) {
      return List.of(
          Finding.error(
              "target " + to.get().table().id(),
              "vectors cannot be made anew here: session_id, memory_id, text and embeddings each"
                  + " need a column of their own, the last of type vector, real[], json or text",
              "map them in the target's layout"));
    }
    try {
      return VectorPlan.of(
          config.vectorsMadeAnew().get(), systems.source().vectors().map(MemoryVectors::volume));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of();
    }
  }

  /** Those that will be taken away for a while, or were and could not be built again. */
  private static List<Finding> indexes(
      MigrationConfig config, Systems systems, Optional<Ledger.Migration> begun) {
    DeferredIndexes indexes = systems.target().deferredIndexes();
    if (begun.filter(migration -> migration.cutoff().isPresent()).isPresent()) {
      return indexes.missing().stream()
          .map(
              index ->
                  Finding.warning(
                      systems.target().describe() + " " + index,
                      "was taken away while history is copied, and is not built yet",
                      "segue run builds it; if it could not, it said why"))
          .toList();
    }
    if (config.snapshot().deferIndexes() == MigrationConfig.DeferIndexes.NEVER) {
      return List.of();
    }
    return indexes
        .candidates(
            EnumSet.allOf(Kind.class),
            KeptKeys.between(systems.source().binding(), systems.target().binding()))
        .stream()
        .map(
            index ->
                Finding.change(
                    systems.target().describe(),
                    index
                        + " is taken away while history is copied, and built again behind it"
                        + (config.snapshot().deferIndexes() == MigrationConfig.DeferIndexes.AUTO
                            ? ", if the source's table has 32 MB or more"
                            : "")))
        .toList();
  }

  private static boolean holdsVectors(TableBinding table) {
    return table
        .layout()
        .columnOf("embeddings")
        .filter(column -> table.table().column(column).isPresent())
        .isPresent();
  }

  private static boolean tellsExpiry(Target target) {
    return target.binding().of(Kind.SESSION).stream()
        .flatMap(table -> table.layout().columns().entrySet().stream())
        .anyMatch(
            e -> e.getValue().fieldItself().filter(f -> f.name().equals("expires_at")).isPresent());
  }

  /** What new rows of the target cannot bring back, if it comes to that. */
  private static List<Finding> backMapping(Systems systems) {
    return systems.back().map(Plan::backMapping).orElse(List.of());
  }

  private static List<Finding> backMapping(Direction back) {
    List<Finding> findings = new ArrayList<>();
    for (TableBinding from : back.source().binding().tables()) {
      Optional<TableBinding> to = back.target().binding().of(from.layout().kind());
      if (to.isPresent()) {
        mapping(from, to.get()).findings().stream()
            .filter(finding -> finding.isError() || finding.severity() == Severity.LOSSY)
            .map(
                finding ->
                    Finding.warning(
                        "way back, " + finding.subject().replaceFirst("^target ", "source "),
                        finding.message(),
                        finding.remedy()))
            .forEach(findings::add);
      }
    }
    return findings;
  }

  /** What a direction is bound to when it first runs. */
  static Ledger.Identity identity(String name, int partitions, Source source, Target target) {
    return new Ledger.Identity(
        name,
        source.identity(),
        new Ledger.Side(source.binding().layout().name(), source.binding().fingerprint()),
        new Ledger.Side(target.binding().layout().name(), target.binding().fingerprint()),
        partitions);
  }

  private static void checkMapping(
      Source source, TableBinding from, TableBinding to, List<Finding> findings) {
    MappingCheck check = mapping(from, to);
    findings.addAll(check.findings());
    findings.addAll(source.answer(check.questions()));
  }

  private static MappingCheck mapping(TableBinding from, TableBinding to) {
    RowReader reader = new RowReader(from);
    Variables variables = new Variables("", from.table().id().name(), "", "");
    return new MappingCheck(from, to, reader, new RowWriter(to, reader.supplied(), variables));
  }

  private static void checkBroker(MigrationConfig config, List<Finding> findings) {
    if (config.kafka().bootstrap().isEmpty()) {
      return;
    }
    KafkaSettings settings =
        new KafkaSettings(config.kafka().bootstrap().get(), config.kafka().properties());
    try (TopicAdmin admin = new TopicAdmin(settings, new Topics(config.name()))) {
      admin.ping();
    } catch (SystemFault e) {
      findings.add(Finding.error("kafka", e.getMessage(), e.remedy()));
    } catch (org.apache.kafka.common.KafkaException e) {
      findings.add(
          Finding.error(
              "kafka",
              "cannot be reached at " + settings.bootstrap() + ": " + e.getMessage(),
              "check kafka.bootstrap in migration.yaml"));
    }
  }

  private static void checkDataDirectory(Path directory, List<Finding> findings) {
    Path existing = directory.toAbsolutePath();
    while (existing != null && !Files.exists(existing)) {
      existing = existing.getParent();
    }
    if (existing == null || !Files.isDirectory(existing) || !Files.isWritable(existing)) {
      findings.add(
          Finding.error(
              "data-dir " + directory,
              "cannot be written",
              "set data-dir in migration.yaml to a directory that this user may write"));
      return;
    }
    long free = existing.toFile().getUsableSpace();
    if (free < 1L << 30) {
      findings.add(
          Finding.warning(
              "data-dir " + directory,
              "has only " + (free >> 20) + " MB free",
              "the embedded broker keeps all changes until the migration is complete"));
    }
  }

  /** What has to be fixed first. */
  public List<Finding> errors() {
    return findings.stream().filter(Finding::isError).toList();
  }
}
