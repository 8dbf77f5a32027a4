/**
 * Those that bring rows from one database to another, each started as its own documents advise.
 * Knows nothing of what is measured: not of clocks, rounds and figures.
 */
package dev.segue.bench.contender;
