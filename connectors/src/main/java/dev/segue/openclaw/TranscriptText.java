package dev.segue.openclaw;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.segue.canonical.Entity;
import dev.segue.canonical.JsonText;
import dev.segue.canonical.Kind;
import dev.segue.canonical.SessionDocument;
import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A session's entities as a transcript. What came from a transcript is written as it was spelt
 * there, unless it says something else by now; what was added since comes behind it.
 */
final class TranscriptText {
  /** The newest version of the format. */
  private static final String VERSION = "3";

  /** What a line can be read as. */
  private static final Set<Kind> OF_LINES =
      EnumSet.of(Kind.MESSAGE, Kind.EVENT, Kind.MEMORY_SUMMARY);

  private final SessionDocument document;
  private final Map<String, String> unknownOfSession;
  private String parent;

  private TranscriptText(SessionDocument document) {
    this.document = document;
    this.unknownOfSession = document.session().map(TranscriptText::unknown).orElse(Map.of());
  }

  /** The transcript's bytes. */
  static byte[] of(SessionDocument document) {
    return new TranscriptText(document).write();
  }

  /** What an entity brings besides its fields. */
  static Map<String, String> unknown(Entity entity) {
    String unknown = entity.text("unknown");
    Map<String, String> members = unknown == null ? null : JsonText.members(unknown);
    return members == null ? Map.of() : members;
  }

  /**
   * A line of a transcript.
   *
   * @param entity whose line it is; null for the one that the transcript begins with
   */
  record Line(Entity entity, byte[] text) {}

  /**
   * The transcript's lines.
   *
   * @param besides entities that get lines of our own
   */
  static List<Line> lines(SessionDocument document, Collection<Entity> besides) {
    return new TranscriptText(document).lines(besides);
  }

  private byte[] write() {
    return joined(document, lines(List.of()));
  }

  /** Lines as a file; its last line has no end if that was so where it came from. */
  static byte[] joined(SessionDocument document, List<Line> lines) {
    boolean torn =
        document.session().filter(s -> "true".equals(unknown(s).get(StoreFiles.TORN))).isPresent()
            && lines.stream().allMatch(line -> line.entity == null || isSpelt(line.entity));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < lines.size(); i++) {
      bytes.writeBytes(lines.get(i).text);
      if (!torn || i < lines.size() - 1) {
        bytes.write('\n');
      }
    }
    return bytes.toByteArray();
  }

  private List<Line> lines(Collection<Entity> besides) {
    List<Line> lines = new ArrayList<>();
    if (!"true".equals(unknownOfSession.get(StoreFiles.HEADLESS))) {
      lines.add(new Line(null, header().getBytes(UTF_8)));
    }
    document.entities().stream()
        .filter(TranscriptText::isSpelt)
        .sorted(Comparator.comparingLong(entity -> number(entity).orElseThrow()))
        .forEach(entity -> lines.add(new Line(entity, line(entity))));
    Stream.concat(
            document.of(Kind.MESSAGE).stream().filter(entity -> !isSpelt(entity)), besides.stream())
        .sorted(TranscriptText::byTime)
        .forEach(entity -> lines.add(new Line(entity, added(entity).getBytes(UTF_8))));
    return lines;
  }

  private static int byTime(Entity a, Entity b) {
    Comparator<String> nullsLast = Comparator.nullsLast(Comparator.naturalOrder());
    return Comparator.comparing(TranscriptText::time, nullsLast)
        .thenComparing(
            e -> {
              String number = text(e, "seq");
              return number == null ? Long.MAX_VALUE : Long.parseLong(number);
            })
        .thenComparing(e -> e.kind() == Kind.MESSAGE ? e.text("message_id") : KeptLine.id(e))
        .compare(a, b);
  }

  /** When an entity was; null if it does not tell, or none that can be written. */
  private static String time(Entity entity) {
    return Stream.of("timestamp", "created_at", "started_at")
        .map(name -> text(entity, name))
        .filter(time -> time != null && time.endsWith("Z"))
        .findFirst()
        .orElse(null);
  }

  private static String text(Entity entity, String name) {
    return entity.kind().field(name).map(entity::text).orElse(null);
  }

  /** Whether an entity stood on a line of its own, which is kept. */
  static boolean isSpelt(Entity entity) {
    return number(entity).isPresent();
  }

  /** The number of the line that an entity stood on. */
  private static Optional<Long> number(Entity entity) {
    if (!OF_LINES.contains(entity.kind()) || entity.text("unknown") == null) {
      return Optional.empty();
    }
    Map<String, String> unknown = unknown(entity);
    return Optional.ofNullable(unknown.get(Transcript.LINE))
        .filter(number -> number.matches("\\d{1,15}"))
        .filter(
            number ->
                isLineOf(entity.kind(), unknown.get(Transcript.RAW))
                    || unknown.containsKey(Transcript.BYTES))
        .map(Long::parseLong);
  }

  /** Whether JSON is the text of one line, which tells a message if it is to be one. */
  private static boolean isLineOf(Kind kind, String json) {
    if (!isLine(json)) {
      return false;
    }
    Map<String, String> members =
        kind == Kind.MESSAGE ? Transcript.members(JsonText.unquote(json)) : Map.of();
    return kind != Kind.MESSAGE
        || ("message".equals(Transcript.text(members, "type"))
            && JsonText.members(members.getOrDefault("message", "null")) != null);
  }

  /** Whether JSON is the text of one line. */
  private static boolean isLine(String json) {
    String line = json == null ? null : JsonText.unquote(json);
    return line != null && line.indexOf('\n') < 0;
  }

  private String header() {
    String raw = unknownOfSession.get(Transcript.RAW);
    if (isLine(raw) && isHeader(JsonText.unquote(raw))) {
      return JsonText.unquote(raw);
    }
    Map<String, String> header = new LinkedHashMap<>();
    header.put("type", "\"session\"");
    header.put("version", VERSION);
    header.put("id", JsonText.quote(document.sessionId()));
    document
        .session()
        .map(session -> session.text("created_at"))
        .filter(time -> time.endsWith("Z"))
        .ifPresent(time -> header.put("timestamp", JsonText.quote(millis(time).toString())));
    return JsonText.object(header);
  }

  private static boolean isHeader(String line) {
    return "session".equals(Transcript.text(Transcript.members(line), "type"));
  }

  private static Instant millis(String timestamp) {
    return OffsetDateTime.parse(timestamp).toInstant().truncatedTo(ChronoUnit.MILLIS);
  }

  private byte[] line(Entity entity) {
    Map<String, String> unknown = unknown(entity);
    if (unknown.containsKey(Transcript.BYTES)) {
      return Base64.getDecoder().decode(JsonText.unquote(unknown.get(Transcript.BYTES)));
    }
    String raw = JsonText.unquote(unknown.get(Transcript.RAW));
    String said = entity.kind() == Kind.MESSAGE ? asItIsNow(raw, entity) : raw;
    parent = Transcript.members(said).getOrDefault("id", parent);
    return said.getBytes(UTF_8);
  }

  /** A message's line, with another content if somebody has changed that. */
  private String asItIsNow(String raw, Entity entity) {
    Entity before =
        Transcript.read(document.sessionId(), ("\n" + raw).getBytes(UTF_8)).entities().get(1);
    if (Objects.equals(before.text("content"), entity.text("content"))) {
      return raw;
    }
    Map<String, String> members = JsonText.membersOf(raw);
    Map<String, String> message = JsonText.members(members.get("message"));
    message.put("content", parts(entity));
    members.put("message", JsonText.object(message));
    return JsonText.object(members);
  }

  private static String parts(Entity entity) {
    String text = entity.text("content") == null ? "" : entity.text("content");
    return "[{\"type\":\"text\",\"text\":" + JsonText.quote(text) + "}]";
  }

  /** A line that no transcript had. */
  private String added(Entity entity) {
    if (entity.kind() == Kind.MESSAGE) {
      return fresh(entity);
    }
    String before = parent;
    Optional<String> id = hasIds() ? Optional.of(KeptLine.id(entity)) : Optional.empty();
    id.ifPresent(name -> parent = JsonText.quote(name));
    String time = time(entity);
    return KeptLine.of(
        entity,
        id,
        before == null ? "null" : before,
        time == null ? null : millis(time).toString());
  }

  private boolean hasIds() {
    return parent != null
        || !(unknownOfSession.containsKey(Transcript.RAW)
            || unknownOfSession.containsKey(StoreFiles.HEADLESS));
  }

  /** A message that no transcript had. */
  private String fresh(Entity entity) {
    Map<String, String> message = new LinkedHashMap<>();
    String role = entity.text("role");
    message.put("role", JsonText.quote("tool".equals(role) ? "toolResult" : String.valueOf(role)));
    if (entity.text("tool_call_id") != null) {
      message.put("toolCallId", JsonText.quote(entity.text("tool_call_id")));
    }
    if (entity.text("tool_name") != null) {
      message.put("toolName", JsonText.quote(entity.text("tool_name")));
    }
    boolean parts = entity.text("parts") != null && unknownOfSession.containsKey(Transcript.RAW);
    message.put("content", parts ? entity.text("parts") : parts(entity));
    Map<String, String> members = new LinkedHashMap<>();
    members.put("type", "\"message\"");
    if (hasIds()) {
      members.put("id", JsonText.quote(entity.text("message_id")));
      members.put("parentId", parent == null ? "null" : parent);
      parent = members.get("id");
    }
    String time = time(entity);
    if (time != null) {
      members.put("timestamp", JsonText.quote(millis(time).toString()));
      message.put("timestamp", Long.toString(millis(time).toEpochMilli()));
    }
    members.put("message", JsonText.object(message));
    return JsonText.object(members);
  }
}
