/**
 * Moves sessions from one owner to the other, slice by slice, and back. Knows nothing of how a
 * system refuses writers, nor of how rows travel between the two.
 */
package dev.segue.cutover;
