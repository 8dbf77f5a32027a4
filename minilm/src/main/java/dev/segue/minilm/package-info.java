/**
 * Makes vectors with a small model that is part of the package and needs no network. Knows nothing
 * of Segue but the interface of an embedder.
 */
package dev.segue.minilm;
