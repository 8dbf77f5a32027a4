package dev.segue.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.segue.support.Migration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DemoIT {
  @Test
  void demoEndsWellAndSaysSoInOneDocument() throws Exception {
    List<Long> before = javaAndPostgres();

    Migration.Outcome outcome =
        Migration.command(
            "demo",
            "--sessions",
            "400",
            "--seconds",
            "12",
            "--rate",
            "100",
            "--seed",
            "7",
            "--json");

    assertThat(outcome.exit()).as(outcome.all()).isZero();
    JsonNode json = new ObjectMapper().readTree(outcome.out());
    assertThat(json.path("result").asText()).isEqualTo("ok");
    assertThat(json.path("kills").intValue()).isEqualTo(3);
    assertThat(json.path("snapshot").path("messages").longValue()).isPositive();
    assertThat(json.path("snapshot").path("rows_per_second").longValue()).isPositive();
    assertThat(json.path("stream").path("transactions").longValue()).isEqualTo(1200);
    assertThat(json.path("stream").path("lag_ms").has("p99")).isTrue();
    JsonNode parity = json.path("parity");
    assertThat(parity.path("sessions").longValue()).isGreaterThan(300);
    assertThat(parity.path("pass").longValue()).isEqualTo(parity.path("sessions").longValue());
    JsonNode oracle = json.path("oracle");
    assertThat(oracle.path("sessions").longValue()).isGreaterThan(250);
    assertThat(oracle.path("messages").longValue()).isGreaterThan(5000);
    assertThat(oracle.path("lost").longValue()).isZero();
    assertThat(oracle.path("duplicated").longValue()).isZero();
    assertThat(oracle.path("altered").longValue()).isZero();
    assertThat(json.path("cutover").path("slices").intValue()).isPositive();
    assertThat(json.path("cutover").path("sessions").longValue()).isGreaterThan(300);
    assertThat(json.path("cutover").path("failed_requests").longValue()).isZero();
    assertThat(json.path("rollback").path("messages_kept").longValue()).isPositive();
    assertThat(json.path("rollback").path("lost").longValue()).isZero();
    assertThat(json.path("talk").path("messages").longValue()).isPositive();
    assertThat(json.path("talk").path("lost").longValue()).isZero();
    assertThat(outcome.err()).contains("kill -9", "Lag is zero");
    assertThat(javaAndPostgres()).as("processes that it left behind").isSubsetOf(before);
  }

  private static List<Long> javaAndPostgres() {
    try (Stream<ProcessHandle> children = ProcessHandle.current().descendants()) {
      return children.filter(ProcessHandle::isAlive).map(ProcessHandle::pid).toList();
    }
  }
}
