/**
 * Copies history: chunks of a consistent view, several at a time, each durable together with its
 * bookkeeping. Knows nothing of how a system is read or written.
 */
package dev.segue.snapshot;
