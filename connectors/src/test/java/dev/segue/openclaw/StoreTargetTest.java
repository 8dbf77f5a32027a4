package dev.segue.openclaw;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.segue.canonical.CanonicalChange;
import dev.segue.canonical.Entity;
import dev.segue.canonical.Kind;
import dev.segue.finding.Finding;
import dev.segue.layout.LayoutCatalog;
import dev.segue.spi.SystemFault;
import dev.segue.spi.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreTargetTest {
  @TempDir private Path directory;

  private Path transcript(String session) {
    return directory.resolve(session + ".jsonl");
  }

  private static Entity session(String id) {
    return StoreSink.whole(
        Entity.of(Kind.SESSION)
            .set("session_id", id)
            .set("user_id", "u1")
            .set("created_at", "2026-03-01T09:30:00.250001Z")
            .set("updated_at", "2026-03-01T09:31:00.000001Z")
            .set("agent_name", "aria")
            .set("metadata", "{\"n\": 1.50}"));
  }

  private static Entity message(String session, int number, String text) {
    return StoreSink.whole(
        Entity.of(Kind.MESSAGE)
            .set("session_id", session)
            .set("message_id", "m" + number)
            .set("role", number % 3 == 2 ? "tool" : number % 3 == 1 ? "assistant" : "user")
            .set("content", text)
            .set("seq", Integer.toString(number))
            .set("timestamp", "2026-03-01T09:30:" + (10 + number) + ".123456Z"));
  }

  @Test
  void whatNoLineTellsIsKeptBesideIt() throws IOException {
    try (StoreSink sink = new StoreSink(directory)) {
      Entity run =
          StoreSink.whole(
              Entity.of(Kind.TOOL_RUN)
                  .set("session_id", "a")
                  .set("tool_run_id", "run-1")
                  .set("attempt", "2")
                  .set("result", "{\"ok\": true}"));
      List<Entity> all =
          List.of(session("a"), message("a", 0, "hello"), message("a", 2, "found it"), run);

      sink.put(all.toArray(Entity[]::new));

      assertThat(sink.held()).isEqualTo(sink.expected(all)).hasSize(4);
      List<String> lines = Files.readAllLines(transcript("a"));
      assertThat(lines.get(0)).startsWith("{\"type\":\"session\",\"version\":3,\"id\":\"a\"");
      assertThat(lines.get(1))
          .startsWith("{\"type\":\"message\",\"id\":\"m0\",\"parentId\":null,")
          .contains("\"content\":[{\"type\":\"text\",\"text\":\"hello\"}]");
      assertThat(lines.get(2)).contains("\"role\":\"toolResult\"").contains("\"parentId\":\"m0\"");
      assertThat(lines.get(3)).contains("\"customType\":\"segue\"").contains("\"parentId\":\"m2\"");
      assertThat(Files.readString(directory.resolve("sessions.json")))
          .contains("\"agent:main:a\": {\"sessionId\":\"a\",\"updatedAt\":1772357460000,");
    }
  }

  @Test
  void everythingIsReadAgainWhateverItIs() {
    for (long seed = 0; seed < 60; seed++) {
      Random random = new Random(seed);
      try (StoreSink sink = new StoreSink(directory.resolve("of-" + seed))) {
        Map<String, Entity> wanted = new LinkedHashMap<>();
        for (int step = 0; step < 12; step++) {
          List<CanonicalChange> batch = new ArrayList<>();
          for (int i = 0; i < 1 + random.nextInt(6); i++) {
            Entity entity = HostileRows.any(random);
            boolean goes = random.nextInt(5) == 0;
            batch.add(
                goes
                    ? new CanonicalChange.Delete(sink.at(i), 0, entity)
                    : new CanonicalChange.Upsert(sink.at(i), 0, entity));
            if (goes) {
              wanted.remove(entity.toString());
            } else {
              wanted.put(entity.toString(), entity);
            }
          }
          sink.apply(batch);
          if (random.nextInt(4) == 0) {
            sink.restart();
          }
        }
        assertThat(sink.parked()).as("seed " + seed).isEmpty();
        assertThat(sink.held())
            .as("seed " + seed)
            .isEqualTo(sink.expected(List.copyOf(wanted.values())));
      }
    }
  }

  @Test
  void linesThatAreAppendedAreThoseOfAFileThatIsWrittenAnew() throws IOException {
    try (StoreSink appended = new StoreSink(directory.resolve("appended"));
        StoreSink anew = new StoreSink(directory.resolve("anew"))) {
      List<Entity> all = new ArrayList<>(List.of(session("a")));
      appended.put(session("a"));
      Path file = directory.resolve("appended/a.jsonl");
      Object before = FileStamp.of(file).number();
      for (int i = 0; i < 9; i++) {
        all.add(message("a", i, "says " + i));
        appended.put(all.get(i + 1));
      }
      anew.put(all.toArray(Entity[]::new));

      assertThat(FileStamp.of(file).number()).isEqualTo(before);
      assertThat(file).hasSameBinaryContentAs(directory.resolve("anew/a.jsonl"));
    }
  }

  @Test
  void filesThatWereNotWrittenBeforeTheEndAreWrittenByTheNextOne() throws IOException {
    try (StoreSink sink = new StoreSink(directory)) {
      sink.put(session("a"), message("a", 0, "hello"));
      byte[] first = Files.readAllBytes(transcript("a"));
      // The rows are there, the files are not: it ended in between.
      EntityTable rows =
          new EntityTable(
              new StoreTables(sink.target().binding(), sink.migration(), StoreSink.SUPPLIES));
      try (BesideStore beside = new BesideStore(new BesidePlace(directory, "test"))) {
        beside.write(
            store -> {
              rows.put(store, message("a", 1, "and more"));
              rows.put(store, session("b"));
              store.change("INSERT INTO barriers (nonce, part) VALUES ('barrier-x', 0)");
              return StoreOutput.publish(store);
            });
        assertThat(awaits(sink)).isFalse();
      }
      assertThat(transcript("a")).hasBinaryContent(first);
      // The half of a line that was being appended.
      Files.write(transcript("a"), "{\"type\":\"mes".getBytes(UTF_8), StandardOpenOption.APPEND);

      sink.restart();

      assertThat(awaits(sink)).isTrue();
      assertThat(sink.parked()).isEmpty();
      assertThat(sink.held())
          .isEqualTo(
              sink.expected(
                  List.of(
                      session("a"),
                      session("b"),
                      message("a", 0, "hello"),
                      message("a", 1, "and more"))));
    }
  }

  private static boolean awaits(StoreSink sink) {
    try {
      return sink.target().ledger().await("barrier-x", Duration.ZERO);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void fileOfSomebodyElseIsLeftAloneAndItsSessionParked() throws IOException {
    try (StoreSink sink = new StoreSink(directory)) {
      Files.writeString(transcript("a"), "mine\n");
      sink.put(session("a"), session("b"), message("b", 0, "hello"));

      assertThat(sink.parked())
          .containsOnlyKeys("a")
          .containsValue(
              "a.jsonl is there already and was not written by this migration; move it away");
      assertThat(transcript("a")).hasContent("mine\n");

      // Written to behind our back.
      Files.writeString(transcript("b"), "not this\n");
      sink.put(message("b", 1, "more"));
      assertThat(sink.parked()).containsOnlyKeys("a", "b");
      assertThat(transcript("b")).hasContent("not this\n");

      Files.delete(transcript("a"));
      Map<String, List<Entity>> anew =
          Map.of("a", List.of(session("a")), "b", List.of(session("b")));
      Map<String, String> refused =
          sink.target().mender(sink.migration(), StoreSink.SUPPLIES).mend(anew, () -> true);
      assertThat(refused).containsOnlyKeys("b");
      assertThat(sink.parked()).containsOnlyKeys("b");
      assertThat(transcript("a")).content().contains("\"id\":\"a\"");
    }
  }

  @Test
  void entriesOfOthersStayAndOursGoWithTheirSessions() throws IOException {
    Files.createDirectories(directory);
    Files.writeString(
        directory.resolve("sessions.json"), "{\"agent:main:other\": {\"sessionId\":\"other\"}}");
    try (StoreSink sink = new StoreSink(directory)) {
      sink.put(session("a"), session("b"), message("b", 0, "hello"));
      sink.delete(session("a"));
      assertThat(directory.resolve("sessions.json"))
          .content()
          .contains("\"agent:main:other\": {\"sessionId\":\"other\"}")
          .contains("agent:main:b")
          .doesNotContain("agent:main:a");
      assertThat(transcript("a")).doesNotExist();
      assertThat(transcript("b")).exists();
    }
  }

  @Test
  void lockThatAProcessOfTheSameNumberLeftIsTakenOver() throws IOException {
    try (StoreSink sink = new StoreSink(directory)) {
      Path lock = directory.resolve("sessions.json.lock");
      Files.writeString(lock, "{\"pid\":" + ProcessHandle.current().pid() + "}");
      sink.put(session("a"));
      assertThat(transcript("a")).exists();
      assertThat(lock).doesNotExist();
    }
  }

  @Test
  void sessionThatCannotBeAFileIsParked() {
    try (StoreSink sink = new StoreSink(directory)) {
      sink.put(session("../up"), session("x".repeat(300)), session("fine"));

      assertThat(sink.parked()).containsOnlyKeys("../up", "x".repeat(300));
      assertThat(sink.parked().get("../up")).contains("cannot be the name of a file");
      assertThat(transcript("fine")).exists();
      assertThat(directory.getParent().resolve("up.jsonl")).doesNotExist();
    }
  }

  @Test
  void truncatedTableEmptiesAllSessions() {
    try (StoreSink sink = new StoreSink(directory)) {
      sink.put(session("a"), message("a", 0, "hello"), session("b"), message("b", 0, "hello"));
      sink.apply(List.of(new CanonicalChange.Truncate(sink.at(0), 0, "message")));
      assertThat(sink.held()).isEqualTo(sink.expected(List.of(session("a"), session("b"))));
    }
  }

  @Test
  void migrationIsTakenByOneProcess() {
    try (StoreSink sink = new StoreSink(directory);
        Target.Lease lease = sink.target().lease("test", false)) {
      lease.check();
      assertThatThrownBy(() -> sink.target().lease("test", true))
          .isInstanceOf(SystemFault.class)
          .hasMessageContaining("migration 'test' is already running: process ");
      lease.close();
      sink.target().lease("test", false).close();
    }
  }

  @Test
  void nothingOfOursIsLeft() throws IOException {
    try (StoreSink sink = new StoreSink(directory)) {
      sink.put(session("a"));
      sink.target().lease("test", false).close();
      sink.target().removals("test").forEach(removal -> removal.step().run());
      try (Stream<Path> files = Files.list(directory)) {
        assertThat(files.map(file -> file.getFileName().toString()))
            .containsExactlyInAnyOrder("a.jsonl", "sessions.json");
      }
    }
  }

  @Test
  void whatIsInTheWayIsSaid() throws IOException {
    Path full = Files.createDirectories(directory.resolve("full"));
    Files.writeString(full.resolve("x.jsonl"), "");
    assertThat(findings(full)).contains("has sessions already: 1");
    Path file = Files.writeString(directory.resolve("file"), "");
    assertThat(findings(file)).contains("is no directory");
    assertThat(findings(directory.resolve("fresh")))
        .containsExactlyInAnyOrder(
            "the directory is made",
            ".segue/test.sqlite, with the migration's bookkeeping and a copy of all rows");
    assertThat(directory.resolve("fresh")).doesNotExist();
    assertThatThrownBy(
            () -> new StoreTarget(directory, LayoutCatalog.load("openclaw-workspace"), "test"))
        .hasMessage("layout openclaw-workspace can only be read");
  }

  private static List<String> findings(Path place) {
    try (StoreTarget target =
        new StoreTarget(place, LayoutCatalog.load("openclaw-store"), "test")) {
      return target.check().stream().map(Finding::message).toList();
    }
  }

  @Test
  void directoryWithoutRightsIsWaitedFor() throws IOException {
    try (StoreSink sink = new StoreSink(directory)) {
      sink.put(session("a"));
      // A directory in the way refuses everybody, root included.
      Path blocked = Files.createDirectory(directory.resolve(".b.jsonl.segue"));
      assertThatThrownBy(() -> sink.put(session("b")))
          .isInstanceOfSatisfying(
              SystemFault.class,
              fault -> assertThat(fault.nature()).isEqualTo(SystemFault.Nature.TRANSIENT))
          .hasMessageContaining("b.jsonl");
      Files.delete(blocked);
      sink.restart();
      assertThat(sink.held()).isEqualTo(sink.expected(List.of(session("a"), session("b"))));
    }
  }
}
