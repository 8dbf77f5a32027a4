package dev.segue.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunClassesTest {
  @Test
  void classesThatAJarHasInVersionsAreFound(@TempDir Path directory) throws IOException {
    Path jar = directory.resolve("some.jar");
    try (JarOutputStream entries = new JarOutputStream(Files.newOutputStream(jar))) {
      for (String name :
          Set.of("a/Plain.class", "META-INF/versions/11/a/Two$1.class", "META-INF/versions/9/x")) {
        entries.putNextEntry(new JarEntry(name));
      }
    }

    assertThat(RunClasses.versioned(jar + File.pathSeparator + directory.resolve("none/*")))
        .containsExactly("a/Two$1");
  }

  @Test
  void whatHasVersionsOrALoaderOfItsOwnOrIsHalfALineIsLeftOut() {
    String list =
        """
        # a comment
        a/Plain
        a/Two$1
        a/Two$10 id: 7
        @lambda-proxy a/Two$1 run ()V
        @lambda-proxy a/Plain run ()V
        a/Other id: 9 super: 1 source: /some.jar
        a/Hal""";

    assertThat(RunClasses.archivable(list, Set.of("a/Two$1")))
        .containsExactly(
            "# a comment", "a/Plain", "a/Two$10 id: 7", "@lambda-proxy a/Plain run ()V");
  }
}
