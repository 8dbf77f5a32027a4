/**
 * OpenClaw's sessions: a file for each as its older generation keeps them, the store with
 * transcripts that came after, and the database of an agent that came last; also followed while
 * they are written to, and the store as what sessions are moved into. Knows nothing of other
 * systems or of brokers.
 */
package dev.segue.openclaw;
