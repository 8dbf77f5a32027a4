package dev.segue.migration;

import dev.segue.config.MigrationConfig;
import dev.segue.layout.Layout;
import dev.segue.layout.LayoutCatalog;
import dev.segue.postgres.PostgresSource;
import dev.segue.postgres.PostgresTarget;
import dev.segue.spi.SystemFault;
import dev.segue.yaml.YamlException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** The two systems of a migration, connected; if both fail, both are named. */
final class Systems implements AutoCloseable {
  private final PostgresSource source;
  private final PostgresTarget target;

  private Systems(PostgresSource source, PostgresTarget target) {
    this.source = source;
    this.target = target;
  }

  static Systems connect(MigrationConfig config) {
    List<YamlException> malformed = new ArrayList<>();
    Layout from = load(config.source().layout(), malformed);
    Layout to = load(config.target().layout(), malformed);
    if (!malformed.isEmpty()) {
      throw new YamlException(malformed.stream().flatMap(e -> e.problems().stream()).toList());
    }
    List<SystemFault> faults = new ArrayList<>();
    PostgresSource source =
        attempt(
            () ->
                new PostgresSource(
                    config.source().address(), config.name(), from, config.source().tables()),
            faults);
    PostgresTarget target =
        attempt(
            () ->
                new PostgresTarget(
                    config.target().address(), config.name(), to, config.target().tables()),
            faults);
    if (!faults.isEmpty()) {
      throw new UnreachableException(faults);
    }
    return new Systems(source, target);
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

  PostgresSource source() {
    return source;
  }

  PostgresTarget target() {
    return target;
  }

  @Override
  public void close() {
    source.close();
    target.close();
  }
}
