/**
 * Redis as a source: what its keys hold as rows, its history read session by session, and its
 * replication stream followed. Knows nothing of the pipeline, nor of where the rows go.
 */
package dev.segue.redis;
