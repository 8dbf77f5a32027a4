/**
 * The main job on embedded servers, told while it happens and judged by plain SQL. Knows nothing of
 * the product's inside, only what an operator sees: its commands and its HTTP port.
 */
package dev.segue.demo;
