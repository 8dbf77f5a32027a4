package dev.segue.yaml;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * One mapping of a YAML document. Reading it collects complaints instead of stopping at the first;
 * {@link #finish} throws them together.
 */
public final class YamlMap {
  private final String file;
  private final String path;
  private final Node at;
  private final Map<String, Node> members = new LinkedHashMap<>();
  private final Map<String, Node> keys = new LinkedHashMap<>();
  private final List<String> problems;

  private YamlMap(String file, String path, Node node, List<String> problems) {
    this.file = file;
    this.path = path;
    this.at = node;
    this.problems = problems;
    if (node instanceof MappingNode mapping) {
      for (NodeTuple tuple : mapping.getValue()) {
        String key = ((ScalarNode) tuple.getKeyNode()).getValue();
        if (members.put(key, tuple.getValueNode()) != null) {
          complain(tuple.getKeyNode(), "key '" + join(key) + "' stands here a second time");
        }
        keys.put(key, tuple.getKeyNode());
      }
    } else if (node != null) {
      complain(node, "'" + path + "' must be a mapping of keys to values");
    }
  }

  /**
   * Parses a document whose root is a mapping.
   *
   * @param file how complaints name the document
   */
  public static YamlMap parse(String file, String text) {
    List<String> problems = new ArrayList<>();
    try {
      LoaderOptions options = new LoaderOptions();
      options.setCodePointLimit(16 << 20);
      Node root = new Yaml(options).compose(new java.io.StringReader(text));
      if (root == null) {
        throw new YamlException(List.of(file + ": is empty"));
      }
      return new YamlMap(file, "", root, problems);
    } catch (MarkedYAMLException e) {
      int line = e.getProblemMark() == null ? 1 : e.getProblemMark().getLine() + 1;
      throw new YamlException(List.of(file + ":" + line + ": is not YAML: " + e.getProblem()));
    }
  }

  /** The keys in their order. */
  public Set<String> keys() {
    return members.keySet();
  }

  public boolean has(String key) {
    return members.containsKey(key);
  }

  /** Complains about every key that is not one of these. */
  public YamlMap allow(Set<String> allowed) {
    keys.forEach(
        (key, node) -> {
          if (!allowed.contains(key)) {
            complain(
                node,
                "unknown key '"
                    + join(key)
                    + "'"
                    + closest(key, allowed).map(c -> "; did you mean '" + c + "'?").orElse("")
                    + " Known here: "
                    + allowed.stream().sorted().collect(Collectors.joining(", ")));
          }
        });
    return this;
  }

  /** A scalar's text, or empty where the key is missing or null. */
  public Optional<String> text(String key) {
    Node node = members.get(key);
    if (node == null || node.getTag().equals(Tag.NULL)) {
      return Optional.empty();
    }
    if (node instanceof ScalarNode scalar) {
      return Optional.of(scalar.getValue());
    }
    complain(node, "'" + join(key) + "' must be one value, not a list or mapping");
    return Optional.empty();
  }

  /** What a scalar's text stands for; complains where it is none of the words. */
  public <T> Optional<T> oneOf(String key, Map<String, T> words) {
    Optional<String> text = text(key);
    if (text.isPresent() && !words.containsKey(text.get())) {
      complain(
          key,
          "must be one of " + String.join(", ", words.keySet()) + ", found '" + text.get() + "'");
    }
    return text.map(words::get);
  }

  /** A scalar's text; complains where it is missing. */
  public String required(String key, String example) {
    return text(key)
        .orElseGet(
            () -> {
              complain(at, "'" + join(key) + "' is missing; for example " + key + ": " + example);
              return "";
            });
  }

  /** true or false, or the default. */
  public boolean flag(String key, boolean defaultValue) {
    Optional<String> text = text(key);
    if (text.isEmpty()) {
      return defaultValue;
    }
    if (!text.get().equals("true") && !text.get().equals("false")) {
      complain(key, "must be true or false, found '" + text.get() + "'");
    }
    return text.get().equals("true");
  }

  /** The mapping under that key; an empty one where it is missing. */
  public YamlMap map(String key) {
    Node node = members.get(key);
    return new YamlMap(
        file, join(key), node == null || node.getTag().equals(Tag.NULL) ? null : node, problems);
  }

  /** Whether the key holds a mapping. */
  public boolean isMap(String key) {
    return members.get(key) instanceof MappingNode;
  }

  /** A list of mappings; empty where the key is missing. */
  public List<YamlMap> maps(String key) {
    List<YamlMap> maps = new ArrayList<>();
    Node node = members.get(key);
    if (node instanceof SequenceNode sequence) {
      int i = 0;
      for (Node element : sequence.getValue()) {
        maps.add(new YamlMap(file, join(key) + "[" + i++ + "]", element, problems));
      }
    } else if (node != null) {
      complain(node, "'" + join(key) + "' must be a list");
    }
    return maps;
  }

  /** A list of scalars, or one scalar standing for a list of one. */
  public List<String> texts(String key) {
    Node node = members.get(key);
    if (node == null) {
      return List.of();
    }
    if (node instanceof ScalarNode scalar) {
      return List.of(scalar.getValue());
    }
    List<String> texts = new ArrayList<>();
    if (node instanceof SequenceNode sequence) {
      for (Node element : sequence.getValue()) {
        if (element instanceof ScalarNode scalar) {
          texts.add(scalar.getValue());
        } else {
          complain(element, "'" + join(key) + "' must be a list of plain values");
        }
      }
    } else {
      complain(node, "'" + join(key) + "' must be a list");
    }
    return texts;
  }

  /**
   * The content without these keys as one text, the same for every spelling: comments, quotes, and
   * the order of keys leave no trace.
   */
  public String normal(Set<String> without) {
    return members.entrySet().stream()
        .filter(member -> !without.contains(member.getKey()))
        .sorted(Map.Entry.comparingByKey())
        .map(member -> quoted(member.getKey()) + ": " + normal(member.getValue()))
        .collect(Collectors.joining(", ", "{", "}"));
  }

  private static String normal(Node node) {
    if (node instanceof SequenceNode sequence) {
      return sequence.getValue().stream()
          .map(YamlMap::normal)
          .collect(Collectors.joining(", ", "[", "]"));
    }
    if (node instanceof MappingNode mapping) {
      return mapping.getValue().stream()
          .map(tuple -> normal(tuple.getKeyNode()) + ": " + normal(tuple.getValueNode()))
          .sorted()
          .collect(Collectors.joining(", ", "{", "}"));
    }
    return quoted(((ScalarNode) node).getValue());
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  /** Records a complaint about a key's value. */
  public void complain(String key, String problem) {
    complain(members.getOrDefault(key, at), "'" + join(key) + "' " + problem);
  }

  private void complain(Node node, String problem) {
    int line = node == null ? 1 : node.getStartMark().getLine() + 1;
    problems.add(file + ":" + line + ": " + problem);
  }

  /** Throws everything that was complained about anywhere in the document. */
  public void finish() {
    if (!problems.isEmpty()) {
      throw new YamlException(problems.stream().distinct().toList());
    }
  }

  private String join(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  private static Optional<String> closest(String key, Set<String> allowed) {
    return allowed.stream()
        .filter(candidate -> distance(key, candidate) <= 2)
        .min(java.util.Comparator.comparingInt(candidate -> distance(key, candidate)));
  }

  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substitute = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substitute, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[b.length()];
  }
}
