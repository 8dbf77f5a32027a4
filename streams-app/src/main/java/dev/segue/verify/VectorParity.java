package dev.segue.verify;

import com.fasterxml.jackson.annotation.JsonInclude;

/**
 * What became of vectors that are made anew.
 *
 * @param from the space of the source's
 * @param to the space of the target's
 * @param items that the target has
 * @param waiting those of the source's sessions whose text has no vector yet
 * @param recallAt10 of the ten items nearest to an item by the source's vectors, the share that is
 *     among its ten nearest by the target's, on average; null if too few have both
 * @param sampled how many items were searched
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record VectorParity(
    String from, String to, long items, long waiting, Double recallAt10, int sampled) {}
