package dev.segue.status;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.segue.demo.Pipeline;
import dev.segue.support.Migration;
import dev.segue.support.Servers;
import dev.segue.support.Wire;
import org.junit.jupiter.api.Test;

/** What a run says of itself while a system does not answer. */
class StatusIT {
  @Test
  void aSystemThatHangsIsNamedAndKeepsNobodyWaiting() throws Exception {
    try (Wire toSource = new Wire(Servers.source().port());
        Wire toTarget = new Wire(Servers.target().port());
        Migration migration = Migration.ofStore("hang", 5, 1)) {
      migration.config("callsphere", "aria-engine", "kafka: {partitions: 2}");
      migration.via(toSource, toTarget);
      Pipeline pipeline = migration.startFollowing();

      toTarget.hold();
      JsonNode hanging =
          migration.await(
              pipeline, "the target to hang", s -> s.at("/as_of/target/trouble").isTextual());

      assertThat(hanging.at("/as_of/target/trouble").asText()).contains("has not answered for");
      assertThat(hanging.at("/as_of/target/age_ms").asLong()).isPositive();
      assertThat(hanging.at("/as_of/source/trouble").isNull()).isTrue();
      assertThat(hanging.at("/slot/status").asText()).isEqualTo("reserved");
      assertThat(hanging.at("/phase").asText()).isEqualTo("streaming");
      assertThat(migration.run("status").out()).contains("target  does not answer: ");
      toTarget.release();
      migration.await(
          pipeline, "the target to answer", s -> s.at("/as_of/target/trouble").isNull());
      assertThat(migration.run("status").out()).doesNotContain("does not answer");
    }
  }
}
