/**
 * Reads a YAML document so that every complaint about it names the line, and all complaints come at
 * once. Knows nothing of what the document means.
 */
package dev.segue.yaml;
