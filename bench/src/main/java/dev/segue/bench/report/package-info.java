/**
 * What came of a run: figures, ratios and what they were held against, as JSON and as tables. Knows
 * nothing of how anything is measured.
 */
package dev.segue.bench.report;
