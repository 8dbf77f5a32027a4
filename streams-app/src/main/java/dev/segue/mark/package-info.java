/**
 * Marks written into the source's log, seen again at the other end: the pulse by which lag is
 * measured, and barriers that prove that everything before them has arrived. Knows nothing of what
 * lies between.
 */
package dev.segue.mark;
