/**
 * Has the target's memory items get vectors of their texts, and measures what they are worth. Knows
 * nothing of what makes the vectors, nor of how a system stores them.
 */
package dev.segue.vectors;
