/**
 * {@code migration.yaml}: every key with its unit, default and meaning, and all that is wrong with
 * a file at once. Knows nothing of what the values are used for.
 */
package dev.segue.config;
