package dev.segue.postgres;

import io.debezium.config.CommonConnectorConfig;
import io.debezium.pipeline.ChangeEventSourceCoordinator;
import io.debezium.pipeline.EventDispatcher;
import io.debezium.pipeline.signal.actions.SignalAction;
import io.debezium.pipeline.signal.actions.SignalActionProvider;
import io.debezium.pipeline.source.spi.DataChangeEventListener;
import io.debezium.pipeline.spi.Partition;
import io.debezium.spi.schema.DataCollectionId;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Debezium's meters of events, which nobody here looks at, and which spell out each event's key and
 * position as JSON: a quarter of what decoding the log costs. No setting turns them off; the
 * provider of signal actions is the one place where an engine shows its dispatcher, so this is one,
 * without actions.
 */
public final class EventMeters implements SignalActionProvider {
  private static final Logger LOG = LoggerFactory.getLogger(EventMeters.class);

  /** The dispatchers of engines that have not brought an event yet, by the prefix of topics. */
  private static final Map<String, EventDispatcher<?, ?>> DISPATCHERS = new ConcurrentHashMap<>();

  @Override
  public <P extends Partition> Map<String, SignalAction<P>> createActions(
      EventDispatcher<P, ? extends DataCollectionId> dispatcher,
      ChangeEventSourceCoordinator<P, ?> coordinator,
      CommonConnectorConfig settings) {
    DISPATCHERS.put(settings.getLogicalName(), dispatcher);
    return Map.of();
  }

  /**
   * Turns an engine's meters off. It sets them up before its first event, so this is for when that
   * has come.
   *
   * @param prefix of its topics
   */
  static void turnOff(String prefix) {
    EventDispatcher<?, ?> dispatcher = DISPATCHERS.remove(prefix);
    if (dispatcher == null) {
      LOG.warn("meters of events cannot be turned off; capture costs a quarter more");
    } else {
      turnOff(dispatcher);
    }
  }

  private static <P extends Partition> void turnOff(EventDispatcher<P, ?> dispatcher) {
    dispatcher.setEventListener(DataChangeEventListener.NO_OP());
  }
}
