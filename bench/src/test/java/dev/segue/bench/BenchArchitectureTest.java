package dev.segue.bench;

import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

@AnalyzeClasses(packages = "dev.segue.bench", importOptions = ImportOption.DoNotIncludeTests.class)
class BenchArchitectureTest {
  @ArchTest
  static final ArchRule packagesHaveNoCycles =
      slices().matching("dev.segue.bench.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule contendersKnowNoClock =
      ArchRuleDefinition.noClasses()
          .that()
          .resideInAPackage("dev.segue.bench.contender..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.segue.bench.measure..", "dev.segue.bench.report..");

  @ArchTest
  static void everyPackageSaysWhatItIsFor(JavaClasses classes) throws IOException {
    Set<String> packages =
        classes.stream()
            .map(JavaClass::getPackageName)
            .filter(name -> !name.contains("jmh_generated"))
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(packages).hasSizeGreaterThan(4);
    for (String name : packages) {
      Path info = Path.of("src/main/java", name.replace('.', '/'), "package-info.java");
      assertThat(info).exists().content().contains("nothing");
    }
  }
}
