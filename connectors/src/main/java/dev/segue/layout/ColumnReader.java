package dev.segue.layout;

import dev.segue.canonical.Field;
import dev.segue.canonical.FieldType;
import dev.segue.canonical.Kind;
import dev.segue.shape.MessageCodec;
import dev.segue.yaml.YamlMap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads from YAML what a column holds. */
final class ColumnReader {
  private static final Set<String> KEYS =
      Set.of(
          "field",
          "or",
          "default",
          "null",
          "values",
          "as",
          "constant",
          "object",
          "plain",
          "rest",
          "shape",
          "unless",
          "optional");

  private ColumnReader() {}

  /**
   * What a column holds.
   *
   * @param columns of the table
   */
  static Optional<ColumnSpec> read(Kind kind, YamlMap columns, String column) {
    Optional<ColumnSpec> spec = readSpec(kind, columns, column);
    if (!columns.isMap(column) || !columns.map(column).has("unless")) {
      return spec;
    }
    String other = columns.map(column).required("unless", "other_id");
    if (!columns.has(other)) {
      columns.map(column).complain("unless", "names column '" + other + "', which is not listed");
    }
    return spec.map(held -> new ColumnSpec.Unless(other, held));
  }

  private static Optional<ColumnSpec> readSpec(Kind kind, YamlMap parent, String key) {
    if (!parent.isMap(key)) {
      Optional<String> name = parent.text(key);
      return name.flatMap(n -> field(kind, parent, key, n))
          .map(field -> ColumnSpec.OfField.plain(field, false));
    }
    YamlMap spec = parent.map(key).allow(KEYS);
    boolean optional = spec.flag("optional", false);
    if (spec.has("constant")) {
      String template = spec.required("constant", "text");
      Variables.unknown(template)
          .forEach(
              name ->
                  spec.complain("constant", "names ${" + name + "}; known are " + Variables.NAMES));
      return Optional.of(new ColumnSpec.OfConstant(template, optional));
    }
    if (spec.has("shape")) {
      return shape(kind, spec).map(codec -> new ColumnSpec.OfMessage(codec, optional));
    }
    if (spec.has("object")) {
      YamlMap object = spec.map("object");
      Map<String, ColumnSpec> members = new LinkedHashMap<>();
      for (String member : object.keys()) {
        readSpec(kind, object, member)
            .ifPresent(
                s -> {
                  if (s instanceof ColumnSpec.OfObject
                      || s instanceof ColumnSpec.OfDocument
                      || s instanceof ColumnSpec.OfMessage) {
                    object.complain(
                        member, "is an object inside an object, which is not supported");
                  }
                  members.put(member, s);
                });
      }
      return Optional.of(
          new ColumnSpec.OfObject(
              members,
              spec.text("plain").flatMap(n -> field(kind, spec, "plain", n)),
              spec.text("rest"),
              optional));
    }
    List<ColumnSpec.Path> or = new ArrayList<>();
    for (String path : spec.texts("or")) {
      path(kind, spec, path).ifPresent(or::add);
    }
    if (!spec.has("field") && spec.has("or")) {
      if (spec.has("null")) {
        spec.complain("null", "needs 'field'; what is only looked up has 'default'");
      }
      return Optional.of(new ColumnSpec.OfDerived(or, spec.text("default"), optional));
    }
    Optional<Field> field = field(kind, spec, "field", spec.required("field", "session_id"));
    if (field.isEmpty()) {
      return Optional.empty();
    }
    if (spec.has("rest")) {
      return Optional.of(
          new ColumnSpec.OfDocument(field.get(), spec.required("rest", "_segue"), optional));
    }
    ColumnSpec.Spelling as = spelling(field.get(), spec);
    YamlMap values = spec.map("values");
    Map<String, String> spellings = new LinkedHashMap<>();
    for (String canonical : values.keys()) {
      spellings.put(canonical, values.required(canonical, "native spelling"));
    }
    return Optional.of(
        new ColumnSpec.OfField(
            field.get(), or, spec.text("default"), spec.text("null"), spellings, as, optional));
  }

  private static Optional<MessageCodec> shape(Kind kind, YamlMap spec) {
    if (kind != Kind.MESSAGE) {
      spec.complain("shape", "is of a message, and a " + kind.wireName() + " is none");
    }
    String name = spec.required("shape", "openai-item");
    Optional<MessageCodec> codec = MessageCodec.of(name);
    if (codec.isEmpty()) {
      spec.complain(
          "shape",
          "must be one of " + String.join(", ", MessageCodec.names()) + ", found '" + name + "'");
    }
    return codec;
  }

  private static ColumnSpec.Spelling spelling(Field field, YamlMap spec) {
    Map<String, ColumnSpec.Spelling> words = new LinkedHashMap<>();
    for (ColumnSpec.Spelling spelling : ColumnSpec.Spelling.values()) {
      if (spelling != ColumnSpec.Spelling.PLAIN
          && spelling.isEpoch() == (field.type() == FieldType.TIMESTAMP)) {
        words.put(spelling.word(), spelling);
      }
    }
    return spec.oneOf("as", words).orElse(ColumnSpec.Spelling.PLAIN);
  }

  private static Optional<Field> field(Kind kind, YamlMap at, String key, String name) {
    Optional<Field> field = kind.field(name);
    if (field.isEmpty()) {
      at.complain(
          key,
          "names field '"
              + name
              + "', which a "
              + kind.wireName()
              + " does not have; it has "
              + kind.fields());
    }
    return field;
  }

  private static Optional<ColumnSpec.Path> path(Kind kind, YamlMap at, String text) {
    List<String> parts = List.of(text.split("\\.", -1));
    return field(kind, at, "or", parts.get(0))
        .filter(
            field -> {
              boolean fits = parts.size() == 1 || field.type() == FieldType.JSON;
              if (!fits) {
                at.complain("or", "looks into '" + field + "', which is not JSON");
              }
              return fits;
            })
        .map(field -> new ColumnSpec.Path(field, parts.subList(1, parts.size())));
  }
}
