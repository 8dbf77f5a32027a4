package dev.segue.verify;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.segue.canonical.Entity;
import dev.segue.canonical.Field;
import dev.segue.canonical.Kind;
import dev.segue.spi.Supply;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What the rows of a session say of each other: a tool's result of its call, a checkpoint of the
 * one before it. Only what the source can tell is asked for: where it does not keep calls, no
 * result lacks one.
 */
final class References {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String TOOL = "tool";
  private static final List<String> CALL_IDS = List.of("id", "call_id", "tool_call_id", "callId");

  private static final Field ROLE = field(Kind.MESSAGE, "role");
  private static final Field ANSWERED = field(Kind.MESSAGE, "tool_call_id");
  private static final Field CALLS = field(Kind.MESSAGE, "tool_calls");
  private static final Field RUN = field(Kind.TOOL_RUN, "call_id");
  private static final Field SPACE = field(Kind.CHECKPOINT, "namespace");
  private static final Field CHECKPOINT = field(Kind.CHECKPOINT, "checkpoint_id");
  private static final Field PARENT = field(Kind.CHECKPOINT, "parent_checkpoint_id");

  private final boolean calls;

  /**
   * @param supplies what the source brings
   */
  References(Map<Kind, Supply> supplies) {
    this.calls =
        tells(supplies, ANSWERED, Kind.MESSAGE)
            && (tells(supplies, CALLS, Kind.MESSAGE) || tells(supplies, RUN, Kind.TOOL_RUN));
  }

  private static Field field(Kind kind, String name) {
    return kind.field(name).orElseThrow();
  }

  private static boolean tells(Map<Kind, Supply> supplies, Field field, Kind kind) {
    return supplies.containsKey(kind) && supplies.get(kind).fields().contains(field);
  }

  /** Whether rows of a kind say something of others, or are what others say something of. */
  boolean areIn(Kind kind) {
    return switch (kind) {
      case MESSAGE, TOOL_RUN -> calls;
      case CHECKPOINT -> true;
      default -> false;
    };
  }

  /** What other rows may refer to. */
  void offered(Entity entity, Consumer<String> end) {
    switch (entity.kind()) {
      case MESSAGE -> {
        if (calls) {
          String id = entity.text(ANSWERED);
          if (id != null && !TOOL.equals(entity.text(ROLE))) {
            end.accept(call(id));
          }
          calls(entity.text(CALLS), end);
        }
      }
      case TOOL_RUN -> {
        if (calls && entity.text(RUN) != null) {
          end.accept(call(entity.text(RUN)));
        }
      }
      case CHECKPOINT -> end.accept(checkpoint(entity, CHECKPOINT));
      default -> {
        // Nothing refers to it.
      }
    }
  }

  /** What the row refers to. */
  void wanted(Entity entity, Consumer<String> end) {
    if (entity.kind() == Kind.MESSAGE) {
      String id = entity.text(ANSWERED);
      if (calls && id != null && TOOL.equals(entity.text(ROLE))) {
        end.accept(call(id));
      }
    } else if (entity.kind() == Kind.CHECKPOINT && entity.text(PARENT) != null) {
      end.accept(checkpoint(entity, PARENT));
    }
  }

  private static String call(String id) {
    return "call " + id;
  }

  private static String checkpoint(Entity entity, Field id) {
    String space = entity.text(SPACE);
    return "checkpoint " + (space == null || space.isEmpty() ? "" : space + "/") + entity.text(id);
  }

  private static void calls(String json, Consumer<String> end) {
    // Most messages call nothing.
    if (json == null || json.length() < 8) {
      return;
    }
    try {
      JsonNode calls = JSON.readTree(json);
      for (JsonNode one : calls.isArray() ? calls : List.of(calls)) {
        CALL_IDS.stream()
            .map(name -> one.path(name))
            .filter(JsonNode::isTextual)
            .findFirst()
            .ifPresent(id -> end.accept(call(id.asText())));
      }
    } catch (JsonProcessingException e) {
      // What is no JSON calls nothing that could be told.
    }
  }
}
