package dev.segue.bench.report;

/** A contender that could not take part on this machine. */
public record Absence(String contender, String reason) {}
