package dev.segue.spi;

import java.util.Collection;
import java.util.List;
import java.util.Map;

/** The memory items of a system, and the vectors that it has of them. */
public interface MemoryVectors {
  /** What there is to embed. */
  Volume volume();

  /**
   * Some items that have a vector, spread over all.
   *
   * @param most so many at most
   * @return the same ones each time
   */
  List<ItemKey> sample(int most);

  /** The vectors of items; those that have none are left out. */
  Map<ItemKey, float[]> read(Collection<ItemKey> items);

  /**
   * What names an item on both sides.
   *
   * @param session as the canonical model names it
   */
  record ItemKey(String session, String item) {}

  /**
   * How much there is to embed.
   *
   * @param withoutText items that have no text, of which nothing can be made
   * @param characters of all texts
   */
  record Volume(long items, long withoutText, long characters) {}
}
