/**
 * What an application needs to follow its sessions while they are moved. Knows nothing of how they
 * are moved, nor of any database.
 */
package dev.segue.client;
