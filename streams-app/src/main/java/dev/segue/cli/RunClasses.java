package dev.segue.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which of the classes that a run loaded its archive may hold. The launcher starts it before it has
 * the JVM make the archive.
 *
 * <p>Classes of which a JAR has several versions are left out: as soon as somebody wants to look at
 * classes that are loaded, such as a flight recording or an agent, JDK 17 searches the JAR for what
 * is in the archive, but not where the versions are, and the process ends with a segmentation
 * fault.
 */
public final class RunClasses {
  private static final Pattern VERSION = Pattern.compile("META-INF/versions/\\d+/(.+)\\.class");
  private static final String LAMBDA = "@lambda-proxy ";

  private RunClasses() {}

  /**
   * Brings a list into another file.
   *
   * @param args the list as {@code -XX:DumpLoadedClassList} writes it, and where to
   */
  public static void main(String[] args) throws IOException {
    String list = Files.readString(Path.of(args[0]), ISO_8859_1);
    Set<String> versioned = versioned(System.getProperty("java.class.path"));
    Files.write(Path.of(args[1]), archivable(list, versioned), ISO_8859_1);
  }

  /**
   * The lines that may stay. The list may still be written to: its last line may be half of one.
   */
  static List<String> archivable(String list, Set<String> versioned) {
    return list.substring(0, list.lastIndexOf('\n') + 1)
        .lines()
        .filter(line -> !line.contains(" source: ") && !versioned.contains(className(line)))
        .toList();
  }

  private static String className(String line) {
    String from = line.startsWith(LAMBDA) ? line.substring(LAMBDA.length()) : line;
    int end = from.indexOf(' ');
    return end < 0 ? from : from.substring(0, end);
  }

  /** The classes of which JARs on a class path have versions. */
  static Set<String> versioned(String classPath) throws IOException {
    Set<String> classes = new HashSet<>();
    for (String element : classPath.split(File.pathSeparator, -1)) {
      if (element.endsWith(".jar") && Files.exists(Path.of(element))) {
        try (JarFile jar = new JarFile(element)) {
          jar.stream()
              .map(JarEntry::getName)
              .map(VERSION::matcher)
              .filter(Matcher::matches)
              .forEach(name -> classes.add(name.group(1)));
        }
      }
    }
    return classes;
  }
}
