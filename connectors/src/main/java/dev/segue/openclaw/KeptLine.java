package dev.segue.openclaw;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.segue.canonical.Entity;
import dev.segue.canonical.Field;
import dev.segue.canonical.JsonText;
import dev.segue.canonical.Kind;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * A line for an entity that no line of OpenClaw's own tells of: one of its {@code custom} entries,
 * which its model never sees.
 *
 * @param kind of the entity
 * @param kept all its fields
 */
record KeptLine(Kind kind, KeptMember kept) {
  private static final String TYPE = "custom";
  private static final String OURS = "segue";

  /**
   * The members of the line, but for its place among the others.
   *
   * @param id of the line, if lines have one
   * @param parent the JSON of the id of the line before it
   * @param time RFC 3339, with milliseconds; null if the entity has none
   */
  static String of(Entity entity, Optional<String> id, String parent, String time) {
    Map<String, String> members = new LinkedHashMap<>();
    members.put("type", JsonText.quote(TYPE));
    id.ifPresent(
        name -> {
          members.put("id", JsonText.quote(name));
          members.put("parentId", parent);
        });
    if (time != null) {
      members.put("timestamp", JsonText.quote(time));
    }
    members.put("customType", JsonText.quote(OURS));
    Map<String, String> data = new LinkedHashMap<>();
    data.put("kind", JsonText.quote(entity.kind().wireName()));
    data.putAll(JsonText.membersOf(all(entity).json()));
    members.put("data", JsonText.object(data));
    return JsonText.object(members);
  }

  private static KeptMember all(Entity entity) {
    Map<String, String> fields = new LinkedHashMap<>();
    for (Field field : entity.kind().fields()) {
      if (!entity.isAbsent(field) && !field.equals(entity.kind().sessionField())) {
        fields.put(field.name(), Likeness.lasting(entity, field));
      }
    }
    return new KeptMember(fields, List.of(), false);
  }

  /** What such a line is called: always the same for the same entity. */
  static String id(Entity entity) {
    StringBuilder identity = new StringBuilder(entity.kind().wireName());
    entity.kind().identity().forEach(field -> identity.append('\n').append(entity.text(field)));
    return OURS + "-" + UUID.nameUUIDFromBytes(identity.toString().getBytes(UTF_8));
  }

  /** What such a line keeps; empty if the line is another one. */
  static Optional<KeptLine> read(Map<String, String> members) {
    boolean ours =
        TYPE.equals(Transcript.text(members, "type"))
            && OURS.equals(Transcript.text(members, "customType"));
    Map<String, String> data = ours ? JsonText.members(members.getOrDefault("data", "null")) : null;
    return data == null
        ? Optional.empty()
        : Optional.ofNullable(Transcript.text(data, "kind"))
            .flatMap(Kind::of)
            .map(kind -> new KeptLine(kind, KeptMember.read(data)));
  }

  /** The entity; what its line is spelt like stays with it. */
  Entity entity(String session, Entity line) {
    Entity.Builder told = Entity.of(kind).set(kind.sessionField(), session);
    told.set("unknown", line.text("unknown"));
    return kept.over(told.build());
  }
}
