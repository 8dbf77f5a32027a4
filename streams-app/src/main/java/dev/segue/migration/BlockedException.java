package dev.segue.migration;

import dev.segue.finding.Finding;
import java.util.List;

/** Something has to be fixed before the migration can run. */
public final class BlockedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final transient List<Finding> errors;

  BlockedException(List<Finding> errors) {
    super(errors.size() + " things are in the way");
    this.errors = List.copyOf(errors);
  }

  public List<Finding> errors() {
    return errors;
  }
}
