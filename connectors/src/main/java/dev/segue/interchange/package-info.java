/**
 * Sessions in files, in the canonical format: one record a line, or one document a session. Knows
 * nothing of the systems that they come from or go to.
 */
package dev.segue.interchange;
