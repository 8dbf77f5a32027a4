package dev.segue.spi;

import dev.segue.canonical.CanonicalChange;
import dev.segue.canonical.SourcePosition;

/** Turns records of the change topic into canonical changes; holds no state. */
public interface ChangeTranslator {
  /**
   * The canonical change that a record of the change topic stands for.
   *
   * @param position where the capture says it stands; null for a feed that does not say
   * @param departed whether the record is the half of a move that leaves the old session
   * @return the change, or null for a record that means nothing to the pipeline
   * @throws dev.segue.layout.UnmappableRowException if it cannot be mapped
   * @throws dev.segue.canonical.MalformedRecordException if it is not a change event at all
   */
  CanonicalChange translate(byte[] value, SourcePosition position, boolean departed);
}
