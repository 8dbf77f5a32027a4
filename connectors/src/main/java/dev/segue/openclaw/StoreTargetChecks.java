package dev.segue.openclaw;

import dev.segue.canonical.MalformedRecordException;
import dev.segue.finding.Finding;
import dev.segue.spi.SystemFault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What is in the way of writing a store, and what its operator should know. */
final class StoreTargetChecks {
  private final BesidePlace place;
  private final String subject;
  private final List<Finding> findings = new ArrayList<>();

  /**
   * @param subject how messages name the store
   */
  StoreTargetChecks(BesidePlace place, String subject) {
    this.place = place;
    this.subject = subject;
  }

  /**
   * @param started whether the migration has written to the target before
   */
  List<Finding> run(boolean started) {
    checkDirectory();
    if (!started && Files.isDirectory(place.store())) {
      checkEmpty();
    }
    if (!started) {
      Path ours = place.store().relativize(place.database());
      findings.add(
          Finding.change(
              subject, ours + ", with the migration's bookkeeping and a copy of all rows"));
    }
    return findings;
  }

  private void error(String message, String remedy) {
    findings.add(Finding.error(subject, message, remedy));
  }

  private void checkDirectory() {
    Path store = place.store();
    if (Files.exists(store)) {
      if (!Files.isDirectory(store)) {
        error("is no directory", "name the directory of sessions.json in target.url");
      } else if (!Files.isWritable(store)) {
        error("cannot be written to", "let the user of segue write to the directory");
      }
      return;
    }
    Path above = store.getParent();
    while (above != null && !Files.exists(above)) {
      above = above.getParent();
    }
    if (above == null || !Files.isDirectory(above) || !Files.isWritable(above)) {
      error(
          "is not there, and cannot be made in " + above,
          "make the directory, and let the user of segue write to it");
    } else {
      findings.add(Finding.change(subject, "the directory is made"));
    }
  }

  /** Sessions that are there already would be mixed up with those that are brought. */
  private void checkEmpty() {
    try {
      int sessions = new StoreDirectory(place.store()).list().sessions().size();
      if (sessions > 0) {
        error(
            "has sessions already: " + sessions,
            "name an empty directory in target.url, or move those sessions away");
      }
    } catch (IOException e) {
      error("cannot be read: " + e, "let the user of segue read the directory");
    } catch (MalformedRecordException e) {
      error(SessionStore.FILE + " " + e.getMessage(), "move it away");
    } catch (SystemFault e) {
      findings.add(Finding.error(subject, e.getMessage(), e.remedy()));
    }
  }
}
