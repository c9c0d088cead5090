package dev.selfsame.member;

/** An entry of a form that cannot be taken as it is. */
public final class BadEntry extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final String field;

  /**
   * @param field its name in the form
   * @param message what is expected
   */
  public BadEntry(String field, String message) {
    super(message);
    this.field = field;
  }

  public String field() {
    return field;
  }
}
