package dev.segue.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.segue.status.StatusJson;
import java.io.PrintWriter;
import java.util.Locale;

/** What came of writing sessions anew, as a person reads it. */
final class MendText {
  private MendText() {}

  /** Prints it; returns the exit code. */
  static int print(JsonNode report, boolean json, PrintWriter out) throws JsonProcessingException {
    JsonNode refused = report.path("refused");
    if (json) {
      out.println(StatusJson.mapper().writeValueAsString(report));
    } else {
      out.printf(
          Locale.ROOT,
          "%,d sessions written anew, %,d refused; writers of a session waited for %d ms at"
              + " most.%n",
          report.path("mended").longValue(),
          refused.size(),
          report.path("pause_ms_max").longValue());
      refused
          .fieldNames()
          .forEachRemaining(
              session ->
                  out.println("  session " + session + ": " + refused.path(session).asText()));
    }
    out.flush();
    return refused.isEmpty() ? 0 : Failures.JOB_FAILED;
  }
}
