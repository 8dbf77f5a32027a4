package dev.segue.bench.report;

/** A contender that was measured and did not deliver: no figure comes of that round. */
public record Failure(String measurement, String contender, int round, String reason) {}
