package dev.segue.redis;

/** An element of a list, as a batch goes along. */
final class ListElement {
  private static final int NEW = -1;

  private final int place;
  private String text;
  private boolean changed;

  private ListElement(int place, String text) {
    this.place = place;
    this.text = text;
  }

  /** One that was there before the batch, at a place counted from the oldest. */
  static ListElement at(int place, String text) {
    return new ListElement(place, text);
  }

  /** One that the batch adds. */
  static ListElement added(String text) {
    return new ListElement(NEW, text);
  }

  boolean isNew() {
    return place == NEW;
  }

  /** The place that it had before the batch. */
  int place() {
    return place;
  }

  String text() {
    return text;
  }

  /** Whether it is there with another text. */
  boolean isChanged() {
    return changed;
  }

  void write(String now) {
    changed |= !isNew() && !now.equals(text);
    text = now;
  }
}
