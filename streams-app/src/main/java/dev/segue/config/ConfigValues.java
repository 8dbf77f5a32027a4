package dev.segue.config;

import dev.segue.yaml.YamlMap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The values of a configuration's keys: what was given with {@code --set} goes before the file, and
 * variables are replaced. What is wrong with a value is complained of with its line.
 */
final class ConfigValues {
  private static final Pattern VARIABLE = Pattern.compile("\\$\\{([^}]*)}");
  private static final Pattern SIZE = Pattern.compile("(\\d+)\\s*(KB|MB|GB)");
  private static final Pattern DURATION = Pattern.compile("(\\d+)\\s*(ms|s|m)");

  private final UnaryOperator<String> environment;
  private final Map<String, String> overrides;
  private final Set<String> used = new HashSet<>();

  /**
   * @param environment gives an environment variable's value, or null
   * @param overrides values by key path that go before what the file says
   */
  ConfigValues(UnaryOperator<String> environment, Map<String, String> overrides) {
    this.environment = environment;
    this.overrides = Map.copyOf(overrides);
  }

  /** Whether a key of a section was given besides the file. */
  boolean overrides(String section) {
    return overrides.keySet().stream().anyMatch(key -> key.startsWith(section + "."));
  }

  /** Complains of what was given and is no key. */
  void complainOfUnused(YamlMap root) {
    overrides.keySet().stream()
        .filter(key -> !used.contains(key))
        .forEach(key -> root.complain("--set " + key, "is not a key of this file"));
  }

  YamlMap section(YamlMap root, String name) {
    return root.map(name).allow(ConfigKey.in(name));
  }

  Map<String, String> strings(YamlMap map, String path) {
    Map<String, String> strings = new LinkedHashMap<>();
    for (String key : map.keys()) {
      map.text(key).ifPresent(value -> strings.put(key, expand(map, key, value)));
    }
    overrides.forEach(
        (key, value) -> {
          if (key.startsWith(path + ".")) {
            used.add(key);
            strings.put(key.substring(path.length() + 1), value);
          }
        });
    return strings;
  }

  String required(YamlMap map, String section, ConfigKey key) {
    String name = key.path().substring(key.path().lastIndexOf('.') + 1);
    Optional<String> text = text(map, section, name);
    return text.isPresent() ? text.get() : map.required(name, key.example());
  }

  Optional<String> text(YamlMap map, String section, String key) {
    String path = section.isEmpty() ? key : section + "." + key;
    if (overrides.containsKey(path)) {
      used.add(path);
      return Optional.of(expand(map, key, overrides.get(path)));
    }
    return map.text(key).map(value -> expand(map, key, value));
  }

  private String expand(YamlMap map, String key, String value) {
    Matcher matcher = VARIABLE.matcher(value);
    StringBuilder expanded = new StringBuilder();
    while (matcher.find()) {
      matcher.appendReplacement(
          expanded, Matcher.quoteReplacement(variable(map, key, matcher.group(1))));
    }
    return matcher.appendTail(expanded).toString();
  }

  private String variable(YamlMap map, String key, String name) {
    if (name.startsWith("env:")) {
      String value = environment.apply(name.substring(4));
      if (value == null) {
        map.complain(
            key,
            "needs environment variable "
                + name.substring(4)
                + ", which is not set; run: export "
                + name.substring(4)
                + "=…");
        return "";
      }
      return value;
    }
    if (name.startsWith("file:")) {
      try {
        return Files.readString(Path.of(name.substring(5))).strip();
      } catch (IOException e) {
        map.complain(key, "names file " + name.substring(5) + ", which cannot be read");
        return "";
      }
    }
    map.complain(key, "has ${" + name + "}; expected ${env:NAME} or ${file:/path}");
    return "";
  }

  static int number(YamlMap map, String key, String value, int least, int most) {
    try {
      int number = Integer.parseInt(value);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // The complaint below says what was expected.
    }
    map.complain(
        key, "must be a whole number from " + least + " to " + most + ", found '" + value + "'");
    return least;
  }

  static long size(YamlMap map, String key, String value) {
    Matcher matcher = SIZE.matcher(value);
    Map<String, Integer> units = new HashMap<>(Map.of("KB", 10, "MB", 20, "GB", 30));
    if (!matcher.matches() || matcher.group(1).length() > 6) {
      map.complain(key, "must be a size such as 64MB, found '" + value + "'");
      return 1;
    }
    return Long.parseLong(matcher.group(1)) << units.get(matcher.group(2));
  }

  static Duration duration(YamlMap map, String key, String value, long least) {
    Matcher matcher = DURATION.matcher(value);
    if (matcher.matches() && matcher.group(1).length() <= 6) {
      long number = Long.parseLong(matcher.group(1));
      Duration duration =
          switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            default -> Duration.ofMinutes(number);
          };
      if (duration.toMillis() >= least && duration.toMinutes() <= 1) {
        return duration;
      }
    }
    map.complain(key, "must be a duration from " + least + "ms to 1m, found '" + value + "'");
    return Duration.ofSeconds(1);
  }

  /** One of an enum's constants, in lower case; its first one, and a complaint, for other words. */
  static <E extends Enum<E>> E choice(YamlMap map, String key, String value, Class<E> choices) {
    List<String> words = new ArrayList<>();
    for (E choice : choices.getEnumConstants()) {
      String word = choice.name().toLowerCase(Locale.ROOT);
      if (word.equals(value)) {
        return choice;
      }
      words.add(word);
    }
    map.complain(key, "must be one of " + String.join(", ", words) + "; found '" + value + "'");
    return choices.getEnumConstants()[0];
  }

  static boolean flag(YamlMap map, String key, String value) {
    if (!value.equals("true") && !value.equals("false")) {
      map.complain(key, "must be true or false, found '" + value + "'");
    }
    return value.equals("true");
  }
}
