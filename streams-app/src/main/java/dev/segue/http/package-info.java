/**
 * Answers questions about a running migration on a loopback port. Knows nothing of how the answers
 * come about.
 */
package dev.segue.http;
