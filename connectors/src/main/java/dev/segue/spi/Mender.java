package dev.segue.spi;

import dev.segue.canonical.Entity;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** Writes sessions anew, as a whole. */
public interface Mender {
  /**
   * Makes the target hold exactly these rows of each session, and takes the sessions off those that
   * are parked, in one transaction. Nobody may write to them meanwhile.
   *
   * @param sessions what each of them is to hold; an empty list for one that is gone
   * @param mayCommit is asked right before the commit; nothing is changed if it says no
   * @return why sessions were not written; these are as they were
   * @throws SystemFault TRANSIENT if {@code mayCommit} said no
   */
  Map<String, String> mend(Map<String, List<Entity>> sessions, BooleanSupplier mayCommit);
}
