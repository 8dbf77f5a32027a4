/**
 * Work that somebody asks a running migration for, one piece after the other. Knows nothing of what
 * the work is.
 */
package dev.segue.job;
