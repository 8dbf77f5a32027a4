package dev.segue.openclaw;

import dev.segue.canonical.Entity;
import dev.segue.canonical.Field;
import dev.segue.canonical.JsonText;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What a line of a transcript cannot tell by itself, in a member of our own. OpenClaw keeps what it
 * does not know; here it goes over what the line tells.
 *
 * @param fields texts of canonical fields by their names; null where a field is null
 * @param untold runs of tools that the line seems to tell of, though there are none
 * @param none whether there is no such entity, though the file seems to tell of it
 */
record KeptMember(Map<String, String> fields, List<String> untold, boolean none) {
  static final String NAME = "_segue";

  private static final String FIELDS = "fields";
  private static final String UNTOLD = "untold";
  private static final String NONE = "none";
  private static final String UNKNOWN = "unknown";

  KeptMember {
    fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    untold = List.copyOf(untold);
  }

  /** What a line keeps; empty if nothing. */
  static Optional<KeptMember> of(Map<String, String> line) {
    return Optional.ofNullable(line.get(NAME)).map(JsonText::members).map(KeptMember::read);
  }

  /** Reads what {@link #json} wrote; what it did not write is passed over. */
  static KeptMember read(Map<String, String> members) {
    Map<String, String> told = JsonText.members(members.getOrDefault(FIELDS, "{}"));
    Map<String, String> fields = new LinkedHashMap<>();
    if (told != null) {
      told.forEach((name, json) -> fields.put(name, JsonText.unquote(json)));
    }
    List<String> elements = JsonText.elements(members.getOrDefault(UNTOLD, "[]"));
    List<String> untold = new ArrayList<>();
    if (elements != null) {
      elements.stream().map(JsonText::unquote).filter(Objects::nonNull).forEach(untold::add);
    }
    return new KeptMember(fields, untold, "true".equals(members.get(NONE)));
  }

  boolean isEmpty() {
    return fields.isEmpty() && untold.isEmpty() && !none;
  }

  /** As a JSON object. */
  String json() {
    Map<String, String> members = new LinkedHashMap<>();
    if (!fields.isEmpty()) {
      Map<String, String> spelt = new LinkedHashMap<>();
      fields.forEach((name, text) -> spelt.put(name, text == null ? "null" : JsonText.quote(text)));
      members.put(FIELDS, JsonText.object(spelt));
    }
    if (!untold.isEmpty()) {
      members.put(
          UNTOLD, "[" + String.join(",", untold.stream().map(JsonText::quote).toList()) + "]");
    }
    if (none) {
      members.put(NONE, "true");
    }
    return JsonText.object(members);
  }

  /** A line with this in it instead of what it kept before. */
  String in(String line) {
    Map<String, String> members = JsonText.membersOf(line);
    members.remove(NAME);
    if (!isEmpty()) {
      members.put(NAME, json());
    }
    return JsonText.object(members);
  }

  /** An entity as it is, from what its line tells. */
  Entity over(Entity told) {
    Entity.Builder entity = told.toBuilder();
    fields.forEach(
        (name, text) ->
            told.kind()
                .field(name)
                .filter(field -> !field.equals(told.kind().sessionField()))
                .ifPresent(field -> entity.set(field, over(told, field, text))));
    return entity.build();
  }

  /** What no field takes stays beside what it takes to write the same line again. */
  private static String over(Entity told, Field field, String text) {
    Map<String, String> kept =
        field.name().equals(UNKNOWN) && text != null ? JsonText.members(text) : null;
    if (kept == null) {
      return text;
    }
    Map<String, String> all = new LinkedHashMap<>(TranscriptText.unknown(told));
    all.putAll(kept);
    return JsonText.object(all);
  }
}
