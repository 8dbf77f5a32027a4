/**
 * Brings the source's log into the change topic, each change exactly once and in order. Knows
 * nothing of what a change means.
 */
package dev.segue.capture;
