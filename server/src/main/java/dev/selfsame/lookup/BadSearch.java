package dev.selfsame.lookup;

/** A search that cannot be meant: which of its parameters is wrong, and why. */
public final class BadSearch extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final String parameter;

  public BadSearch(String parameter, String message) {
    super(message);
    this.parameter = parameter;
  }

  public String parameter() {
    return parameter;
  }
}
