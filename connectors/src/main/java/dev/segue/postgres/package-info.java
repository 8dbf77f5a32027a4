/**
 * PostgreSQL as a source and as a target: what its catalog says, its history by COPY, its log by
 * Debezium, its tables written in bulk, and Segue's bookkeeping in it. Knows nothing of topics,
 * topologies or who asks.
 */
package dev.segue.postgres;
