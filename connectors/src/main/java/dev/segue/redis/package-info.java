/**
 * Redis as a source and as a target: what its keys hold as rows, its history read session by
 * session, its replication stream followed, and rows written with their bookkeeping in one
 * transaction. Knows nothing of the pipeline, nor of the system on the other side.
 */
package dev.segue.redis;
