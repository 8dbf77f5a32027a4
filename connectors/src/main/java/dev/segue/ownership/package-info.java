/**
 * Which of the two systems accepts a session's writes. Knows nothing of how a system keeps others
 * from writing.
 */
package dev.segue.ownership;
