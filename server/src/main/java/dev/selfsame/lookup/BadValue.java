package dev.selfsame.lookup;

/** One of many values that cannot be looked up: which, what of it is wrong, and why. */
public final class BadValue extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** What of the value is wrong. */
  public enum Fault {
    TYPE,
    VALUE
  }

  private final int index;
  private final Fault fault;

  BadValue(int index, Fault fault, String message) {
    super(message);
    this.index = index;
    this.fault = fault;
  }

  /** Which of the values, from 0. */
  public int index() {
    return index;
  }

  public Fault fault() {
    return fault;
  }
}
