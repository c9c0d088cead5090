package dev.selfsame.access;

import dev.selfsame.identity.Channel;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where write keys, tokens and webhooks' secrets are kept. Of each there is only the hash, but for
 * the secret that a webhook's bodies are signed with.
 */
public interface Grants {

  /** What a secret is good for. */
  enum Kind {
    WRITE_KEY,
    TOKEN,
    HOOK
  }

  /**
   * A write key, token or webhook as people see it, without its secret.
   *
   * @param id its public name, by which it is revoked
   * @param name what its creator called it
   * @param space that it is of
   * @param source of a write key or webhook, what it writes to; else null
   * @param scope of a token; else null
   * @param hint the secret's last characters, to tell one from another
   */
  record Grant(
      String id,
      Kind kind,
      String name,
      String space,
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

  /**
   * What webhooks of the sources of that name may prove themselves by, in whichever space: what one
   * proves says which. None: it is no webhook's.
   */
  List<Hook> hooks(String source);

  /** All, the revoked ones too, oldest first. */
  List<Grant> list();

  /** Keeps a write key or token. */
  void create(Grant grant, SecretHash hash);

  /**
   * Keeps a webhook, and makes its source if there is none of that name. One of Segment's may erase
   * (D1), which write keys may not, so no source takes both.
   *
   * @param channel of its source: Segment's, or an integration's, which makes notes
   * @param secret what its bodies are signed with, or null
   * @param authorization of its Authorization header, or null; one of the two there must be
   */
  void createHook(
      Grant grant, Channel channel, byte @Nullable [] secret, @Nullable SecretHash authorization);

  /** Ends a grant from now on; false if there is none of that id, or it had ended. */
  boolean revoke(String id, Instant at);
}
