/**
 * The Kafka Streams topology: records of the change topic become canonical changes, in the same
 * partition and order. Knows nothing of where they come from or go to.
 */
package dev.segue.topology;
