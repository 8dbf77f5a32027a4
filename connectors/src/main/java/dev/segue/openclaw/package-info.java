/**
 * OpenClaw's files: a file for each session as its older generation keeps them, and the store with
 * transcripts that came after. Knows nothing of pipelines, databases or brokers.
 */
package dev.segue.openclaw;
