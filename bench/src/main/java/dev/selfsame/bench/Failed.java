package dev.selfsame.bench;

/** A benchmark that could not be run, or whose result cannot be trusted; the message says why. */
public final class Failed extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public Failed(String message) {
    super(message);
  }

  public Failed(String message, Throwable cause) {
    super(message, cause);
  }
}
