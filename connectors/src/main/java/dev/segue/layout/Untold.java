package dev.segue.layout;

import dev.segue.canonical.JsonText;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a row cannot tell of a JSON document that it writes. A document that is there keeps it; all
 * else becomes what the row tells.
 */
public sealed interface Untold {
  /**
   * The document once the row is written over one that is there.
   *
   * @param told what the row writes where nothing is there; may be null
   * @param there may be null
   */
  String over(String told, String there);

  /** What is not told by either of two rows that are written one over the other. */
  Untold and(Untold other);

  /**
   * What is not told of an object that is put together from members.
   *
   * @param members by their names
   * @param partly members that are objects, of which only these members are not told
   * @param member the one that keeps what no column can hold
   */
  record OfObject(
      Set<String> members, Map<String, Set<String>> partly, Optional<String> member, OfRest rest)
      implements Untold {
    public OfObject {
      members = Set.copyOf(members);
      partly = Map.copyOf(partly);
    }

    @Override
    public String over(String told, String there) {
      Map<String, String> above = parts(told);
      Map<String, String> below = parts(there);
      members.forEach(name -> keep(name, above, below));
      partly.forEach((name, some) -> keepSome(name, some, above, below));
      member.ifPresent(
          name -> {
            Map<String, String> all = rest.over(parts(above.get(name)), parts(below.get(name)));
            if (!all.isEmpty() || above.containsKey(name)) {
              above.put(name, JsonText.object(all));
            }
          });
      return told == null && above.isEmpty() ? null : JsonText.object(above);
    }

    @Override
    public Untold and(Untold other) {
      OfObject that = (OfObject) other;
      Map<String, Set<String>> both = new LinkedHashMap<>();
      partly.forEach(
          (name, some) -> both.put(name, common(some, that.partly.getOrDefault(name, Set.of()))));
      return new OfObject(common(members, that.members), both, member, rest.and(that.rest));
    }
  }

  /**
   * What is not told of a field's own document.
   *
   * @param field whose document it is
   * @param member the one that keeps what no column can hold
   * @param document whether nothing of the field itself is told
   * @param members of the field's own document those that are not told
   */
  record OfDocument(String field, String member, boolean document, Set<String> members, OfRest rest)
      implements Untold {
    public OfDocument {
      members = Set.copyOf(members);
    }

    @Override
    public String over(String told, String there) {
      DocumentParts above = DocumentParts.of(told, field, member);
      DocumentParts below = DocumentParts.of(there, field, member);
      String text = document ? below.text() : above.text();
      if (!members.isEmpty()) {
        text =
            new OfObject(members, Map.of(), Optional.empty(), OfRest.NONE).over(text, below.text());
      }
      return new DocumentParts(text, rest.over(above.rest(), below.rest())).join(field, member);
    }

    @Override
    public Untold and(Untold other) {
      OfDocument that = (OfDocument) other;
      return new OfDocument(
          field,
          member,
          document && that.document,
          document ? that.members : that.document ? members : common(members, that.members),
          rest.and(that.rest));
    }
  }

  /**
   * What is not told of that which no column can hold.
   *
   * @param fields by their names
   * @param unlisted of {@code unknown}, the columns that are not told
   */
  record OfRest(Set<String> fields, Set<String> unlisted) {
    static final OfRest NONE = new OfRest(Set.of(), Set.of());

    public OfRest {
      fields = Set.copyOf(fields);
      unlisted = Set.copyOf(unlisted);
    }

    boolean isEmpty() {
      return fields.isEmpty() && unlisted.isEmpty();
    }

    Map<String, String> over(Map<String, String> told, Map<String, String> there) {
      Map<String, String> all = new LinkedHashMap<>(told);
      fields.forEach(name -> keep(name, all, there));
      keepSome("unknown", unlisted, all, there);
      keepNames(RowWriter.NULLS, all, there);
      keepNames(RowWriter.JSON_NULLS, all, there);
      return all;
    }

    /** Of a list of fields those that are not told; in the order that is there. */
    private void keepNames(String list, Map<String, String> all, Map<String, String> there) {
      Set<String> told = DocumentParts.elements(all.get(list));
      Set<String> names = DocumentParts.elements(there.get(list));
      names.removeIf(
          name -> !told.contains(name) && !fields.contains(String.valueOf(JsonText.unquote(name))));
      names.addAll(told);
      if (!names.isEmpty()) {
        all.put(list, DocumentParts.array(names));
      }
    }

    OfRest and(OfRest that) {
      return new OfRest(common(fields, that.fields), common(unlisted, that.unlisted));
    }
  }

  private static Map<String, String> parts(String json) {
    Map<String, String> members = json == null ? null : JsonText.members(json);
    return members == null ? new LinkedHashMap<>() : members;
  }

  private static Set<String> common(Set<String> some, Set<String> others) {
    Set<String> common = new LinkedHashSet<>(some);
    common.retainAll(others);
    return common;
  }

  private static void keep(String name, Map<String, String> above, Map<String, String> below) {
    String there = below.get(name);
    if (there == null) {
      above.remove(name);
    } else {
      above.put(name, there);
    }
  }

  private static void keepSome(
      String name, Set<String> some, Map<String, String> above, Map<String, String> below) {
    if (!some.isEmpty()) {
      Map<String, String> all = parts(above.get(name));
      Map<String, String> there = parts(below.get(name));
      some.forEach(member -> keep(member, all, there));
      if (!all.isEmpty() || above.containsKey(name)) {
        above.put(name, JsonText.object(all));
      }
    }
  }
}
