package dev.selfsame.source.csv;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** How far an import has come. */
public enum ImportState {
  /** Another one runs. */
  WAITING,
  /** The file is read whole; nothing is written yet. */
  CHECKING,
  PREVIEWING,
  IMPORTING,
  /** No further row is taken; those on their way are finished. */
  STOPPING,
  /** The result says what the file would do; it can be applied. */
  PREVIEWED,
  DONE,
  /** Nothing was written, and nothing more can come of it. */
  FAILED,
  /** Written up to a line, and can be applied again. */
  INTERRUPTED;

  /** Whether a thread works on it. */
  boolean running() {
    return this == CHECKING || this == PREVIEWING || this == IMPORTING || this == STOPPING;
  }

  /** Whether nothing more happens unless somebody asks for it. */
  public boolean finished() {
    return this != WAITING && !running();
  }

  @JsonValue
  public String code() {
    return name().toLowerCase(Locale.ROOT);
  }
}
