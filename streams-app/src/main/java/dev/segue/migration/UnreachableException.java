package dev.segue.migration;

import dev.segue.spi.SystemFault;
import java.util.List;
import java.util.stream.Collectors;

/** One or both systems could not be reached, or refused. */
public final class UnreachableException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final transient List<SystemFault> faults;

  UnreachableException(List<SystemFault> faults) {
    super(faults.stream().map(SystemFault::getMessage).collect(Collectors.joining("\n")));
    this.faults = List.copyOf(faults);
  }

  public List<SystemFault> faults() {
    return faults;
  }
}
