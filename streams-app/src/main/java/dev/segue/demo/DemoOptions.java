package dev.segue.demo;

/**
 * How large the demo is.
 *
 * @param sessions in the source at the start
 * @param seconds for which clients write
 * @param rate transactions a second that they write
 * @param seed makes history and workload repeat
 */
public record DemoOptions(int sessions, int seconds, int rate, long seed) {}
