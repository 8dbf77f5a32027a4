/**
 * Keeps what could not be mapped or written, with its cause and where it was. Knows nothing of why
 * it could not.
 */
package dev.segue.deadletters;
