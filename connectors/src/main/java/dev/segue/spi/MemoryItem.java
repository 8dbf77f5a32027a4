package dev.segue.spi;

import java.util.Objects;

/**
 * A memory item whose text is to be made a vector of.
 *
 * @param session the session it belongs to, as the system spells it
 * @param item what identifies it there, as the system spells it
 */
public record MemoryItem(String session, String item, String text) {
  public MemoryItem {
    Objects.requireNonNull(session, "session");
    Objects.requireNonNull(item, "item");
    Objects.requireNonNull(text, "text");
  }
}
