package dev.segue.migration;

import dev.segue.config.MigrationConfig;
import dev.segue.config.SystemConfig;
import dev.segue.finding.Finding;
import dev.segue.layout.Layout;
import dev.segue.layout.LayoutCatalog;
import dev.segue.openclaw.FileSource;
import dev.segue.openclaw.StoreTarget;
import dev.segue.ownership.Owner;
import dev.segue.ownership.Owners;
import dev.segue.postgres.PostgresSite;
import dev.segue.postgres.PostgresSource;
import dev.segue.postgres.PostgresTarget;
import dev.segue.redis.RedisAddress;
import dev.segue.redis.RedisSource;
import dev.segue.redis.RedisTarget;
import dev.segue.spi.Ledger;
import dev.segue.spi.Ownership;
import dev.segue.spi.Source;
import dev.segue.spi.SystemFault;
import dev.segue.spi.Target;
import dev.segue.verify.Verification;
import dev.segue.yaml.YamlException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The two systems of a migration, connected; if both fail, both are named. */
final class Systems implements AutoCloseable {
  private final MigrationConfig config;
  private final Direction there;

  /** What the way back is made of; empty where the source cannot be written to. */
  private final Optional<Home> home;

  private PostgresSource homeSource;
  private Direction back;

  /** Who owns sessions, as the target remembers it, whatever the configuration says by now. */
  private final Supplier<Owners> remembered;

  private Systems(
      MigrationConfig config, Direction there, Optional<Home> home, Supplier<Owners> remembered) {
    this.config = config;
    this.there = there;
    this.home = home;
    this.remembered = remembered;
  }

  /**
   * The way back, before it is connected.
   *
   * @param name as its ledger knows it
   */
  private record Home(
      String name, Supplier<PostgresSource> source, Function<Systems, Target> target) {}

  static Systems connect(MigrationConfig config) {
    List<YamlException> malformed = new ArrayList<>();
    Layout from = load(config.source(), malformed);
    Layout to = load(config.target(), malformed);
    if (!malformed.isEmpty()) {
      throw new YamlException(malformed.stream().flatMap(e -> e.problems().stream()).toList());
    }
    if (config.vectorsMadeAnew().isPresent()) {
      from = from.withVectorsAside(config.vectorsMadeAnew().get().source().label());
      to = to.withVectorsAside(config.vectorsMadeAnew().get().target().label());
    }
    return connect(config, from, to);
  }

  private static Systems connect(MigrationConfig config, Layout from, Layout to) {
    String name = config.name();
    Optional<PostgresSite> targetSite = site(Owner.TARGET, config.target(), to);
    Optional<PostgresSite> sourceSite = site(Owner.SOURCE, config.source(), from);
    List<SystemFault> faults = new ArrayList<>();
    Source source = attempt(() -> source(config.source(), from, sourceSite, name), faults);
    Target target = attempt(() -> target(config.target(), to, targetSite, name), faults);
    if (!faults.isEmpty()) {
      if (source != null) {
        source.close();
      }
      throw new UnreachableException(faults);
    }
    String back = PostgresSite.wayBack(name);
    Optional<Home> home =
        targetSite.flatMap(
            site ->
                home(config.source(), from, sourceSite, back)
                    .map(aim -> new Home(back, () -> new PostgresSource(site, back), aim)));
    Supplier<Owners> remembered =
        () -> targetSite.map(site -> remembered(site, back)).orElseGet(Owners::allAtSource);
    Systems systems = new Systems(config, new Direction(name, source, target), home, remembered);
    if (source instanceof RedisSource redis && home.isPresent()) {
      redis.expectWayBack(
          back,
          () -> {
            Owners owners = systems.atTarget().read();
            return session -> owners.ownerOf(session) == Owner.TARGET;
          });
    }
    return systems;
  }

  private static Owners remembered(PostgresSite target, String back) {
    try (PostgresSource source = new PostgresSource(target, back)) {
      return source.ownership().read();
    }
  }

  /** The source as the target of the way back; empty if it cannot be one. */
  private static Optional<Function<Systems, Target>> home(
      SystemConfig source, Layout layout, Optional<PostgresSite> site, String name) {
    if (source.address() instanceof SystemConfig.Redis redis) {
      return redis.at().following() == RedisAddress.Following.NOTIFICATIONS
          // Nobody could tell what comes back from what its own writers do.
          ? Optional.empty()
          : Optional.of(
              systems -> RedisTarget.wayBack(redis.at(), layout, name, systems::ownedBySource));
    }
    return site.map(database -> systems -> new PostgresTarget(database, name));
  }

  /** A system to be read by itself. */
  static Source source(SystemConfig system, String purpose) {
    Layout layout = load(system);
    return source(system, layout, site(Owner.SOURCE, system, layout), purpose);
  }

  private static Source source(
      SystemConfig system, Layout layout, Optional<PostgresSite> site, String name) {
    if (system.address() instanceof SystemConfig.Redis redis) {
      return new RedisSource(redis.at(), layout, name);
    }
    return system.address() instanceof SystemConfig.Files files
        ? new FileSource(files.at(), layout, name)
        : new PostgresSource(site.orElseThrow(), name);
  }

  /** A system to be written to by itself. */
  static Target target(SystemConfig system, String purpose) {
    Layout layout = load(system);
    return target(system, layout, site(Owner.TARGET, system, layout), purpose);
  }

  private static Target target(
      SystemConfig system, Layout layout, Optional<PostgresSite> site, String name) {
    if (system.address() instanceof SystemConfig.Redis redis) {
      return new RedisTarget(redis.at(), layout, name);
    }
    return system.address() instanceof SystemConfig.Files files
        ? new StoreTarget(files.at(), layout, name)
        : new PostgresTarget(site.orElseThrow(), name);
  }

  private static Layout load(SystemConfig system) {
    List<YamlException> malformed = new ArrayList<>();
    Layout layout = load(system, malformed);
    if (!malformed.isEmpty()) {
      throw malformed.get(0);
    }
    return layout;
  }

  private static Optional<PostgresSite> site(Owner side, SystemConfig system, Layout layout) {
    return system.address() instanceof SystemConfig.Postgres postgres
        ? Optional.of(new PostgresSite(side, postgres.at(), layout, system.tables()))
        : Optional.empty();
  }

  private static Layout load(SystemConfig system, List<YamlException> malformed) {
    try {
      Layout layout = LayoutCatalog.load(system.layout());
      String kind = layout.isOfFiles() ? "files" : layout.isOfKeys() ? "a Redis" : "a PostgreSQL";
      if (!kind.equals(system.address().kind())) {
        throw new YamlException(
            List.of(
                "layout "
                    + layout.name()
                    + " is for "
                    + kind
                    + ", but the URL names "
                    + system.address().kind()
                    + "; see: segue layouts list"));
      }
      return layout;
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

  /** From the target to the source; empty where the source cannot be written to. */
  synchronized Optional<Direction> back() {
    if (back == null && home.isPresent()) {
      homeSource = home.get().source().get();
      back = new Direction(home.get().name(), homeSource, home.get().target().apply(this));
    }
    return Optional.ofNullable(back);
  }

  /** The way back as its own ledger knows it, once a cutover has armed it. */
  Optional<Ledger.Migration> armed() {
    return back()
        .flatMap(way -> way.target().ledger().find(way.name()))
        .filter(migration -> migration.phase().equals(WayBack.STREAMING));
  }

  /** What comparing both sides needs of the way back, once there is one. */
  Optional<Verification.WayBack> verifiableBack() {
    return armed()
        .flatMap(
            armed ->
                back().map(way -> new Verification.WayBack(way.source(), way.target(), armed)));
  }

  /**
   * Whether sessions can be handed over one by one: there is a way back, and the source refuses
   * writers of what it does not own, or its writers keep to routes.
   */
  boolean handsOver() {
    return back().isPresent() && (isFenced() || routeGrace().isPresent());
  }

  /**
   * Makes sure that sessions which were handed over by routes still are, whatever was changed in
   * the configuration.
   *
   * @throws SystemFault if nobody keeps to routes any more
   */
  void checkRoutes() {
    if (!isFenced() && !handsOver() && hasHandedOver()) {
      throw SystemFault.permanent(
          "sessions were handed over by routes, but by this configuration nobody keeps to routes"
              + " any more",
          "set source.url and cutover.route-grace as they were: who has a session now is known by"
              + " its route alone");
    }
  }

  /** Whether a session is the target's, or is changing hands. */
  boolean hasHandedOver() {
    Owners owners = remembered.get();
    return !owners.isAllAt(Owner.SOURCE)
        || !owners.moving().isEmpty()
        || !owners.movingNamed().isEmpty();
  }

  /** Whether the source itself refuses writers of what it does not own. */
  private boolean isFenced() {
    return config.source().address() instanceof SystemConfig.Postgres;
  }

  /**
   * How long writers of the source may go on by a route that has changed; empty where the source
   * itself refuses them, or where nobody is to be moved by routes alone.
   */
  Optional<Duration> routeGrace() {
    return config.cutover().routeGrace().filter(unused -> !isFenced() && back().isPresent());
  }

  /** Who may write to the source. */
  Ownership atSource() {
    return routeGrace()
        .map(grace -> homeSource.ownershipByRoutes(source().describe(), source()::mark, grace))
        .orElseGet(source()::ownership);
  }

  /** Those of some sessions that the source owns, and that are not changing hands. */
  private Set<String> ownedBySource(Set<String> sessions) {
    if (sessions.isEmpty()) {
      return sessions;
    }
    Owners owners = atTarget().read();
    return sessions.stream()
        .filter(session -> owners.ownerOf(session) == Owner.SOURCE && !owners.isMoving(session))
        .collect(Collectors.toSet());
  }

  /** Who may write to the target; what the source says where nothing goes back to it. */
  Ownership atTarget() {
    return back().map(way -> way.source().ownership()).orElseGet(source()::ownership);
  }

  /** Why sessions cannot be handed over one by one, where it is the target that forbids it. */
  Optional<Finding> stayTogether() {
    return !(config.target().address() instanceof SystemConfig.Postgres)
        ? Optional.of(
            Finding.error(
                target().describe(),
                "cannot refuse writers of a session, and nothing brings sessions back from it",
                "move the application as a whole: stop it, wait until segue status shows no lag,"
                    + " stop segue run, segue complete, then start it on the target"))
        : Optional.empty();
  }

  Source source() {
    return there.source();
  }

  Target target() {
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
