package dev.segue.support;

import dev.segue.demo.EmbeddedServers;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Starts processes that live for seconds, and so are busy with nothing but starting: without the
 * second compiler, and with an archive of the classes that {@code segue run} loads. The first of
 * them tells which classes these are; the archive is made of that while tests go on.
 */
final class QuickStart {
  private static final QuickStart SHARED = new QuickStart();

  private final Path directory;
  private final Path archive;
  private boolean begun;

  private QuickStart() {
    try {
      directory = Files.createTempDirectory("segue-it-classes-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    archive = directory.resolve("run.jsa");
    Runtime.getRuntime().addShutdownHook(new Thread(() -> EmbeddedServers.delete(directory)));
  }

  /** Starts a process of Segue's in place of how it would be started. */
  static Process start(ProcessBuilder builder) throws IOException {
    return SHARED.startOne(builder);
  }

  private synchronized Process startOne(ProcessBuilder builder) throws IOException {
    List<String> command = new ArrayList<>(builder.command());
    command.removeIf(option -> option.startsWith("-XX:Tier4"));
    command.addAll(
        1, List.of("-XX:TieredStopAtLevel=1", "-Xlog:disable", "-Xlog:all=error:stderr"));
    int place = command.indexOf("-cp") + 1;
    String classPath = withoutTests(command.get(place));
    command.set(place, classPath);
    if (Files.exists(archive)) {
      command.add(1, "-XX:SharedArchiveFile=" + archive);
    } else if (!begun && isOfJars(classPath)) {
      begun = true;
      Path names = directory.resolve("classes");
      command.add(1, "-XX:DumpLoadedClassList=" + names);
      Process first = builder.command(command).start();
      String java = command.get(0);
      Thread maker = new Thread(() -> make(first, names, java, classPath), "segue-it-classes");
      maker.setDaemon(true);
      maker.start();
      return first;
    }
    return builder.command(command).start();
  }

  /** Tests' classes are not part of what is tested, and of a directory there can be no archive. */
  private static String withoutTests(String classPath) {
    return Stream.of(classPath.split(File.pathSeparator))
        .filter(element -> !element.endsWith("test-classes"))
        .collect(Collectors.joining(File.pathSeparator));
  }

  private static boolean isOfJars(String classPath) {
    return Stream.of(classPath.split(File.pathSeparator))
        .allMatch(element -> element.endsWith(".jar"));
  }

  /** Makes the archive when nobody else wants the processor; without it all is as well. */
  private void make(Process first, Path names, String java, String classPath) {
    Path unfinished = directory.resolve("unfinished.jsa");
    try {
      first.waitFor();
      // A process that was killed may have left half a line.
      String whole = Files.readString(names);
      Files.writeString(names, whole.substring(0, whole.lastIndexOf('\n') + 1));
      Process process =
          new ProcessBuilder(
                  "nice",
                  java,
                  "-Xshare:dump",
                  "-Xmx512m",
                  "-XX:TieredStopAtLevel=1",
                  "-XX:SharedClassListFile=" + names,
                  "-XX:SharedArchiveFile=" + unfinished,
                  "-cp",
                  classPath)
              .redirectErrorStream(true)
              .redirectOutput(Redirect.to(directory.resolve("log").toFile()))
              .start();
      Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
      if (process.waitFor() == 0) {
        Files.move(unfinished, archive);
      }
    } catch (IOException e) {
      System.err.println("no archive of classes: " + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
