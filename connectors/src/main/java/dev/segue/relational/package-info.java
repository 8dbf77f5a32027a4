/**
 * What a table is, as far as a mapping has to know: its name, its columns and their types, its key.
 * Knows nothing of how any database is asked for it.
 */
package dev.segue.relational;
