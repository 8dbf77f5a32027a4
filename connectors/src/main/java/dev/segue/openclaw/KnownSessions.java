package dev.segue.openclaw;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.segue.canonical.JsonText;
import dev.segue.canonical.MalformedRecordException;
import dev.segue.spi.SystemFault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The sessions that the target may have, in a file that outlives a process: a session whose files
 * go while nobody looks would be missed by nobody otherwise.
 */
final class KnownSessions {
  private static final String NAME = "sessions";
  private static final char THERE = '+';
  private static final char GONE = '-';

  private final Path file;
  private Set<String> sessions;

  /**
   * @param directory that the file is in
   */
  KnownSessions(Path directory) {
    this.file = directory.resolve(NAME);
  }

  synchronized Set<String> all() {
    return Set.copyOf(known());
  }

  /** Adds sessions before the target gets them. */
  synchronized void add(Collection<String> some) {
    List<String> fresh = some.stream().filter(session -> !known().contains(session)).toList();
    write(THERE, fresh);
    known().addAll(fresh);
  }

  /** Takes sessions out once the target has them no more. */
  synchronized void remove(String session) {
    if (known().contains(session)) {
      write(GONE, List.of(session));
      known().remove(session);
    }
  }

  private Set<String> known() {
    if (sessions == null) {
      sessions = read();
    }
    return sessions;
  }

  private Set<String> read() {
    Set<String> read = new LinkedHashSet<>();
    try {
      for (String line : Files.exists(file) ? Files.readAllLines(file) : List.<String>of()) {
        apply(line, read);
      }
      if (!read.isEmpty()) {
        SafeFile.replace(file, lines(THERE, read).getBytes(UTF_8));
      }
      return read;
    } catch (IOException e) {
      throw cannot(e);
    }
  }

  private static void apply(String line, Set<String> read) {
    try {
      String session = line.length() < 3 ? null : JsonText.unquote(line.substring(1));
      if (session != null && line.charAt(0) == THERE) {
        read.add(session);
      } else if (session != null) {
        read.remove(session);
      }
    } catch (MalformedRecordException e) {
      // The last line of a process that was killed: what it announced was never told.
    }
  }

  private void write(char sign, Collection<String> some) {
    if (some.isEmpty()) {
      return;
    }
    try {
      Files.createDirectories(file.getParent());
      Files.writeString(
          file,
          lines(sign, some),
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND,
          StandardOpenOption.DSYNC);
    } catch (IOException e) {
      throw cannot(e);
    }
  }

  private static String lines(char sign, Collection<String> some) {
    return some.stream()
        .map(session -> sign + JsonText.quote(session) + "\n")
        .collect(Collectors.joining());
  }

  private SystemFault cannot(IOException e) {
    return new SystemFault(
        SystemFault.Nature.TRANSIENT,
        file + ": " + e,
        "see that the directory may be written to",
        e);
  }
}
