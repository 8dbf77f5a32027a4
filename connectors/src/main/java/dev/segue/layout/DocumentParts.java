package dev.segue.layout;

import dev.segue.canonical.JsonText;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A field's own document, and what one further member of it keeps of other fields. A document that
 * is no object stands in that member itself, under the field's name.
 *
 * @param text of the field's own document; may be null
 * @param rest by the names of fields
 */
record DocumentParts(String text, Map<String, String> rest) {
  /** Takes apart what {@link #join} has put together. */
  static DocumentParts of(String document, String field, String member) {
    Map<String, String> members =
        document == null || !document.contains('"' + member + '"')
            ? null
            : JsonText.members(document);
    String kept = members == null ? null : members.remove(member);
    Map<String, String> rest = kept == null ? null : JsonText.members(kept);
    if (rest == null) {
      return new DocumentParts(document, new LinkedHashMap<>());
    }
    String instead = rest.remove(field);
    if (instead != null) {
      return new DocumentParts(JsonText.isNull(instead) ? null : instead, rest);
    }
    Set<String> jsonNulls = elements(rest.get(RowWriter.JSON_NULLS));
    if (jsonNulls.remove(JsonText.quote(field))) {
      rest.put(RowWriter.JSON_NULLS, array(jsonNulls));
      if (jsonNulls.isEmpty()) {
        rest.remove(RowWriter.JSON_NULLS);
      }
      return new DocumentParts("null", rest);
    }
    return new DocumentParts(JsonText.object(members), rest);
  }

  /** One document of both; the field's own, as it is spelt, where nothing else is to be kept. */
  String join(String field, String member) {
    if (rest.isEmpty() && (text == null || !text.contains('"' + member + '"'))) {
      return text;
    }
    Map<String, String> kept = new LinkedHashMap<>(rest);
    Map<String, String> members = text == null ? null : JsonText.members(text);
    if (members == null) {
      members = new LinkedHashMap<>();
      if (text != null && JsonText.isNull(text)) {
        Set<String> jsonNulls = elements(rest.get(RowWriter.JSON_NULLS));
        jsonNulls.add(JsonText.quote(field));
        kept.put(RowWriter.JSON_NULLS, array(jsonNulls));
      } else {
        kept.put(field, text == null ? "null" : text);
      }
    } else if (members.containsKey(member)) {
      throw new UnmappableRowException("field " + field + " already has a member '" + member + "'");
    }
    members.put(member, JsonText.object(kept));
    return JsonText.object(members);
  }

  /** The elements of an array, each with its own text; none of what is not an array. */
  static Set<String> elements(String array) {
    List<String> elements = array == null ? null : JsonText.elements(array);
    return elements == null ? new LinkedHashSet<>() : new LinkedHashSet<>(elements);
  }

  /** The array of these elements. */
  static String array(Set<String> elements) {
    return "[" + String.join(",", elements) + "]";
  }
}
