package dev.selfsame.access;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A write key and an admin token that the environment gives to this run of the program. They are
 * not stored: without the variables they are worth nothing at the next start.
 *
 * @param writeKey writes to the source {@code segment} of the space {@code default}
 * @param token an admin's
 */
public record GivenSecrets(@Nullable String writeKey, @Nullable String token) {

  public static final GivenSecrets NONE = new GivenSecrets(null, null);

  public static final String WRITE_KEY = "SELFSAME_WRITE_KEY";
  public static final String TOKEN = "SELFSAME_TOKEN";

  private static final int SHORTEST_TOKEN = 16;

  public GivenSecrets {
    if (writeKey != null && writeKey.isBlank()) {
      writeKey = null;
    }
    if (token != null && token.isBlank()) {
      token = null;
    }
    // A write key may be public and is often one that apps already carry; an admin token that can
    // be guessed opens everything.
    if (token != null && token.length() < SHORTEST_TOKEN) {
      throw new IllegalArgumentException(
          "%s must have at least %d characters; it has %d"
              .formatted(TOKEN, SHORTEST_TOKEN, token.length()));
    }
  }

  public static GivenSecrets from(Map<String, String> environment) {
    return new GivenSecrets(environment.get(WRITE_KEY), environment.get(TOKEN));
  }

  @Override
  public String toString() {
    return "GivenSecrets[hidden]";
  }
}
