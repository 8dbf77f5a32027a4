package dev.segue.openclaw;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.segue.canonical.Entity;
import dev.segue.canonical.Field;
import dev.segue.canonical.JsonText;
import dev.segue.canonical.Kind;
import dev.segue.canonical.SessionDocument;
import dev.segue.layout.UnmappableRowException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A session as a transcript from which each of its entities can be read again as it is. What {@link
 * TranscriptText} writes is left as it is wherever that tells all; elsewhere a line keeps the rest
 * in a {@link KeptMember}, and what has no line gets a {@link KeptLine}.
 */
final class WholeTranscript {
  private final SessionDocument document;
  private final Map<String, String> entries;
  private final Map<List<String>, Entity> wanted = new LinkedHashMap<>();

  private List<TranscriptText.Line> lastLines;
  private Transcript lastRead;

  private WholeTranscript(SessionDocument document, Map<String, String> entries) {
    this.document = document;
    this.entries = entries;
    document.entities().forEach(entity -> wanted.put(identity(entity), entity));
  }

  /**
   * The transcript's bytes.
   *
   * @param entries those of the session, by their keys, as they stand in {@code sessions.json}
   * @throws UnmappableRowException if an entity could not be read again
   */
  static byte[] of(SessionDocument document, Map<String, String> entries) {
    return new WholeTranscript(document, entries).write();
  }

  private byte[] write() {
    List<Entity> besides = new ArrayList<>();
    document.entities().stream()
        .filter(entity -> entity.kind() != Kind.SESSION && entity.kind() != Kind.MESSAGE)
        .filter(entity -> entity.kind() != Kind.TOOL_RUN && !TranscriptText.isSpelt(entity))
        .forEach(besides::add);
    List<TranscriptText.Line> lines = TranscriptText.lines(document, besides);
    Map<List<String>, Entity> plain = read(lines);
    List<Entity> runs =
        document.of(Kind.TOOL_RUN).stream().filter(run -> !isTold(run, plain)).toList();
    Map<List<String>, Entity> told = plain;
    if (!runs.isEmpty()) {
      besides.addAll(runs);
      lines = TranscriptText.lines(document, besides);
      told = read(lines);
    }
    if (isTold(told)) {
      return TranscriptText.joined(document, lines);
    }
    boolean headless = lines.isEmpty() || lines.get(0).entity() != null;
    if (headless && !isTold(document.session(), told)) {
      besides.add(document.session().orElseThrow());
      lines = TranscriptText.lines(document, besides);
    }
    lines = lines.stream().map(WholeTranscript::plain).toList();
    lines = keeping(lines, new HashSet<>(besides));
    Map<List<String>, Entity> all = read(lines);
    if (!isTold(all)) {
      throw new UnmappableRowException(
          "a transcript cannot hold " + missing(all) + " so that it could be read again");
    }
    return TranscriptText.joined(document, lines);
  }

  private static List<String> identity(Entity entity) {
    List<String> identity = new ArrayList<>(List.of(entity.kind().wireName()));
    for (Field field : entity.kind().identity()) {
      identity.add(String.valueOf(entity.text(field)));
    }
    return identity;
  }

  /** What lines tell; lines that were read last are not read again. */
  private Transcript transcript(List<TranscriptText.Line> lines) {
    if (!lines.equals(lastLines)) {
      lastRead = Transcript.read(document.sessionId(), TranscriptText.joined(document, lines));
      lastLines = List.copyOf(lines);
    }
    return lastRead;
  }

  private Map<List<String>, Entity> read(List<TranscriptText.Line> lines) {
    Transcript transcript = transcript(lines);
    Map<List<String>, Entity> told = new HashMap<>();
    if (!transcript.ofSession().none()) {
      Entity session = session(transcript);
      told.put(identity(session), session);
    }
    transcript.entities().forEach(entity -> told.put(identity(entity), entity));
    return told;
  }

  private Entity session(Transcript transcript) {
    return SessionEntity.of(document.sessionId(), entries, transcript, false);
  }

  private static boolean isTold(Entity entity, Map<List<String>, Entity> told) {
    Entity other = told.get(identity(entity));
    return other != null && Likeness.differences(entity, other).isEmpty();
  }

  private static boolean isTold(Optional<Entity> entity, Map<List<String>, Entity> told) {
    return entity.filter(one -> !isTold(one, told)).isEmpty();
  }

  private boolean isTold(Map<List<String>, Entity> told) {
    return told.keySet().equals(wanted.keySet())
        && wanted.values().stream().allMatch(entity -> isTold(entity, told));
  }

  private String missing(Map<List<String>, Entity> told) {
    return wanted.values().stream()
        .filter(entity -> !isTold(entity, told))
        .findFirst()
        .or(
            () ->
                told.values().stream()
                    .filter(entity -> !wanted.containsKey(identity(entity)))
                    .findFirst())
        .map(Entity::toString)
        .orElse("its rows");
  }

  /** A line without what was kept in it when it was written another time. */
  private static TranscriptText.Line plain(TranscriptText.Line line) {
    String text = new String(line.text(), UTF_8);
    return Transcript.members(text).containsKey(KeptMember.NAME)
        ? line(line.entity(), new KeptMember(Map.of(), List.of(), false).in(text))
        : line;
  }

  private static TranscriptText.Line line(Entity entity, String text) {
    return new TranscriptText.Line(entity, JsonText.wholeCharacters(text).getBytes(UTF_8));
  }

  /** The lines with all that they do not tell by themselves. */
  private List<TranscriptText.Line> keeping(List<TranscriptText.Line> lines, Set<Entity> besides) {
    Transcript transcript = transcript(lines);
    Map<Integer, Entity> told = new HashMap<>();
    Map<String, Integer> places = new HashMap<>();
    for (Entity entity : transcript.entities()) {
      String number = TranscriptText.unknown(entity).get(Transcript.LINE);
      if (number != null && entity.kind() != Kind.TOOL_RUN) {
        told.put(Integer.parseInt(number), entity);
        if (entity.kind() == Kind.MESSAGE) {
          places.put(entity.text("message_id"), Integer.parseInt(number));
        }
      }
    }
    Map<Integer, List<String>> untold = untold(transcript, places);
    List<TranscriptText.Line> kept = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      TranscriptText.Line line = lines.get(i);
      List<String> runs = untold.getOrDefault(i, List.of());
      if (line.entity() == null) {
        kept.add(header(line, transcript, runs));
      } else if (besides.contains(line.entity())) {
        kept.add(line);
      } else {
        kept.add(keeping(line, told.get(i), runs));
      }
    }
    return kept;
  }

  /** Runs of tools that lines seem to tell of, though there are none. */
  private Map<Integer, List<String>> untold(Transcript transcript, Map<String, Integer> places) {
    Map<Integer, List<String>> untold = new HashMap<>();
    for (Entity run : transcript.entities()) {
      if (run.kind() == Kind.TOOL_RUN && !wanted.containsKey(identity(run))) {
        String call = run.text("call_message_id");
        String place = call == null ? run.text("result_message_id") : call;
        untold
            .computeIfAbsent(places.getOrDefault(place, 0), unused -> new ArrayList<>())
            .add(run.text("tool_run_id"));
      }
    }
    return untold;
  }

  private TranscriptText.Line header(
      TranscriptText.Line line, Transcript transcript, List<String> runs) {
    KeptMember kept =
        document
            .session()
            .map(
                session ->
                    new KeptMember(Likeness.differences(session, session(transcript)), runs, false))
            .orElseGet(() -> new KeptMember(Map.of(), runs, true));
    return kept.isEmpty() ? line : line(null, kept.in(new String(line.text(), UTF_8)));
  }

  private static TranscriptText.Line keeping(
      TranscriptText.Line line, Entity told, List<String> runs) {
    String text = new String(line.text(), UTF_8);
    boolean same = told != null && told.kind() == line.entity().kind();
    KeptMember kept =
        new KeptMember(same ? Likeness.differences(line.entity(), told) : Map.of(), runs, false);
    if (same && kept.isEmpty()) {
      return line;
    }
    // What is no object has no members.
    return same && !Transcript.members(text).isEmpty()
        ? line(line.entity(), kept.in(text))
        : line(
            line.entity(),
            KeptLine.of(line.entity(), Optional.of(KeptLine.id(line.entity())), "null", null));
  }
}
