package dev.segue.redis;

import io.lettuce.core.models.command.CommandDetail;
import io.lettuce.core.models.command.CommandDetailParser;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Which keys a command writes to, as the server itself describes its commands. */
final class WrittenKeys {
  private final Map<String, CommandDetail> writing = new HashMap<>();

  private WrittenKeys(List<CommandDetail> commands) {
    for (CommandDetail command : commands) {
      if (command.getFlags().contains(CommandDetail.Flag.WRITE)) {
        writing.put(command.getName().toUpperCase(Locale.ROOT), command);
      }
    }
  }

  static WrittenKeys of(RedisConnections connections) {
    return connections.with(
        "asking for its commands",
        commands -> new WrittenKeys(CommandDetailParser.parse(commands.command())));
  }

  /** The names of all commands that write. */
  Set<String> commands() {
    return Set.copyOf(writing.keySet());
  }

  /** The keys among a command's arguments. */
  List<byte[]> of(ReplicationLink.Replicated command) {
    CommandDetail detail = writing.get(command.command());
    if (detail == null || detail.getFirstKeyPosition() <= 0) {
      return List.of();
    }
    byte[][] arguments = command.arguments();
    // Positions count the command itself as 0; a negative last one counts from the end.
    int first = detail.getFirstKeyPosition() - 1;
    int last = detail.getLastKeyPosition();
    last = last < 0 ? arguments.length + last : last - 1;
    int step = Math.max(1, detail.getKeyStepCount());
    List<byte[]> keys = new ArrayList<>();
    for (int i = first; i <= last && i < arguments.length; i += step) {
      keys.add(arguments[i]);
    }
    return keys;
  }
}
