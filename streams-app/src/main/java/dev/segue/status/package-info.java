/**
 * What a running migration looks like from outside: counters that the parts turn, and one immutable
 * picture of them. Knows nothing of how the picture is shown.
 */
package dev.segue.status;
