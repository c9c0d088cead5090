package dev.selfsame.source.api;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a caller wants an account to be; what it does not mention stays as it is.
 *
 * @param externalId which
 * @param create it is to be a new one
 * @param cleared {@code name} and {@code domain}, where they are to be taken away
 * @param traits texts, numbers and booleans by name; null takes the trait away
 */
public record AccountWrite(
    String externalId,
    boolean create,
    @Nullable String name,
    @Nullable String domain,
    Set<String> cleared,
    Map<String, @Nullable Object> traits) {

  public AccountWrite {
    cleared = Set.copyOf(cleared);
    traits = new LinkedHashMap<>(traits);
  }
}
