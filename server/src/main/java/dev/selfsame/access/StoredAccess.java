package dev.selfsame.access;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Keys and tokens as stored, with a cache before the store. What it says is at most a second old,
 * so a revoked key works for no longer than that on any server; unknown secrets are remembered too,
 * so that a wrong key in an app does not become a query a request. Both are bounded, and what is
 * asked for often stays when something asks for many.
 */
public final class StoredAccess implements Access {

  private static final Duration STALE = Duration.ofMillis(900);
  private static final int REMEMBERED = 10_000;
  private static final int LONGEST_SECRET = 200;
  private static final String GIVEN_SPACE = "default";
  private static final String GIVEN_SOURCE = "segment";

  private final Grants grants;
  private final InstantSource clock;
  private final @Nullable SecretHash givenKey;
  private final @Nullable SecretHash givenToken;
  private final LoadingCache<SecretHash, Optional<WriteKey>> keys;
  private final LoadingCache<SecretHash, Optional<Token>> tokens;

  public StoredAccess(Grants grants, GivenSecrets given, InstantSource clock) {
    this(grants, given, clock, Ticker.systemTicker());
  }

  StoredAccess(Grants grants, GivenSecrets given, InstantSource clock, Ticker ticker) {
    this.grants = grants;
    this.clock = clock;
    this.givenKey = given.writeKey() == null ? null : SecretHash.of(given.writeKey());
    this.givenToken = given.token() == null ? null : SecretHash.of(given.token());
    this.keys =
        Caffeine.newBuilder()
            .expireAfterWrite(STALE)
            .maximumSize(REMEMBERED)
            .ticker(ticker)
            .build(hash -> Optional.ofNullable(loadKey(hash)));
    this.tokens =
        Caffeine.newBuilder()
            .expireAfterWrite(STALE)
            .maximumSize(REMEMBERED)
            .ticker(ticker)
            .build(hash -> Optional.ofNullable(loadToken(hash)));
  }

  @Override
  public @Nullable WriteKey writeKey(String key) {
    return possible(key) ? keys.get(SecretHash.of(key)).orElse(null) : null;
  }

  @Override
  public @Nullable Token token(String token) {
    return possible(token) ? tokens.get(SecretHash.of(token)).orElse(null) : null;
  }

  private static boolean possible(String secret) {
    return !secret.isEmpty() && secret.length() <= LONGEST_SECRET;
  }

  private @Nullable WriteKey loadKey(SecretHash hash) {
    return hash.equals(givenKey) ? grants.source(GIVEN_SPACE, GIVEN_SOURCE) : grants.writeKey(hash);
  }

  private @Nullable Token loadToken(SecretHash hash) {
    return hash.equals(givenToken)
        ? new Token(GivenSecrets.TOKEN, Scope.ADMIN)
        : grants.token(hash);
  }

  /** A new grant and its secret, which is shown this once. */
  public record Issued(Grants.Grant grant, String secret) {
    @Override
    public String toString() {
      return "Issued[" + grant + "]";
    }
  }

  /** Makes a write key for a source that exists. */
  public Issued issueWriteKey(String name, String space, String source) {
    if (grants.source(space, source) == null) {
      throw new IllegalArgumentException(
          "The space %s has no source %s to write to".formatted(space, source));
    }
    String secret = Secrets.newSecret(Secrets.WRITE_KEY_PREFIX);
    return issue(
        new Grants.Grant(
            UUID.randomUUID().toString(),
            Grants.Kind.WRITE_KEY,
            name,
            space,
            source,
            null,
            Secrets.hint(secret),
            clock.instant(),
            null),
        secret);
  }

  public Issued issueToken(String name, Scope scope) {
    String secret = Secrets.newSecret(Secrets.TOKEN_PREFIX);
    return issue(
        new Grants.Grant(
            UUID.randomUUID().toString(),
            Grants.Kind.TOKEN,
            name,
            null,
            null,
            scope,
            Secrets.hint(secret),
            clock.instant(),
            null),
        secret);
  }

  private Issued issue(Grants.Grant grant, String secret) {
    SecretHash hash = SecretHash.of(secret);
    grants.create(grant, hash);
    // Someone may just have asked for it and been told that there is none.
    keys.invalidate(hash);
    tokens.invalidate(hash);
    return new Issued(grant, secret);
  }

  public List<Grants.Grant> list() {
    return grants.list();
  }

  /**
   * Ends a grant; false if there is none of that id, or it had ended. It works here no more at
   * once, elsewhere within a second.
   */
  public boolean revoke(String id) {
    boolean revoked = grants.revoke(id, clock.instant());
    keys.invalidateAll();
    tokens.invalidateAll();
    return revoked;
  }
}
