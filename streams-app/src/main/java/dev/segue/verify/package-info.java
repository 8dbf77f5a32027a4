/**
 * Proves, session by session and under live writes, that the target holds what the source has.
 * Knows nothing of how either side is read, and changes nothing in them.
 */
package dev.segue.verify;
