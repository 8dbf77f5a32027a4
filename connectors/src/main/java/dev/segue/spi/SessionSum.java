package dev.segue.spi;

/**
 * Some rows of one session, as a sum of their digests, modulo 2 to the 128th.
 *
 * @param session as its column spells it; null of rows that name none
 * @param rows how many
 * @param high the sum's upper half
 * @param low its lower half
 */
public record SessionSum(String session, long rows, long high, long low) {}
