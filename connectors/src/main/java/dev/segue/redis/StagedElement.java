package dev.segue.redis;

/**
 * An element of a list that waits until all of its list are there.
 *
 * @param text the document
 */
record StagedElement(ElementOrder order, String text) implements ElementOrder.Ordered {

  /** Number, time and document, each on a line of its own, of which the last may have more. */
  byte[] value() {
    String number = order.number() == null ? "" : order.number();
    String time = order.time() == null ? "" : order.time();
    return Bytes.of(number + "\n" + time + "\n" + text);
  }

  /**
   * Reads what {@link #value} wrote.
   *
   * @param id what the element is called
   */
  static StagedElement of(byte[] id, byte[] value) {
    String[] lines = Bytes.text(value).split("\n", 3);
    ElementOrder order = new ElementOrder(Bytes.text(id), orNull(lines[0]), orNull(lines[1]));
    return new StagedElement(order, lines[2]);
  }

  private static String orNull(String text) {
    return text.isEmpty() ? null : text;
  }
}
