package dev.segue.relational;

import java.math.BigDecimal;
import java.util.Optional;

/**
 * What a column's type refuses or rounds.
 *
 * @param characters most characters it takes, or -1 for any number
 * @param digits significant digits that it keeps of a number, or -1 for all
 * @param scale digits that it keeps after the point, or -1 for all
 * @param range the numbers it takes; empty for all
 */
public record Limits(int characters, int digits, int scale, Optional<Range> range) {
  public static final Limits NONE = new Limits(-1, -1, -1, Optional.empty());

  /** Both ends included. */
  public record Range(BigDecimal least, BigDecimal most) {
    /** Whether a number is in it. */
    public boolean contains(BigDecimal number) {
      return least.compareTo(number) <= 0 && most.compareTo(number) >= 0;
    }

    boolean contains(Range other) {
      return least.compareTo(other.least) <= 0 && most.compareTo(other.most) >= 0;
    }

    @Override
    public String toString() {
      return least.toPlainString() + " to " + most.toPlainString();
    }
  }

  /** At most so many characters. */
  public static Limits ofText(int characters) {
    return new Limits(characters, -1, -1, Optional.empty());
  }

  /** Whole numbers of so many bits. */
  public static Limits ofInteger(int bits) {
    BigDecimal half = BigDecimal.valueOf(2).pow(bits - 1);
    Range range = new Range(half.negate(), half.subtract(BigDecimal.ONE));
    return new Limits(-1, range.most().precision(), 0, Optional.of(range));
  }

  /** Numbers of so many digits, some of them after the point. */
  public static Limits ofDecimal(int precision, int scale) {
    BigDecimal most =
        BigDecimal.TEN.pow(precision).subtract(BigDecimal.ONE).scaleByPowerOfTen(-scale);
    return new Limits(-1, precision, scale, Optional.of(new Range(most.negate(), most)));
  }

  /** Binary floating point that keeps so many decimal digits. */
  public static Limits ofFloat(int digits) {
    return new Limits(-1, digits, -1, Optional.empty());
  }

  /** Times with so many digits of a second. */
  public static Limits ofTime(int scale) {
    return new Limits(-1, -1, scale, Optional.empty());
  }

  /** Whether a text of that type can be too long here. */
  public boolean mayRefuseLengthOf(Limits other) {
    return characters >= 0 && (other.characters < 0 || other.characters > characters);
  }

  /** Whether a number of that type can be out of range here. */
  public boolean mayRefuseNumberOf(Limits other) {
    return range.isPresent() && (other.range.isEmpty() || !range.get().contains(other.range.get()));
  }

  /** Whether a value of that type can lose digits here. */
  public boolean mayRound(Limits other) {
    boolean fraction = scale >= 0 && (other.scale < 0 || other.scale > scale);
    boolean binary = scale < 0 && digits >= 0 && (other.digits < 0 || other.digits > digits);
    return fraction || binary;
  }
}
