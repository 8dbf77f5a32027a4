/**
 * Keeps the parts of a pipeline running: passing faults are waited out, lasting ones stop
 * everything with their reason. Knows nothing of what the parts do.
 */
package dev.segue.supervision;
