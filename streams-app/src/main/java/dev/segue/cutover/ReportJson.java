package dev.segue.cutover;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.segue.status.StatusJson;

/** Reports as the log of moves keeps them: one line. */
final class ReportJson {
  private static final ObjectWriter JSON =
      StatusJson.mapper().writer().without(SerializationFeature.INDENT_OUTPUT);

  private ReportJson() {}

  static String write(Object report) {
    try {
      return JSON.writeValueAsString(report);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
