/**
 * Makes vectors of texts, with whatever model the user has. Knows nothing of where the texts come
 * from or the vectors go.
 */
package dev.segue.embedding;
