/**
 * The command that measures Segue against what a user would pick instead. Knows nothing of the
 * product's inside, only its commands, its HTTP port and what plain SQL finds.
 */
package dev.segue.bench;
