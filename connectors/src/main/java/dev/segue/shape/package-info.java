/**
 * How known systems spell one whole message as JSON: read into canonical fields, and written from
 * them. Knows nothing of tables, keys or layouts.
 */
package dev.segue.shape;
