package dev.segue.kafka;

import dev.segue.spi.SystemFault;
import dev.segue.spi.SystemFault.Nature;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RecordTooLargeException;

/** What a broker's error means for a migration. */
public final class KafkaFaults {
  private KafkaFaults() {}

  /**
   * @param doing what was being done
   */
  public static SystemFault translate(Throwable error, String doing) {
    Throwable cause = error instanceof ExecutionException ? error.getCause() : error;
    for (Throwable e = cause; e != null; e = e.getCause()) {
      if (e instanceof SystemFault known) {
        return known;
      }
      if (e instanceof ProducerFencedException
          || e instanceof InvalidProducerEpochException
          || e instanceof FencedInstanceIdException) {
        return new SystemFault(
            Nature.FENCED,
            doing + ": another process took over",
            "nothing: the process that took over goes on",
            error);
      }
      if (e instanceof AuthenticationException || e instanceof AuthorizationException) {
        return new SystemFault(
            Nature.PERMANENT,
            doing + ": " + e.getMessage(),
            "check kafka.properties in migration.yaml and the cluster's ACLs",
            error);
      }
      if (e instanceof RecordTooLargeException) {
        return new SystemFault(
            Nature.PERMANENT,
            doing + ": " + e.getMessage(),
            "raise max.message.bytes of the topic and message.max.bytes of the broker to "
                + KafkaSettings.MAX_RECORD,
            error);
      }
    }
    return SystemFault.passing(doing + ": " + cause.getMessage(), error);
  }
}
