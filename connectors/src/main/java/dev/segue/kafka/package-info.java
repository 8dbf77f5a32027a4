/**
 * The broker between the two systems: an embedded one or a cluster, its topics, and the settings of
 * every client. Knows nothing of what the records mean.
 */
package dev.segue.kafka;
