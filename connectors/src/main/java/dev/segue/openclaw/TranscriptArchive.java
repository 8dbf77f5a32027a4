package dev.segue.openclaw;

import com.github.luben.zstd.ZstdInputStream;
import dev.segue.canonical.MalformedRecordException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Map;

/**
 * A transcript that was put away.
 *
 * @param window what it says of its session's row, which may be gone, each column as JSON
 * @param encoding {@code identity} or {@code zstd}
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares archives
record TranscriptArchive(Map<String, String> window, String encoding, byte[] blob) {
  /** More than any transcript has. */
  private static final int MOST_BYTES = 512 << 20;

  /**
   * The transcript's bytes.
   *
   * @throws MalformedRecordException if it cannot be unpacked
   */
  byte[] unpack() {
    if (encoding.equals("identity")) {
      return blob;
    }
    if (!encoding.equals("zstd")) {
      throw new MalformedRecordException(
          "its archive is encoded as " + encoding + "; known are identity and zstd");
    }
    try (ZstdInputStream in = new ZstdInputStream(new ByteArrayInputStream(blob))) {
      byte[] bytes = in.readNBytes(MOST_BYTES + 1);
      if (bytes.length > MOST_BYTES) {
        throw new MalformedRecordException(
            "its archive unpacks to more than " + MOST_BYTES + " bytes");
      }
      return bytes;
    } catch (IOException e) {
      throw new MalformedRecordException("its archive cannot be unpacked: " + e.getMessage(), e);
    }
  }
}
