package dev.segue.openclaw;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.segue.canonical.CanonicalChange;
import dev.segue.canonical.Entity;
import dev.segue.canonical.MalformedRecordException;
import dev.segue.canonical.SessionDocument;
import dev.segue.spi.DocumentReader;
import dev.segue.spi.SnapshotReader;
import dev.segue.spi.SystemFault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileChangeStreamTest {
  @TempDir private Path directory;

  private Path transcript(String session) {
    return directory.resolve(session + ".jsonl");
  }

  private static String message(int number) {
    return "{\"type\":\"message\",\"id\":\"m"
        + number
        + "\",\"message\":{\"role\":\"user\",\"content\":\"says "
        + number
        + "\"}}\n";
  }

  private void append(String session, int number) throws IOException {
    Files.writeString(
        transcript(session), message(number), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private Follower follower() {
    return new Follower(directory, "openclaw-store");
  }

  private static List<Class<?>> kinds(List<CanonicalChange> changes) {
    return changes.stream()
        .<Class<?>>map(CanonicalChange::getClass)
        .filter(kind -> kind != CanonicalChange.Mark.class)
        .distinct()
        .toList();
  }

  @Test
  void oneNewLineIsToldByItself() throws IOException {
    append("a", 1);
    append("a", 2);
    Follower follower = follower();
    follower.follow();
    append("a", 3);
    List<CanonicalChange> told = follower.follow();
    assertThat(kinds(told)).containsExactly(CanonicalChange.Upsert.class);
    assertThat(told).hasSize(2);
    assertThat(follower.held()).isEqualTo(follower.there()).hasSize(4);
    assertThat(kinds(follower.follow())).isEmpty();
  }

  @Test
  void historyIsNotToldOnceMore() throws IOException {
    append("a", 1);
    append("b", 2);
    Follower follower = follower();
    List<Entity> copied = new ArrayList<>();
    try (SnapshotReader history = follower.source().prepare(unused -> {})) {
      // Not read yet, so it is left to history.
      append("b", 3);
      assertThat(kinds(follower.follow())).isEmpty();
      history
          .openReader()
          .read(
              history.chunks(1).get(0),
              null,
              new SnapshotReader.RowConsumer() {
                @Override
                public void accept(Entity entity) {
                  copied.add(entity);
                }

                @Override
                public void reject(String session, String reason) {
                  throw new AssertionError(reason);
                }
              });
    }
    assertThat(copied).hasSize(5);
    append("a", 4);
    List<CanonicalChange> told = follower.follow();
    assertThat(told).extracting(CanonicalChange::sessionId).contains("a");
    assertThat(copied).hasSize(5);
  }

  @Test
  void whatIsGoneIsMissedByTheNextProcessToo() throws IOException {
    append("a", 1);
    append("b", 2);
    Follower follower = follower();
    follower.follow();
    Files.delete(transcript("b"));
    follower.restart();
    follower.follow();
    assertThat(follower.held()).isEqualTo(follower.there()).hasSize(2);
    follower.restart();
    assertThat(follower.follow()).extracting(CanonicalChange::sessionId).doesNotContain("b");
  }

  @Test
  void anEmptyDirectoryIsNotBelieved() throws IOException {
    for (int i = 0; i < 11; i++) {
      append("s" + i, i);
    }
    Follower follower = follower();
    follower.follow();
    for (int i = 0; i < 11; i++) {
      Files.delete(transcript("s" + i));
    }
    assertThatThrownBy(follower::follow)
        .isInstanceOf(SystemFault.class)
        .hasMessageContaining("has no sessions any more, and had 11");
    assertThat(follower.held()).hasSize(22);
  }

  @Test
  void aStoreThatIsHalfWrittenHoldsMarksBack() throws IOException {
    append("a", 1);
    Follower follower = follower();
    follower.follow();
    Files.writeString(directory.resolve("sessions.json"), "{\"agent:main:main\": {\"sess");
    assertThatThrownBy(follower::follow)
        .isInstanceOf(SystemFault.class)
        .hasMessageContaining("sessions.json is not valid JSON");
    Files.writeString(
        directory.resolve("sessions.json"), "{\"agent:x:main\": {\"sessionId\": \"a\"}}");
    follower.follow();
    assertThat(follower.held()).isEqualTo(follower.there());
    assertThat(follower.held().get(List.of("session", "a")).text("agent_name")).isEqualTo("x");
  }

  @Test
  void anEntryCannotNameAnotherFile() throws IOException {
    Files.writeString(directory.resolve("auth-profiles.json"), "{\"key\":\"sk-secret\"}");
    Files.writeString(
        directory.resolve("sessions.json"),
        "{\"k\": {\"sessionId\": \"a\", \"sessionFile\": \"auth-profiles.json\"},"
            + " \"l\": {\"sessionId\": \"../b\"}, \"m\": {\"sessionId\": \"c\\u0000\"}}");
    Follower follower = follower();
    follower.follow();
    assertThat(follower.held().keySet())
        .containsExactlyInAnyOrder(List.of("session", "a"), List.of("session", "../b"));
  }

  @Test
  void aStoreThatIsALinkLeadingOutIsRefused() throws IOException {
    Path sessions = Files.createDirectory(directory.resolve("sessions"));
    Path elsewhere = Files.writeString(directory.resolve("sessions.json"), "{}");
    Files.createSymbolicLink(sessions.resolve("sessions.json"), elsewhere);
    Follower follower = new Follower(sessions, "openclaw-store");
    assertThatThrownBy(follower::follow)
        .isInstanceOf(SystemFault.class)
        .hasMessageContaining("sessions.json is a link that leads out of the directory");
    assertThat(follower.held()).isEmpty();
  }

  @Test
  void halfACharacterInTheStoreIsAProblemOfItsSessionOnly() throws IOException {
    append("good", 1);
    append("key", 2);
    append("file", 3);
    Path store = directory.resolve("sessions.json");
    String good = "\"k\": {\"sessionId\": \"good\"}";
    Files.writeString(
        store,
        "{\"a\": {\"sessionId\": \"half\\ud83d\"}, \"b\\ud83d\": {\"sessionId\": \"key\"},"
            + " \"c\": {\"sessionId\": \"file\", \"sessionFile\": \"\\ud83d.jsonl\"},"
            + good
            + "}");
    Follower follower = follower();
    follower.follow();
    assertThat(follower.parked()).containsExactlyInAnyOrder("half\\ud83d", "key", "file");
    assertThat(follower.held().keySet())
        .containsExactlyInAnyOrder(List.of("session", "good"), List.of("message", "good", "m1"));

    DocumentReader reader = StoreFiles.read(directory);
    List<String> problems = new ArrayList<>();
    List<String> sessions = new ArrayList<>();
    for (boolean more = true; more; ) {
      try {
        Optional<SessionDocument> next = reader.next();
        next.ifPresent(session -> sessions.add(session.sessionId()));
        more = next.isPresent();
      } catch (MalformedRecordException e) {
        problems.add(e.getMessage());
      }
    }
    assertThat(sessions).containsExactly("good");
    assertThat(problems)
        .containsExactlyInAnyOrder(
            "session half\\ud83d: sessions.json: its id holds half of a surrogate pair, which is no"
                + " text",
            "session key: sessions.json: one of its keys holds half of a surrogate pair, which is no"
                + " text",
            "session file: sessions.json: its file's name holds half of a surrogate pair, which is"
                + " no text");

    Files.writeString(store, "{" + good + "}");
    follower.follow();
    assertThat(follower.parked()).isEmpty();
    assertThat(follower.held()).isEqualTo(follower.there()).hasSize(6);
  }

  @Test
  void whatWasToldIsWhatStandsThereWhateverFails() throws Exception {
    follower().followWhatever(this::change);
  }

  private void change(Random random, int number) throws IOException {
    String session = "s" + random.nextInt(5);
    Path file = transcript(session);
    switch (random.nextInt(8)) {
      case 0 -> Files.deleteIfExists(file);
      case 1 -> {
        List<String> lines =
            Files.exists(file) ? new ArrayList<>(Files.readAllLines(file)) : new ArrayList<>();
        if (!lines.isEmpty()) {
          lines.remove(random.nextInt(lines.size()));
          Files.writeString(file, String.join("\n", lines) + (lines.isEmpty() ? "" : "\n"));
        }
      }
      case 2 -> {
        Path fresh = Files.writeString(directory.resolve("fresh.tmp"), message(number));
        Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING);
      }
      case 3 ->
          Files.writeString(
              directory.resolve("sessions.json"),
              "{\"k\": {\"sessionId\": \"" + session + "\", \"updatedAt\": " + number + "}}");
      default -> append(session, number);
    }
  }
}
