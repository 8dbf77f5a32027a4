/**
 * The servers, the data and the processes that every contender is given alike. Knows nothing of who
 * is measured, nor what for.
 */
package dev.segue.bench.server;
