package dev.segue.migration;

import dev.segue.config.MigrationConfig;
import dev.segue.config.SystemConfig;
import dev.segue.finding.Finding;
import dev.segue.layout.Layout;
import dev.segue.layout.LayoutCatalog;
import dev.segue.ownership.Owner;
import dev.segue.postgres.PostgresSite;
import dev.segue.postgres.PostgresSource;
import dev.segue.postgres.PostgresTarget;
import dev.segue.spi.Ledger;
import dev.segue.spi.SystemFault;
import dev.segue.verify.Verification;
import dev.segue.yaml.YamlException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** The two systems of a migration, connected; if both fail, both are named. */
final class Systems implements AutoCloseable {
  private final MigrationConfig config;
  private final PostgresSite sourceSite;
  private final PostgresSite targetSite;
  private final Direction there;
  private Direction back;

  private Systems(
      MigrationConfig config, PostgresSite sourceSite, PostgresSite targetSite, Direction there) {
    this.config = config;
    this.sourceSite = sourceSite;
    this.targetSite = targetSite;
    this.there = there;
  }

  static Systems connect(MigrationConfig config) {
    List<YamlException> malformed = new ArrayList<>();
    Layout from = load(config.source().layout(), malformed);
    Layout to = load(config.target().layout(), malformed);
    if (!malformed.isEmpty()) {
      throw new YamlException(malformed.stream().flatMap(e -> e.problems().stream()).toList());
    }
    PostgresSite sourceSite = site(Owner.SOURCE, config.source(), from);
    PostgresSite targetSite = site(Owner.TARGET, config.target(), to);
    List<SystemFault> faults = new ArrayList<>();
    PostgresSource source = attempt(() -> new PostgresSource(sourceSite, config.name()), faults);
    PostgresTarget target = attempt(() -> new PostgresTarget(targetSite, config.name()), faults);
    if (!faults.isEmpty()) {
      throw new UnreachableException(faults);
    }
    return new Systems(
        config, sourceSite, targetSite, new Direction(config.name(), source, target));
  }

  private static PostgresSite site(Owner side, SystemConfig system, Layout layout) {
    return new PostgresSite(side, system.address(), layout, system.tables());
  }

  private static Layout load(String name, List<YamlException> malformed) {
    try {
      return LayoutCatalog.load(name);
    } catch (YamlException e) {
      malformed.add(e);
      return null;
    }
  }

  private static <T> T attempt(Supplier<T> connecting, List<SystemFault> faults) {
    try {
      return connecting.get();
    } catch (SystemFault e) {
      faults.add(e);
      return null;
    }
  }

  /** From the source to the target. */
  Direction there() {
    return there;
  }

  /** From the target to the source. */
  synchronized Direction back() {
    if (back == null) {
      String name = PostgresSite.wayBack(config.name());
      back =
          new Direction(
              name, new PostgresSource(targetSite, name), new PostgresTarget(sourceSite, name));
    }
    return back;
  }

  /** The way back as its own ledger knows it, once a cutover has armed it. */
  Optional<Ledger.Migration> armed() {
    return back()
        .target()
        .ledger()
        .find(back().name())
        .filter(migration -> migration.phase().equals(WayBack.STREAMING));
  }

  /** What comparing both sides needs of the way back, once there is one. */
  Optional<Verification.WayBack> verifiableBack() {
    return armed().map(armed -> new Verification.WayBack(back().source(), back().target(), armed));
  }

  PostgresSource source() {
    return there.source();
  }

  PostgresTarget target() {
    return there.target();
  }

  /** What a direction is bound to when it first runs. */
  Ledger.Identity identity(Direction direction) {
    return Plan.identity(
        direction.name(), config.kafka().partitions(), direction.source(), direction.target());
  }

  /**
   * Makes sure that the configuration still describes the migration that was begun.
   *
   * @return what the ledger knows of it; empty if it never ran
   * @throws BlockedException if it does not
   */
  Optional<Ledger.Migration> begun() {
    List<Finding> errors =
        new ArrayList<>(
            Stream.concat(
                    source().binding().findings().stream(), target().binding().findings().stream())
                .filter(Finding::isError)
                .toList());
    if (!errors.isEmpty()) {
      throw new BlockedException(errors);
    }
    Optional<Ledger.Migration> known = target().ledger().find(config.name());
    known.flatMap(m -> identity(there).differenceFrom(m.identity())).ifPresent(errors::add);
    if (!errors.isEmpty()) {
      throw new BlockedException(errors);
    }
    return known;
  }

  @Override
  public void close() {
    there.close();
    if (back != null) {
      back.close();
    }
  }
}
