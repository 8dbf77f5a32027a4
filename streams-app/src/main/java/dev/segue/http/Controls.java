package dev.segue.http;

import dev.segue.cutover.MoveRequest;
import dev.segue.cutover.RouteBook;
import dev.segue.job.JobDesk;
import dev.segue.status.Status;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What a running migration lets others do.
 *
 * @param move takes a request to move sessions; returns the id of the job
 * @param verify takes a request to compare both sides, by who asks; returns the id of the job
 */
public record Controls(
    Supplier<Status> status,
    RouteBook routes,
    JobDesk jobs,
    Function<MoveRequest, String> move,
    Function<String, String> verify) {}
