package dev.segue.interchange;

import dev.segue.canonical.MalformedRecordException;
import java.io.IOException;
import java.io.Reader;
import java.util.Optional;

/**
 * Cuts a text into the JSON objects that stand in it, one after the other or in one array, each as
 * it is spelt. Holds one of them at a time.
 */
final class JsonPieces {
  private final Reader reader;
  private int line = 1;
  private int beganAt = 1;

  JsonPieces(Reader reader) {
    this.reader = reader;
  }

  /** The line that the last piece began in. */
  int line() {
    return beganAt;
  }

  /**
   * The next object's text.
   *
   * @throws MalformedRecordException if something else stands there; it is passed over
   */
  Optional<String> next() throws IOException {
    int c = read();
    while (c >= 0
        && (Character.isWhitespace(c) || c == '[' || c == ']' || c == ',' || c == 0xFEFF)) {
      c = read();
    }
    if (c < 0) {
      return Optional.empty();
    }
    beganAt = line;
    if (c != '{') {
      passOver();
      throw new MalformedRecordException("line " + beganAt + ": expected a JSON object");
    }
    return Optional.of(object());
  }

  private int read() throws IOException {
    int c = reader.read();
    if (c == '\n') {
      line++;
    }
    return c;
  }

  private void passOver() throws IOException {
    int c = read();
    while (c >= 0 && c != '\n') {
      c = read();
    }
  }

  private String object() throws IOException {
    StringBuilder text = new StringBuilder("{");
    int depth = 1;
    boolean quoted = false;
    while (depth > 0) {
      int c = read();
      if (c < 0) {
        throw new MalformedRecordException(
            "line " + beganAt + ": the text ends inside of a JSON object");
      }
      text.append((char) c);
      if (quoted && c == '\\') {
        text.append((char) read());
      } else if (c == '"') {
        quoted = !quoted;
      } else if (!quoted && (c == '{' || c == '[')) {
        depth++;
      } else if (!quoted && (c == '}' || c == ']')) {
        depth--;
      }
    }
    return text.toString();
  }
}
