package dev.selfsame.api;

import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** An id as callers write it. */
public final class Uuid {

  private static final Pattern FORM =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

  private Uuid() {}

  /** Null: it cannot be one. */
  public static @Nullable UUID of(String text) {
    return FORM.matcher(text).matches() ? UUID.fromString(text) : null;
  }
}
