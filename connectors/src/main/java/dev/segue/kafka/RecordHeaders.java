package dev.segue.kafka;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/** The headers that Segue's records carry. */
public final class RecordHeaders {
  /** Where a change stands in the source's order. */
  public static final String POSITION = "segue.position";

  /** Says that the record is the half of a move that leaves the old session. */
  public static final String DEPARTED = "segue.departed";

  /** Why a dead letter is one. */
  public static final String REASON = "segue.reason";

  /** Which part of the pipeline gave up: snapshot, topology or sink. */
  public static final String STAGE = "segue.stage";

  /** Where a dead letter was: topic-partition@offset; the same letter may come twice. */
  public static final String ORIGIN = "segue.origin";

  private RecordHeaders() {}

  public static void put(Headers headers, String name, String value) {
    headers.add(name, value.getBytes(StandardCharsets.UTF_8));
  }

  /** The header's text, or null if it is missing. */
  public static String get(Headers headers, String name) {
    Header header = headers.lastHeader(name);
    return header == null ? null : new String(header.value(), StandardCharsets.UTF_8);
  }
}
