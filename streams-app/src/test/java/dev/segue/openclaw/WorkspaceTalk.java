package dev.segue.openclaw;

import dev.segue.canonical.JsonText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Session files as OpenClaw's older generation writes them. */
final class WorkspaceTalk {
  private WorkspaceTalk() {}

  static Path file(Path workspace, String id) {
    return workspace.resolve(".sessions").resolve(id + ".json");
  }

  static String said(String role, String content, String more) {
    return "{\"role\":\""
        + role
        + "\",\"content\":"
        + JsonText.quote(content)
        + ",\"timestamp\":\"2026-02-11T10:00:00.123456\",\"tool_calls\":null,\"tool_call_id\":null,"
        + "\"name\":null,\"images\":null"
        + more
        + "}";
  }

  static String document(String id, String... messages) {
    return "{\"session_id\":\""
        + id
        + "\",\n \"messages\":["
        + String.join(",\n  ", List.of(messages))
        + "],\n \"metadata\":{\"label\":\"Mine\"},\"created_at\":\"2026-02-11T10:00:00+00:00\","
        + "\"updated_at\":\"2026-02-11T12:00:03+02:00\"}";
  }

  /** As OpenClaw does it: not in one piece. */
  static void write(Path workspace, String id, String... messages) throws IOException {
    Files.createDirectories(workspace.resolve(".sessions"));
    Files.writeString(file(workspace, id), document(id, messages));
  }
}
