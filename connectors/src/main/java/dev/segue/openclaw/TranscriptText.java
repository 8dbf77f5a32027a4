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
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A session's entities as a transcript. What came from a transcript is written as it was spelt
 * there, unless it says something else by now; what was added since comes behind it.
 */
final class TranscriptText {
  /** The newest version of the format. */
  private static final String VERSION = "3";

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

  private byte[] write() {
    List<byte[]> lines = new ArrayList<>();
    if (!"true".equals(unknownOfSession.get(StoreFiles.HEADLESS))) {
      lines.add(header().getBytes(UTF_8));
    }
    document.entities().stream()
        .filter(entity -> number(entity).isPresent())
        .sorted(Comparator.comparingLong(entity -> number(entity).orElseThrow()))
        .forEach(entity -> lines.add(line(entity)));
    document.of(Kind.MESSAGE).stream()
        .filter(entity -> number(entity).isEmpty())
        .sorted(TranscriptText::byTime)
        .forEach(entity -> lines.add(fresh(entity).getBytes(UTF_8)));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    boolean added = document.of(Kind.MESSAGE).stream().anyMatch(m -> number(m).isEmpty());
    boolean torn = "true".equals(unknownOfSession.get(StoreFiles.TORN)) && !added;
    for (int i = 0; i < lines.size(); i++) {
      bytes.writeBytes(lines.get(i));
      if (!torn || i < lines.size() - 1) {
        bytes.write('\n');
      }
    }
    return bytes.toByteArray();
  }

  private static int byTime(Entity a, Entity b) {
    Comparator<String> nullsLast = Comparator.nullsLast(Comparator.naturalOrder());
    return Comparator.comparing((Entity e) -> e.text("timestamp"), nullsLast)
        .thenComparing(e -> e.text("seq") == null ? Long.MAX_VALUE : Long.parseLong(e.text("seq")))
        .thenComparing(e -> e.text("message_id"), nullsLast)
        .compare(a, b);
  }

  /** The number of the line that an entity stood on. */
  private static Optional<Long> number(Entity entity) {
    return Optional.ofNullable(unknown(entity).get(Transcript.LINE))
        .filter(number -> entity.kind() != Kind.SESSION && number.matches("\\d{1,15}"))
        .map(Long::parseLong);
  }

  private String header() {
    String raw = unknownOfSession.get(Transcript.RAW);
    if (raw != null) {
      return JsonText.unquote(raw);
    }
    Map<String, String> header = new LinkedHashMap<>();
    header.put("type", "\"session\"");
    header.put("version", VERSION);
    header.put("id", JsonText.quote(document.sessionId()));
    document
        .session()
        .map(session -> session.text("created_at"))
        .ifPresent(time -> header.put("timestamp", JsonText.quote(millis(time).toString())));
    return JsonText.object(header);
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
    boolean hasIds = parent != null || unknownOfSession.isEmpty();
    if (hasIds) {
      members.put("id", JsonText.quote(entity.text("message_id")));
      members.put("parentId", parent == null ? "null" : parent);
      parent = members.get("id");
    }
    String time = entity.text("timestamp");
    if (time != null) {
      members.put("timestamp", JsonText.quote(millis(time).toString()));
      message.put("timestamp", Long.toString(millis(time).toEpochMilli()));
    }
    members.put("message", JsonText.object(message));
    return JsonText.object(members);
  }
}
