package dev.segue.layout;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How the rows are called that a message becomes where each text and each call is a row of its own:
 * the first has the message's id, the others are numbered from 2, without a gap.
 */
public final class ItemIds {
  private static final String MARK = "/item-";
  private static final String PLACE = "[0-9]{1,9}";

  /**
   * What the id of a further item ends with, as a regular expression of Java's and PostgreSQL's.
   */
  public static final String ENDING = MARK + PLACE + "$";

  private static final Pattern FURTHER =
      Pattern.compile("(.*)" + MARK + "(" + PLACE + ")", Pattern.DOTALL);

  private ItemIds() {}

  /**
   * The id of an item.
   *
   * @param message null if the message has no id of its own
   * @param place counted from 1
   */
  public static String of(String message, int place) {
    return message == null || place == 1 ? message : message + MARK + place;
  }

  /** The message that an item of this id is of. */
  public static String messageOf(String id) {
    Matcher further = FURTHER.matcher(id);
    return further.matches() ? further.group(1) : id;
  }

  /** Where among its message's items an item of this id stands, counted from 1. */
  public static int placeOf(String id) {
    Matcher further = FURTHER.matcher(id);
    return further.matches() ? Integer.parseInt(further.group(2)) : 1;
  }
}
