/**
 * How a batch of changes passes into a target: how far each partition comes, what is sent aside and
 * what needs no row at all. Knows nothing of how a target keeps rows, or the ledger.
 */
package dev.segue.passage;
