package dev.segue.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The arrows between packages, and what must be true of every one of them. */
@AnalyzeClasses(packages = "dev.segue", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  @ArchTest
  static final ArchRule packagesHaveNoCycles =
      slices().matching("dev.segue.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule arrowsPointDown =
      layeredArchitecture()
          .consideringOnlyDependenciesInAnyPackage("dev.segue..")
          .layer("cli")
          .definedBy("dev.segue.cli..")
          .layer("demo")
          .definedBy("dev.segue.demo..")
          .layer("migration")
          .definedBy("dev.segue.migration..")
          .layer("cutover")
          .definedBy("dev.segue.cutover..")
          .layer("verify")
          .definedBy("dev.segue.verify..")
          .layer("job")
          .definedBy("dev.segue.job..")
          .layer("parts")
          .definedBy(
              "dev.segue.capture..",
              "dev.segue.snapshot..",
              "dev.segue.topology..",
              "dev.segue.sink..",
              "dev.segue.mark..",
              "dev.segue.deadletters..",
              "dev.segue.replay..",
              "dev.segue.vectors..",
              "dev.segue.http..")
          .layer("supervision")
          .definedBy("dev.segue.supervision..")
          .layer("status")
          .definedBy("dev.segue.status..")
          .layer("config")
          .definedBy("dev.segue.config..")
          .layer("systems")
          .definedBy("dev.segue.postgres..", "dev.segue.redis..", "dev.segue.openclaw..")
          .layer("broker")
          .definedBy("dev.segue.kafka..")
          .layer("spi")
          .definedBy("dev.segue.spi..")
          .layer("layout")
          .definedBy("dev.segue.layout..")
          .layer("canonical")
          .definedBy("dev.segue.canonical..")
          .whereLayer("cli")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("demo")
          .mayOnlyBeAccessedByLayers("cli")
          .whereLayer("migration")
          .mayOnlyBeAccessedByLayers("cli")
          .whereLayer("cutover")
          .mayOnlyBeAccessedByLayers("cli", "migration", "parts")
          .whereLayer("verify")
          .mayOnlyBeAccessedByLayers("cli", "migration", "cutover")
          .whereLayer("job")
          .mayOnlyBeAccessedByLayers("migration", "parts")
          .whereLayer("parts")
          .mayOnlyBeAccessedByLayers("migration", "verify", "cutover")
          .whereLayer("supervision")
          .mayOnlyBeAccessedByLayers("parts", "migration")
          .whereLayer("status")
          .mayOnlyBeAccessedByLayers("cli", "demo", "migration", "cutover", "parts", "supervision")
          .whereLayer("config")
          .mayOnlyBeAccessedByLayers("cli", "migration", "cutover", "parts")
          .whereLayer("systems")
          .mayOnlyBeAccessedByLayers("cli", "migration", "config")
          .whereLayer("broker")
          .mayOnlyBeAccessedByLayers("migration", "parts");

  @ArchTest
  static final ArchRule pipelineKnowsNoSystem =
      noClasses()
          .that()
          .resideInAnyPackage(
              "dev.segue.capture..",
              "dev.segue.snapshot..",
              "dev.segue.topology..",
              "dev.segue.sink..",
              "dev.segue.mark..",
              "dev.segue.verify..",
              "dev.segue.vectors..",
              "dev.segue.cutover..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "dev.segue.postgres..",
              "dev.segue.redis..",
              "dev.segue.openclaw..",
              "org.postgresql..",
              "io.lettuce..",
              "java.sql..");

  @ArchTest
  static final ArchRule canonicalModelKnowsNothing =
      noClasses()
          .that()
          .resideInAPackage("dev.segue.canonical..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "dev.segue.layout..",
              "dev.segue.relational..",
              "dev.segue.spi..",
              "dev.segue.postgres..",
              "dev.segue.redis..",
              "dev.segue.kafka..",
              "org.apache.kafka..");

  @ArchTest
  static void everyPackageSaysWhatItIsFor(JavaClasses classes) throws IOException {
    Set<String> packages =
        classes.stream()
            .map(JavaClass::getPackageName)
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(packages).hasSizeGreaterThan(10);
    for (String name : packages) {
      boolean found = false;
      for (String module : List.of("client", "connectors", "streams-app")) {
        Path info =
            root()
                .resolve(module + "/src/main/java/" + name.replace('.', '/'))
                .resolve("package-info.java");
        found |= Files.exists(info) && Files.readString(info).contains("nothing");
      }
      assertThat(found).as("package-info of %s, with what it must never know", name).isTrue();
    }
  }

  @ArchTest
  static void everyClassThatTheDocumentNamesExists(JavaClasses classes) throws IOException {
    Set<String> names = classes.stream().map(JavaClass::getSimpleName).collect(Collectors.toSet());
    Matcher matcher =
        Pattern.compile("`([A-Z][a-z]+(?:[A-Z][A-Za-z]*)+)`")
            .matcher(Files.readString(root().resolve("ARCHITECTURE.md")));
    Set<String> strangers = new TreeSet<>();
    int named = 0;
    while (matcher.find()) {
      named++;
      if (!names.contains(matcher.group(1))) {
        strangers.add(matcher.group(1));
      }
    }
    assertThat(named).isGreaterThan(20);
    assertThat(strangers).isEmpty();
  }

  @ArchTest
  static void noPackageIsADrawerForEverything(JavaClasses classes) {
    assertThat(
            classes.stream()
                .map(JavaClass::getPackageName)
                .filter(
                    name -> name.matches(".*\\.(util|utils|common|helper|impl|service|misc).*")))
        .isEmpty();
  }

  /** The checkout's root. */
  static Path root() throws IOException {
    Path here = Path.of("").toAbsolutePath();
    while (!Files.exists(here.resolve("ARCHITECTURE.md"))) {
      here = here.getParent();
    }
    try (Stream<Path> files = Files.list(here)) {
      assertThat(files).isNotEmpty();
    }
    return here;
  }
}
