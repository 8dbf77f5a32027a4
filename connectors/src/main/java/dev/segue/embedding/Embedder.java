package dev.segue.embedding;

import java.util.List;

/** Makes vectors of texts; used by one thread. */
public interface Embedder extends AutoCloseable {
  /** How messages name it; never with a key. */
  String describe();

  /** So many texts at a time at most. */
  int batch();

  /**
   * One vector for each text, in their order.
   *
   * @throws dev.segue.spi.SystemFault of nature DATA if it will not take one of the texts
   */
  List<float[]> embed(List<String> texts) throws InterruptedException;

  @Override
  void close();
}
