/**
 * OpenClaw's files: a file for each session as its older generation keeps them, and the store with
 * transcripts that came after; also followed while they are written to. Knows nothing of databases
 * or brokers.
 */
package dev.segue.openclaw;
