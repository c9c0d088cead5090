package dev.selfsame.store;

import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Which of the traits that sources tell become users' own: shown with them, over REST and in {@code
 * user_traits}.
 *
 * @param all every one; then there are no names
 */
public record OwnTraits(boolean all, Set<String> names) {

  /** The key of the policy. */
  static final String KEY = "traits";

  static final String ALL = "all";
  static final String NONE = "none";
  static final OwnTraits DEFAULT = new OwnTraits(false, Set.of());

  public OwnTraits {
    names = Set.copyOf(names);
  }

  /** As a version of the policy keeps it. */
  static OwnTraits of(@Nullable JsonNode kept) {
    if (kept == null) {
      return DEFAULT;
    }
    Set<String> names = new TreeSet<>();
    if (kept.isArray()) {
      kept.forEach(name -> names.add(name.asString()));
    }
    return new OwnTraits(kept.isString() && kept.asString().equals(ALL), names);
  }

  void write(ObjectNode settings) {
    if (names.isEmpty()) {
      settings.put(KEY, all ? ALL : NONE);
    } else {
      new TreeSet<>(names).forEach(settings.putArray(KEY)::add);
    }
  }

  boolean has(String trait) {
    return all || names.contains(trait);
  }
}
