package dev.segue.verify;

import dev.segue.canonical.Entity;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Whether the rows of one session hold together. */
final class Integrity {
  private Integrity() {}

  /** Looks at all rows of a session. */
  static List<BrokenReference> check(String session, List<Entity> rows, References references) {
    Set<String> offered = new HashSet<>();
    rows.forEach(row -> references.offered(row, offered::add));
    List<BrokenReference> broken = new ArrayList<>();
    for (Entity row : rows) {
      references.wanted(
          row,
          end -> {
            if (!offered.contains(end)) {
              broken.add(new BrokenReference(session, name(row), end));
            }
          });
    }
    return broken;
  }

  private static String name(Entity row) {
    StringBuilder name = new StringBuilder(row.kind().wireName());
    row.kind().identity().stream()
        .skip(1)
        .map(row::text)
        .filter(text -> text != null && !text.isEmpty())
        .forEach(text -> name.append(' ').append(text));
    return name.toString();
  }
}
