package dev.selfsame.access;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where write keys and tokens are kept: by the hash of their secret alone. */
public interface Grants {

  /** What a secret is good for. */
  enum Kind {
    WRITE_KEY,
    TOKEN
  }

  /**
   * A write key or token as people see it; the secret itself is known to nobody any more.
   *
   * @param id its public name, by which it is revoked
   * @param name what its creator called it
   * @param space of a write key, the space and {@code source} that it writes to
   * @param scope of a token; null for a write key
   * @param hint the secret's last characters, to tell one from another
   */
  record Grant(
      String id,
      Kind kind,
      String name,
      @Nullable String space,
      @Nullable String source,
      Access.@Nullable Scope scope,
      String hint,
      Instant createdAt,
      @Nullable Instant revokedAt) {}

  /**
   * The space and source, as it is set today, that an unrevoked write key with this hash writes to;
   * or null.
   */
  Access.@Nullable WriteKey writeKey(SecretHash hash);

  /** What an unrevoked token with this hash allows, or null. */
  Access.@Nullable Token token(SecretHash hash);

  /**
   * The source of that name, as it is set today, as a write key's target; null if there is none.
   */
  Access.@Nullable WriteKey source(String space, String name);

  /** All, the revoked ones too, oldest first. */
  List<Grant> list();

  void create(Grant grant, SecretHash hash);

  /** Ends a grant from now on; false if there is none of that id, or it had ended. */
  boolean revoke(String id, Instant at);
}
