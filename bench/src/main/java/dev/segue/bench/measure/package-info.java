/**
 * What is measured and how: who starts when, what stops the clock, and whether every row arrived.
 * Knows nothing of how a contender works.
 */
package dev.segue.bench.measure;
