/**
 * Microbenchmarks of what is done to every row, run by JMH. They go through the product's public
 * doors and know nothing of its private classes; where a door needs a server, they start one.
 */
package dev.segue.bench.hotpath;
