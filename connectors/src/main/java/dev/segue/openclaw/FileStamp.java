package dev.segue.openclaw;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Map;

/**
 * What changes whenever a file is written, replaced or renamed.
 *
 * @param number which file it is, whatever its name; the same after a rename
 * @param changed when the file system saw it change last, which nobody can set back
 */
record FileStamp(long size, FileTime modified, Object number, FileTime changed) {
  /** No file, or one that lies somewhere else. */
  static final FileStamp NONE = new FileStamp(-1, FileTime.fromMillis(0), "", null);

  /** Two writes within the tick of the file system's clock have the same time. */
  private static final Duration TICK = Duration.ofMillis(50);

  /** A file as it is now; a link that leads out of its directory is none. */
  static FileStamp of(Path file) throws IOException {
    try {
      if (SafeFile.leadsOut(file)) {
        return NONE;
      }
      boolean unix = file.getFileSystem().supportedFileAttributeViews().contains("unix");
      Map<String, Object> now =
          Files.readAttributes(
              file,
              unix
                  ? "unix:isRegularFile,size,lastModifiedTime,fileKey,ctime"
                  : "isRegularFile,size,lastModifiedTime,fileKey");
      return Boolean.TRUE.equals(now.get("isRegularFile"))
          ? new FileStamp(
              (Long) now.get("size"),
              (FileTime) now.get("lastModifiedTime"),
              now.get("fileKey"),
              (FileTime) now.get("ctime"))
          : NONE;
    } catch (NoSuchFileException e) {
      return NONE;
    }
  }

  boolean isThere() {
    return size >= 0;
  }

  /** Whether another write would show; if not, it has to be read once more. */
  boolean isSettled() {
    return !isThere() || !isYoungerThan(TICK);
  }

  /** Whether it was written within that time. */
  boolean isYoungerThan(Duration time) {
    FileTime last = changed == null ? modified : changed;
    return System.currentTimeMillis() - last.toMillis() < time.toMillis();
  }
}
