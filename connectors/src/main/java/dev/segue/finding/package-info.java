/**
 * What an inspection found: which thing, what is wrong with it, and what to do about it. Knows
 * nothing of how anything is inspected.
 */
package dev.segue.finding;
