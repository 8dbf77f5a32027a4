package dev.segue.openclaw;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.segue.canonical.Entity;
import dev.segue.canonical.JsonText;
import dev.segue.canonical.Kind;
import dev.segue.canonical.MalformedRecordException;
import dev.segue.canonical.SessionDocument;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Session files of the older generation.
 *
 * @param keys of each session that has some
 */
record WorkspaceListing(Map<String, Path> files, Map<String, List<String>> keys)
    implements FileListing {
  /** Members of a document that fields take. */
  private static final Set<String> TAKEN =
      Set.of("session_id", "messages", "metadata", "created_at", "updated_at");

  /** A member of {@code unknown}: the session's keys, where it has several. */
  private static final String KEYS = "keys";

  @Override
  public String about(String session) {
    return String.join("\n", keys.getOrDefault(session, List.of()));
  }

  @Override
  public boolean isOfLines() {
    return false;
  }

  @Override
  public Optional<SessionDocument> read(String session, byte[] bytes) {
    if (bytes == null) {
      return Optional.empty();
    }
    SessionFile file = SessionFile.parse(files.get(session), text(bytes), FileTime.fromMillis(0));
    List<Entity> entities = new ArrayList<>();
    entities.add(session(file));
    WorkspaceMessages messages = new WorkspaceMessages(session);
    file.messages().forEach(messages::take);
    entities.addAll(messages.entities());
    return Optional.of(new SessionDocument(session, entities));
  }

  private static String text(byte[] bytes) {
    try {
      return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new MalformedRecordException("is not UTF-8", e);
    }
  }

  private Entity session(SessionFile file) {
    List<String> own = keys.getOrDefault(file.id(), List.of());
    Map<String, String> unknown = new LinkedHashMap<>(file.members());
    unknown.keySet().removeAll(TAKEN);
    if (own.size() > 1) {
      unknown.put(KEYS, "[" + String.join(",", own.stream().map(JsonText::quote).toList()) + "]");
    }
    String metadata = file.members().get("metadata");
    return Entity.of(Kind.SESSION)
        .set("session_id", file.id())
        .set("agent_name", SessionStore.agent(own).orElse(null))
        .set("created_at", time(file, "created_at", unknown))
        .set("updated_at", time(file, "updated_at", unknown))
        .set(
            "session_key",
            own.isEmpty() ? file.metadataText("session_key").orElse(null) : own.get(0))
        .set("metadata", metadata == null || JsonText.isNull(metadata) ? null : metadata)
        .set("unknown", unknown.isEmpty() ? null : JsonText.object(unknown))
        .build();
  }

  /** A time; what is there instead of one is kept as it is. */
  private static String time(SessionFile file, String member, Map<String, String> unknown) {
    String said = file.members().get(member);
    String time = OpenClawTime.canonical(said);
    if (time == null && said != null && !JsonText.isNull(said)) {
      unknown.put(member, said);
    }
    return time;
  }
}
