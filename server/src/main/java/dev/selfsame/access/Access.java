package dev.selfsame.access;

import dev.selfsame.identity.Source;
import org.jspecify.annotations.Nullable;

/**
 * Looks up who a write key or a bearer token belongs to. Cached; a revoked one stops working within
 * a second.
 */
public interface Access {

  /** The space that is there from the start. */
  String DEFAULT_SPACE = "default";

  /**
   * The space and source that a write key writes to.
   *
   * @param landsVisits whether the source's page and screen events become rows
   */
  record WriteKey(String space, Source source, boolean landsVisits) {
    public WriteKey(String space, Source source) {
      this(space, source, false);
    }
  }

  /** What a bearer token allows, and in which space. */
  record Token(String name, Scope scope, String space) {
    public Token(String name, Scope scope) {
      this(name, scope, DEFAULT_SPACE);
    }
  }

  /** What a token may do; each includes the ones before. */
  enum Scope {
    READ,
    WRITE,
    ADMIN
  }

  @Nullable WriteKey writeKey(String key);

  @Nullable Token token(String token);
}
