package dev.segue.canonical;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.core.util.BufferRecycler;
import com.fasterxml.jackson.core.util.ByteArrayBuilder;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * JSON as text: members are cut out and put together without re-serialising what they hold, so
 * number spellings, key order and escapes survive. All methods throw {@link
 * MalformedRecordException} for text that is not one JSON value.
 */
public final class JsonText {
  /** A factory that accepts documents as large as a transcript may be. */
  public static final JsonFactory FACTORY =
      JsonFactory.builder()
          .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          .enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNumberLength(200_000)
                  .maxNestingDepth(2_000)
                  .build())
          .build();

  private static final JsonStringEncoder ENCODER = JsonStringEncoder.getInstance();

  private JsonText() {}

  /** What writes a document. */
  @FunctionalInterface
  public interface Writing {
    void to(JsonGenerator json) throws IOException;
  }

  /** A document in UTF-8, put together in a buffer that its thread keeps. */
  public static byte[] bytes(Writing writing) throws IOException {
    BufferRecycler buffers = FACTORY._getBufferRecycler();
    try (ByteArrayBuilder bytes = new ByteArrayBuilder(buffers)) {
      try (JsonGenerator json = FACTORY.createGenerator(bytes)) {
        writing.to(json);
      }
      return bytes.getClearAndRelease();
    } finally {
      buffers.releaseToPool();
    }
  }

  /** The members of a JSON object, each with its value's own text; null if it is not an object. */
  public static Map<String, String> members(String json) {
    try (JsonParser parser = FACTORY.createParser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return null;
      }
      Map<String, String> members = new LinkedHashMap<>();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        if (members.put(name, valueText(parser, json)) != null) {
          throw new MalformedRecordException("has member '" + name + "' twice");
        }
      }
      return members;
    } catch (IOException e) {
      throw malformed(e);
    }
  }

  /** The text of the value that the parser stands on; afterwards it stands on the value's end. */
  static String valueText(JsonParser parser, String json) throws IOException {
    int from = (int) parser.currentTokenLocation().getCharOffset();
    parser.skipChildren();
    parser.finishToken();
    int to = (int) parser.currentLocation().getCharOffset();
    // A scalar number ends where the next character is, which the parser may have peeked past.
    while (to > from && isPadding(json.charAt(to - 1))) {
      to--;
    }
    return json.substring(from, to);
  }

  /** Likewise, of a parser that reads UTF-8. */
  static String valueText(JsonParser parser, byte[] json) throws IOException {
    int from = (int) parser.currentTokenLocation().getByteOffset();
    parser.skipChildren();
    parser.finishToken();
    int to = (int) parser.currentLocation().getByteOffset();
    while (to > from && isPadding((char) json[to - 1])) {
      to--;
    }
    return new String(json, from, to - from, StandardCharsets.UTF_8);
  }

  private static boolean isPadding(char c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == ',';
  }

  /** The members of a text that is exactly one JSON object. */
  public static Map<String, String> membersOf(String document) {
    check(document);
    Map<String, String> members = members(document);
    if (members == null) {
      throw new MalformedRecordException("is not a JSON object");
    }
    return members;
  }

  /** The elements of a JSON array, each with its own text; null if it is not an array. */
  public static List<String> elements(String json) {
    try (JsonParser parser = FACTORY.createParser(json)) {
      if (parser.nextToken() != JsonToken.START_ARRAY) {
        return null;
      }
      List<String> elements = new ArrayList<>();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        elements.add(valueText(parser, json));
      }
      return elements;
    } catch (IOException e) {
      throw malformed(e);
    }
  }

  /** The value without space between its parts, so that it stands on one line. */
  public static String onOneLine(String json) {
    StringBuilder line = new StringBuilder(json.length());
    boolean text = false;
    for (int i = 0; i < json.length(); i++) {
      char c = json.charAt(i);
      if (text && c == '\\') {
        line.append(c).append(json.charAt(++i));
      } else if (text || " \n\r\t".indexOf(c) < 0) {
        text ^= c == '"';
        line.append(c);
      }
    }
    return line.toString();
  }

  /** The JSON object that has these members, whose values are JSON texts already. */
  public static String object(Map<String, String> members) {
    StringBuilder json = new StringBuilder(64);
    json.append('{');
    members.forEach(
        (name, value) -> {
          if (json.length() > 1) {
            json.append(',');
          }
          quote(name, json);
          json.append(':').append(value);
        });
    return json.append('}').toString();
  }

  /** A JSON string literal of this text. */
  public static String quote(String text) {
    StringBuilder json = new StringBuilder(text.length() + 16);
    quote(text, json);
    return json.toString();
  }

  private static void quote(String text, StringBuilder into) {
    into.append('"');
    ENCODER.quoteAsString(text, into);
    into.append('"');
  }

  /**
   * The text inside a JSON string literal, or null if the JSON is not a string.
   *
   * @throws MalformedRecordException if it is no text: JSON can spell halves of characters
   */
  public static String unquote(String json) {
    if (json.isEmpty() || json.charAt(0) != '"') {
      return null;
    }
    try (JsonParser parser = FACTORY.createParser(json)) {
      parser.nextToken();
      return wholeCharacters(parser.getText());
    } catch (IOException e) {
      throw malformed(e);
    }
  }

  /**
   * The same text.
   *
   * @throws MalformedRecordException if it has half of a surrogate pair, which no encoding of texts
   *     can hold
   */
  public static String wholeCharacters(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isSurrogate(c)) {
        boolean pair =
            Character.isHighSurrogate(c)
                && i + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(i + 1));
        if (!pair) {
          throw new MalformedRecordException("holds half of a surrogate pair, which is no text");
        }
        i++;
      }
    }
    return text;
  }

  /** Throws unless the text is exactly one JSON value. */
  public static void check(String json) {
    try (JsonParser parser = FACTORY.createParser(json)) {
      if (parser.nextToken() == null) {
        throw new MalformedRecordException("is empty; expected a JSON value");
      }
      parser.skipChildren();
      if (parser.nextToken() != null) {
        throw new MalformedRecordException("has text after its JSON value");
      }
    } catch (IOException e) {
      throw malformed(e);
    }
  }

  /**
   * The value in one spelling: members by name, numbers without needless digits, no space. What
   * databases that parse JSON take for equal is spelt equally.
   */
  public static String normal(String json) {
    try (JsonParser parser = FACTORY.createParser(json)) {
      parser.nextToken();
      StringBuilder normal = new StringBuilder(json.length());
      normal(parser, normal);
      return normal.toString();
    } catch (IOException e) {
      throw malformed(e);
    }
  }

  private static void normal(JsonParser parser, StringBuilder into) throws IOException {
    switch (parser.currentToken()) {
      case START_OBJECT -> {
        Map<String, String> members = new TreeMap<>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
          String name = parser.currentName();
          parser.nextToken();
          StringBuilder value = new StringBuilder();
          normal(parser, value);
          members.put(name, value.toString());
        }
        into.append(object(members));
      }
      case START_ARRAY -> {
        into.append('[');
        for (String comma = ""; parser.nextToken() != JsonToken.END_ARRAY; comma = ",") {
          into.append(comma);
          normal(parser, into);
        }
        into.append(']');
      }
      case VALUE_STRING -> quote(parser.getText(), into);
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT ->
          into.append(new BigDecimal(parser.getText()).stripTrailingZeros());
      default -> into.append(parser.getText());
    }
  }

  /** Whether the text is the JSON null. */
  public static boolean isNull(String json) {
    return json.equals("null");
  }

  private static MalformedRecordException malformed(IOException e) {
    // The parser's own message shows what stands there, which is somebody's conversation.
    long at =
        e instanceof com.fasterxml.jackson.core.JsonProcessingException json
                && json.getLocation() != null
            ? json.getLocation().getCharOffset()
            : 0;
    return new MalformedRecordException("is not valid JSON at character " + at);
  }
}
