/**
 * Finds out from the topics which sessions changed since a moment. Knows nothing of what is done
 * with them.
 */
package dev.segue.replay;
