/**
 * All that the pipeline knows of a system: where it can be read from, followed and written to, and
 * how a fault of it is told. Knows nothing of any particular system.
 */
package dev.segue.spi;
