/**
 * The main job on embedded servers, told while it happens and judged by plain SQL. Knows the
 * product only as an operator does: by its commands and its HTTP port.
 */
package dev.segue.demo;
