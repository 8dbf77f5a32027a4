package dev.segue.openclaw;

import dev.segue.canonical.JsonText;
import dev.segue.canonical.MalformedRecordException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A session as the older generation keeps it: {@code .sessions/{id}.json}, written anew as a whole
 * with each message.
 *
 * @param id the file's name without its ending
 * @param members the document's members, each with its value's own text
 * @param messages each with its own text, in their order
 * @param metadata members of the document's {@code metadata}
 * @param modified when the file was last written
 */
record SessionFile(
    Path path,
    String id,
    Map<String, String> members,
    List<String> messages,
    Map<String, String> metadata,
    FileTime modified) {
  private static final int ATTEMPTS = 5;
  private static final long PAUSE_MILLIS = 100;

  /**
   * Reads a file, more than once where its application is just writing it.
   *
   * @throws MalformedRecordException saying what is wrong with it
   */
  static SessionFile read(Path path) throws IOException, InterruptedException {
    return patiently(path, (text, modified) -> parse(path, text, modified));
  }

  /** What a file's text means. */
  interface Parser<T> {
    T parse(String text, FileTime modified);
  }

  /**
   * Reads a file, more than once where its application is just writing it.
   *
   * @throws MalformedRecordException saying what is wrong with it
   */
  static <T> T patiently(Path path, Parser<T> parser) throws IOException, InterruptedException {
    for (int attempt = 1; ; attempt++) {
      try {
        FileTime before = Files.getLastModifiedTime(path);
        String text = Files.readString(path);
        if (before.equals(Files.getLastModifiedTime(path))) {
          return parser.parse(text, before);
        }
      } catch (CharacterCodingException e) {
        throw new MalformedRecordException("is not UTF-8", e);
      } catch (MalformedRecordException e) {
        if (attempt == ATTEMPTS) {
          throw e;
        }
      }
      Thread.sleep(PAUSE_MILLIS);
    }
  }

  /** What a copy says that nobody writes to. */
  static SessionFile parse(Path path, String text) throws IOException {
    return parse(path, text, Files.getLastModifiedTime(path));
  }

  /**
   * What a text says.
   *
   * @param modified when it was written
   */
  static SessionFile parse(Path path, String text, FileTime modified) {
    Map<String, String> members = JsonText.membersOf(text);
    String name = path.getFileName().toString();
    List<String> messages = JsonText.elements(members.getOrDefault("messages", "[]"));
    Map<String, String> metadata = JsonText.members(members.getOrDefault("metadata", "{}"));
    if (messages == null) {
      throw new MalformedRecordException("has 'messages' that are not a list");
    }
    for (int i = 0; i < messages.size(); i++) {
      if (JsonText.members(messages.get(i)) == null) {
        throw new MalformedRecordException("has message " + i + " that is not a JSON object");
      }
    }
    return new SessionFile(
        path,
        name.substring(0, name.lastIndexOf(".json")),
        members,
        messages,
        metadata == null ? Map.of() : metadata,
        modified);
  }

  /** Whether it has been written since. */
  boolean isStale() throws IOException {
    return !Files.exists(path) || !modified.equals(Files.getLastModifiedTime(path));
  }

  /** The text of a member of the metadata; empty if it is none, or not a text. */
  Optional<String> metadataText(String name) {
    return Optional.ofNullable(metadata.get(name)).map(JsonText::unquote);
  }

  /**
   * When it was last changed, milliseconds since 1970: as it says itself, else as its newest
   * message says, else when the file was written. Never made up.
   */
  long updatedAt() {
    return OpenClawTime.millis(members.get("updated_at"))
        .or(
            () ->
                messages.stream()
                    .flatMap(
                        message ->
                            OpenClawTime.millis(JsonText.members(message).get("timestamp"))
                                .stream())
                    .max(Long::compare))
        .or(() -> OpenClawTime.millis(members.get("created_at")))
        .orElse(modified.toMillis());
  }

  /** The messages as a transcript: one on each line, spelt as they were. */
  String transcript() {
    StringBuilder lines = new StringBuilder();
    messages.forEach(message -> lines.append(JsonText.onOneLine(message)).append('\n'));
    return lines.toString();
  }
}
