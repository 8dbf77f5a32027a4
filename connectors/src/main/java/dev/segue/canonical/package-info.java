/**
 * The one format every system is translated to and from: nine kinds of entity and the changes that
 * happen to them. Knows nothing of any database, broker or layout.
 */
package dev.segue.canonical;
