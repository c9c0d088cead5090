package dev.selfsame.store;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.postgresql.util.PGBinaryObject;
import org.postgresql.util.PGobject;

/** One column of many rows, as an array that a statement takes in binary. */
final class ArrayParameter extends BinaryValues {

  /** The types of array that a connection must be told to take in binary, by the driver's names. */
  static final String TYPES =
      Arrays.stream(Type.values()).map(type -> type + "_ARRAY").collect(Collectors.joining(","));

  private static final int HEAD = 20;

  /** Bytes of an element, about. */
  private static final int EXPECTED = 24;

  private final Type elements;

  /**
   * @param elements their type
   * @param count how many will be added
   */
  ArrayParameter(Type elements, int count) {
    super(HEAD + count * EXPECTED);
    this.elements = elements;
    // It says that some may be null; whether one is, PostgreSQL sees.
    putArrayHead(elements, count, true);
  }

  /** As it is written in a statement. */
  static String sqlType(Type elements) {
    return elements.name().toLowerCase(Locale.ROOT) + "[]";
  }

  /** To be set on a statement, when all are added. */
  PGobject bound() {
    return new Bound();
  }

  @SuppressWarnings("serial") // It lives as long as the statement runs.
  private final class Bound extends PGobject implements PGBinaryObject {

    Bound() {
      setType("_" + elements.name().toLowerCase(Locale.ROOT));
    }

    @Override
    public int lengthInBytes() {
      return size();
    }

    @Override
    public void toBytes(byte[] target, int offset) {
      System.arraycopy(buffer(), 0, target, offset, size());
    }

    @Override
    public String getValue() {
      throw new IllegalStateException(getType() + " would be sent as text. Indicates a bug.");
    }

    @Override
    public void setByteValue(byte[] value, int offset) {
      throw new UnsupportedOperationException("It is only sent");
    }
  }
}
