package dev.segue.yaml;

import java.util.List;

/** Everything that is wrong with a document, each with file and line. */
public final class YamlException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final transient List<String> problems;

  public YamlException(List<String> problems) {
    super(String.join("\n", problems));
    this.problems = List.copyOf(problems);
  }

  public List<String> problems() {
    return problems;
  }
}
