package dev.segue.layout;

import dev.segue.canonical.Entity;
import dev.segue.canonical.Field;
import dev.segue.canonical.JsonText;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What one entity cannot tell, and others of its kind can. */
final class Lacking {
  private static final Lacking NOTHING = new Lacking(Seldom.NONE, null);

  private final Entity entity;
  private final Set<Field> fields = new LinkedHashSet<>();

  /** Fields whose columns are filled from others, of which some are lacking. */
  private final Set<Field> unsure = new LinkedHashSet<>();

  private final Set<String> unlisted = new LinkedHashSet<>();

  private Lacking(Seldom seldom, Entity entity) {
    this.entity = entity;
    for (Field field : seldom.fields()) {
      if (entity.isAbsent(field)) {
        fields.add(field);
      }
    }
    if (!seldom.unlisted().isEmpty()) {
      String unknown = entity.text("unknown");
      Map<String, String> told = unknown == null ? null : JsonText.members(unknown);
      unlisted.addAll(seldom.unlisted());
      if (told != null) {
        unlisted.removeAll(told.keySet());
      }
    }
  }

  static Lacking of(Seldom seldom, Entity entity) {
    return seldom.equals(Seldom.NONE) ? NOTHING : new Lacking(seldom, entity);
  }

  boolean isNothing() {
    return fields.isEmpty() && unlisted.isEmpty();
  }

  /** Whether nothing of the field is told. */
  boolean has(Field field) {
    return fields.contains(field);
  }

  /** Whether what goes into a column, or a member, is not known. */
  boolean has(ColumnSpec spec) {
    if (isNothing()) {
      return false;
    }
    if (spec instanceof ColumnSpec.OfDerived of) {
      return anyOf(of.from());
    }
    if (!(spec instanceof ColumnSpec.OfField of)) {
      return false;
    }
    if (!has(of.field()) && (entity.text(of.field()) != null || !anyOf(of.or()))) {
      return false;
    }
    unsure.add(of.field());
    return true;
  }

  /** Whether what is looked up there, the first that is not null, is not known. */
  private boolean anyOf(List<ColumnSpec.Path> paths) {
    for (ColumnSpec.Path path : paths) {
      boolean member = !path.members().isEmpty();
      if (has(path.field())
          || (member && membersOf(path.field()).contains(path.members().get(0)))) {
        return true;
      }
      if (path.lookUp(entity.text(path.field())).isPresent()) {
        return false;
      }
    }
    return false;
  }

  /** The members of a field's document that are not told. */
  Set<String> membersOf(Field field) {
    return field.name().equals("unknown") ? unlisted : Set.of();
  }

  /** What is not told of a document that is the field's. */
  Untold asDocument(Field field) {
    return new Untold.OfObject(membersOf(field), Map.of(), Optional.empty(), Untold.OfRest.NONE);
  }

  /** What is not told of that which no column can hold; only after all others were written. */
  Untold.OfRest rest() {
    Set<String> names = new LinkedHashSet<>();
    fields.forEach(field -> names.add(field.name()));
    unsure.forEach(field -> names.add(field.name()));
    return new Untold.OfRest(names, unlisted);
  }
}
