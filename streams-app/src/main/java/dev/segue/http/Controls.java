package dev.segue.http;

import dev.segue.cutover.MendOrder;
import dev.segue.cutover.MoveRequest;
import dev.segue.cutover.RouteBook;
import dev.segue.deadletters.DeadLetter;
import dev.segue.job.JobDesk;
import dev.segue.spi.Ledger;
import dev.segue.status.Status;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What a running migration lets others do.
 *
 * @param move takes a request to move sessions; returns the id of the job
 * @param letters what is kept of sessions that could not be applied
 * @param mend takes a request to write sessions anew; returns the id of the job
 * @param verify takes a request to compare both sides; returns the id of the job
 */
public record Controls(
    Supplier<Status> status,
    RouteBook routes,
    JobDesk jobs,
    Function<MoveRequest, String> move,
    Mend mend,
    Letters letters,
    Verify verify) {

  /** Compares both sides. */
  public interface Verify {
    /**
     * @param changed whether only sessions that were written to since the last time are compared
     * @return the id of the job
     */
    String submit(boolean changed, String requestedBy);
  }

  /** Writes sessions anew. */
  public interface Mend {
    /**
     * @param kind what the operator calls it
     * @return the id of the job
     */
    String submit(String kind, MendOrder order, String requestedBy);
  }

  /** What is kept of sessions that could not be applied. */
  public interface Letters {
    List<Ledger.Parked> parked();

    List<DeadLetter> of(String session, boolean values);

    /** Leaves a session behind on purpose; false if it is not parked. */
    boolean discard(String session, String reason, String requestedBy);
  }
}
