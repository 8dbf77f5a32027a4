/**
 * Named places at which a test may make this process die, stall or fail. Knows nothing of what it
 * interrupts, and does nothing unless asked to through the environment.
 */
package dev.segue.failpoint;
