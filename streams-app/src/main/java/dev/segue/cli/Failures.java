package dev.segue.cli;

import dev.segue.finding.Finding;
import dev.segue.migration.BlockedException;
import dev.segue.migration.UnreachableException;
import dev.segue.spi.SystemFault;
import dev.segue.yaml.YamlException;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine;

/** Turns what went wrong into lines that say what to do, and into an exit code. */
final class Failures implements CommandLine.IExecutionExceptionHandler {
  static final int JOB_FAILED = 1;
  static final int MISUSED = 2;
  static final int REFUSED = 3;

  @Override
  public int handleExecutionException(
      Exception e, CommandLine commandLine, CommandLine.ParseResult parsed) throws Exception {
    PrintWriter err = commandLine.getErr();
    if (e instanceof YamlException yaml) {
      err.println(yaml.problems().size() == 1 ? "Error:" : yaml.problems().size() + " errors:");
      yaml.problems().forEach(problem -> err.println("  " + problem));
      return MISUSED;
    }
    if (e instanceof UnreachableException unreachable) {
      unreachable.faults().forEach(fault -> print(err, fault));
      return REFUSED;
    }
    if (e instanceof BlockedException blocked) {
      printErrors(err, blocked.errors());
      return REFUSED;
    }
    if (e instanceof SystemFault fault) {
      print(err, fault);
      return fault.nature() == SystemFault.Nature.FENCED ? JOB_FAILED : REFUSED;
    }
    if (e instanceof JobFailedException failed) {
      err.println("Failed: " + failed.getMessage());
      return JOB_FAILED;
    }
    err.println("Error: " + e);
    err.println("  this is a mistake in Segue; please report it with the lines below");
    e.printStackTrace(err);
    return JOB_FAILED;
  }

  static void printErrors(PrintWriter err, List<Finding> errors) {
    err.println(
        errors.size() == 1
            ? "One thing is in the way:"
            : errors.size() + " things are in the way:");
    int number = 1;
    for (Finding error : errors) {
      err.println("  " + number++ + ". " + error.subject() + ": " + error.message());
      if (!error.remedy().isEmpty()) {
        err.println("     fix: " + error.remedy());
      }
    }
  }

  private static void print(PrintWriter err, SystemFault fault) {
    err.println("Error: " + fault.getMessage());
    if (!fault.remedy().isEmpty()) {
      err.println("  fix: " + fault.remedy());
    }
  }
}
