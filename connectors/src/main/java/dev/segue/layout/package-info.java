/**
 * How a system stores canonical entities, described once in YAML and used in both directions: rows
 * to entities and entities to rows. Knows nothing of connections, logs or brokers.
 */
package dev.segue.layout;
