package dev.segue.spi;

/**
 * How far the snapshot of one table is.
 *
 * @param table the source's table
 * @param rows rows written so far
 * @param estimatedRows about how many there are
 * @param bytesDone bytes of the source's table that are done
 * @param bytes bytes of the source's table
 */
public record TableProgress(
    String table, long rows, long estimatedRows, long bytesDone, long bytes) {}
