package dev.segue.cli;

/** How a session is named to a person, such that it can be typed again. */
final class SessionName {
  private SessionName() {}

  /** The id; {@code ''} for what belongs to no session. */
  static String of(String id) {
    return id.isEmpty() ? "''" : id;
  }
}
