package dev.segue.cutover;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;

/**
 * A request to write sessions anew, as it is sent; exactly one of the first three says which.
 *
 * @param parked all that are parked
 * @param since all that changed since a time or a log position
 * @param requestedBy who is to stand in the journal
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record MendOrder(List<String> sessions, Boolean parked, String since, String requestedBy) {}
