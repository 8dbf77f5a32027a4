package dev.segue.layout;

import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a constant in a layout may name. All of them are fixed when a migration first runs, so that
 * applying a change again writes the same bytes.
 *
 * @param sourceLayout {@code ${source.layout}}
 * @param sourceTable {@code ${source.table}}: the source's table for this kind of entity
 * @param migrationName {@code ${migration.name}}
 * @param migrationDate {@code ${migration.date}}: when it first ran, RFC 3339
 */
public record Variables(
    String sourceLayout, String sourceTable, String migrationName, String migrationDate) {
  static final Set<String> NAMES =
      Set.of("source.layout", "source.table", "migration.name", "migration.date");

  private static final Pattern VARIABLE = Pattern.compile("\\$\\{([^}]*)}");

  String expand(String template) {
    Map<String, String> values =
        Map.of(
            "source.layout", sourceLayout,
            "source.table", sourceTable,
            "migration.name", migrationName,
            "migration.date", migrationDate);
    return VARIABLE
        .matcher(template)
        .replaceAll(match -> Matcher.quoteReplacement(values.get(match.group(1))));
  }

  static Set<String> unknown(String template) {
    Set<String> unknown = new java.util.TreeSet<>();
    Matcher matcher = VARIABLE.matcher(template);
    while (matcher.find()) {
      if (!NAMES.contains(matcher.group(1))) {
        unknown.add(matcher.group(1));
      }
    }
    return unknown;
  }
}
