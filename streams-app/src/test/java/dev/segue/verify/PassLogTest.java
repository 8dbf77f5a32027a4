package dev.segue.verify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.canonical.Kind;
import dev.segue.spi.Chunk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a pass has read survives the process that read it. */
class PassLogTest {
  private static final Chunk FIRST = new Chunk(0, "public.messages", "public.messages", 0, 10, 1);
  private static final Chunk LAST = new Chunk(1, "public.messages", "public.messages", 10, -1, 1);

  @TempDir private Path directory;

  private Path path() {
    return directory.resolve("verify.pass");
  }

  private PassLog open(String identity) {
    return PassLog.open(path(), identity, false, false, unused -> {}).orElseThrow();
  }

  private static Map<String, Tally> tallies(String session) {
    Tally tally = new Tally();
    tally.find(Kind.MESSAGE, RowDigest.of("one"));
    tally.sourceId("as the source says " + session);
    return Map.of(session, tally);
  }

  private void write() {
    try (PassLog log = open("m1")) {
      log.add("target", FIRST, tallies("é".repeat(70_000)));
      log.horizon("1234");
      log.add("source", LAST, tallies("b"));
    }
  }

  @Test
  void knowsWhatWasRead() {
    write();

    try (PassLog log = open("m1")) {
      assertThat(log.continued()).isEqualTo(2);
      assertThat(log.horizon()).contains("1234");
      assertThat(log.has("target", FIRST)).isTrue();
      assertThat(log.has("source", FIRST)).isFalse();
      Tally expecting = log.takeRead().get("b");
      assertThat(expecting.sourceId()).isEqualTo("as the source says b");
      assertThat(expecting.agrees()).isFalse();
      expecting.expect(Kind.MESSAGE, RowDigest.of("one"));
      assertThat(expecting.agrees()).isTrue();
    }
  }

  @Test
  void entryThatIsNotWholeIsNotRead() throws IOException {
    write();
    byte[] all = Files.readAllBytes(path());
    int cut = 0;
    for (int length = all.length - 1; length > all.length - 80; length -= 7) {
      Files.write(path(), java.util.Arrays.copyOf(all, length));
      try (PassLog log = open("m1")) {
        assertThat(log.continued()).isEqualTo(1);
        log.add("source", LAST, tallies("b"));
        cut++;
      }
      try (PassLog log = open("m1")) {
        assertThat(log.continued()).isEqualTo(2);
      }
    }
    assertThat(cut).isPositive();
    // As a file system leaves it whose power went away.
    Files.write(path(), new byte[4096], StandardOpenOption.APPEND);
    try (PassLog log = open("m1")) {
      assertThat(log.continued()).isEqualTo(2);
    }
  }

  @Test
  void anotherMigrationOrAWishBeginsAnew() {
    write();
    assertThat(PassLog.open(path(), "m1", true, false, unused -> {}).map(PassLogTest::continued))
        .contains(0);
    write();
    assertThat(PassLog.open(path(), "m2", false, false, unused -> {}).map(PassLogTest::continued))
        .contains(0);
  }

  @Test
  void passThatReadsAllRowsGoesOnWithNoneThatDidNot() {
    write();
    try (PassLog log = open("m1")) {
      assertThat(log.readsRows()).isFalse();
      log.beginReadingRows();
      assertThat(log.takeRead()).isEmpty();
      log.add("target", FIRST, tallies("a"));
    }
    try (PassLog log = open("m1")) {
      assertThat(log.readsRows()).isTrue();
      assertThat(log.continued()).isEqualTo(1);
      assertThat(log.horizon()).isEmpty();
    }
    write();
    assertThat(PassLog.open(path(), "m1", true, false, unused -> {}).map(PassLogTest::continued))
        .contains(0);
    write();
    assertThat(PassLog.open(path(), "m1", false, true, unused -> {}).map(PassLogTest::continued))
        .contains(0);
  }

  private static int continued(PassLog log) {
    try (log) {
      return log.continued();
    }
  }

  @Test
  void passBeganWhenTheFirstProcessBeganIt() throws Exception {
    write();
    String began;
    try (PassLog log = open("m1")) {
      began = log.beganAt();
    }
    Thread.sleep(5);
    try (PassLog log = open("m1")) {
      assertThat(log.beganAt()).isEqualTo(began);
    }
    assertThat(PassLog.open(path(), "m1", true, false, unused -> {}).orElseThrow().beganAt())
        .isNotEqualTo(began);
  }

  @Test
  void directoryThatCannotBeWrittenIsToldAndNoObstacle() {
    java.util.List<String> told = new java.util.ArrayList<>();

    assertThat(PassLog.open(directory.resolve("no/such.pass"), "m1", false, false, told::add))
        .isEmpty();

    assertThat(told).singleElement().asString().contains("begins anew", "such.pass");
  }

  @Test
  void onlyOneHasIt() {
    try (PassLog log = open("m1")) {
      assertThat(PassLog.open(path(), "m1", false, false, unused -> {})).isEmpty();
      log.finish();
    }
    assertThat(path()).doesNotExist();
  }
}
