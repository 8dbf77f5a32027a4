package dev.segue.redis;

import dev.segue.canonical.Field;
import dev.segue.canonical.MalformedRecordException;
import dev.segue.finding.Finding;
import dev.segue.layout.KeyRule;
import dev.segue.layout.Layout;
import dev.segue.layout.LayoutBinding;
import dev.segue.relational.Column;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Which keys a layout means, and which tables and session they stand for. */
final class RedisKeys {
  private final List<RedisTable> tables;
  private final Map<String, List<RedisTable>> byPattern = new LinkedHashMap<>();

  RedisKeys(Layout layout) {
    tables =
        layout.tables().stream()
            .map(RedisTable::new)
            .sorted(Comparator.comparing(RedisTable::kind))
            .toList();
    for (RedisTable table : tables) {
      byPattern.computeIfAbsent(table.rule().toString(), unused -> new ArrayList<>()).add(table);
    }
  }

  /**
   * A key that is meant.
   *
   * @param tables what it stands for; parents first
   */
  record Meant(String key, String session, List<RedisTable> tables) {
    /** What its value has to be; empty if it does not matter. */
    Optional<KeyRule.Type> type() {
      return tables.stream()
          .map(table -> table.rule().type())
          .filter(type -> type != KeyRule.Type.KEY)
          .findFirst();
    }

    /** Whether some table's rows tell when it expires. */
    boolean tellsExpiry() {
      return tables.stream().anyMatch(RedisTable::tellsExpiry);
    }

    /** Whether rows tell when it expires, and only those that its value does not matter for. */
    boolean tellsExpiryByKey() {
      return tellsExpiry()
          && tables.stream()
              .allMatch(table -> !table.tellsExpiry() || table.rule().type() == KeyRule.Type.KEY);
    }

    /** Whether the target keeps what it held when it expires. */
    boolean isKeptExpired() {
      return tables.get(0).rule().keepExpired();
    }
  }

  /** Parents first. */
  List<RedisTable> tables() {
    return tables;
  }

  RedisTable table(String name) {
    return tables.stream()
        .filter(table -> table.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new MalformedRecordException("names table " + name));
  }

  /** What a key stands for, if it is meant at all: by the rule with the most in common. */
  Optional<Meant> meant(String key) {
    List<RedisTable> best = List.of();
    for (List<RedisTable> some : byPattern.values()) {
      boolean closer =
          best.isEmpty() || some.get(0).rule().literal() > best.get(0).rule().literal();
      if (closer && some.get(0).rule().session(key).isPresent()) {
        best = some;
      }
    }
    return best.isEmpty()
        ? Optional.empty()
        : Optional.of(new Meant(key, best.get(0).rule().session(key).orElseThrow(), best));
  }

  /** All keys that a session can have; those of parents first. */
  List<Meant> ofSession(String session) {
    return byPattern.values().stream()
        .map(some -> new Meant(some.get(0).rule().key(session), session, some))
        .filter(meant -> meant(meant.key()).filter(meant::equals).isPresent())
        .toList();
  }

  /**
   * What a layout names in braces has to be something that there is; and what identifies a row has
   * to be told by its key, for a deletion tells no more.
   */
  private List<Finding> findings(String side) {
    List<Finding> findings = new ArrayList<>();
    for (RedisTable table : tables) {
      for (Field field : table.kind().identity()) {
        if (!table.isToldByKey(field)) {
          findings.add(
              Finding.error(
                  side + " " + table,
                  field
                      + ", which identifies a "
                      + table.kind().wireName()
                      + ", is not told by the key",
                  "map one of " + String.join(", ", RedisTable.IN_BRACES) + " to it"));
        }
      }
      for (Column column : table.binding().table().columns()) {
        if (column.name().startsWith("{") && !RedisTable.IN_BRACES.contains(column.name())) {
          findings.add(
              Finding.error(
                  side + " " + table,
                  "column " + column.name() + " is not known",
                  "in braces there can be " + String.join(", ", RedisTable.IN_BRACES)));
        }
      }
    }
    return findings;
  }

  /** How the layout lies over its keys. */
  LayoutBinding binding(String side, Layout layout) {
    return new LayoutBinding(
        layout, tables.stream().map(RedisTable::binding).toList(), findings(side));
  }

  /** A glob that every key which is meant fits, and others may. */
  String glob() {
    String common = tables.get(0).rule().before();
    for (RedisTable table : tables) {
      String before = table.rule().before();
      int same = 0;
      while (same < Math.min(common.length(), before.length())
          && common.charAt(same) == before.charAt(same)) {
        same++;
      }
      common = common.substring(0, same);
    }
    return common.replaceAll("[\\[\\]*?\\\\]", "\\\\$0") + "*";
  }
}
