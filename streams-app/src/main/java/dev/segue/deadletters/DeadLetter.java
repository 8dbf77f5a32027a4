package dev.segue.deadletters;

import com.fasterxml.jackson.annotation.JsonInclude;

/**
 * A change that was not applied.
 *
 * @param stage the part of the pipeline that gave up: snapshot, topology or sink
 * @param origin where it was: topic-partition@offset, or a piece of the snapshot
 * @param value what it says; null unless it was asked for
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record DeadLetter(
    String sessionId, String stage, String reason, String origin, String value) {}
