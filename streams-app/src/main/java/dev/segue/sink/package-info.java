/**
 * Takes canonical changes off their topic and has the target apply them. Knows nothing of how a
 * target does that.
 */
package dev.segue.sink;
