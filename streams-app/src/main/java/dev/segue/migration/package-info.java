/**
 * One migration from its configuration: what is planned, what runs, how it is doing. The only place
 * that knows all parts; the parts know nothing of it.
 */
package dev.segue.migration;
