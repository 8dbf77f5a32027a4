/**
 * The commands: what a person types, reads and gets back as an exit code. Knows nothing of how any
 * of it is done.
 */
package dev.segue.cli;
