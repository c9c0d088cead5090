package dev.selfsame.access;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.selfsame.identity.Channel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Keys, tokens and webhooks as stored, with a cache before the store. What it says is at most a
 * second old, so a revoked key works for no longer than that on any server; unknown secrets are
 * remembered too, so that a wrong key in an app does not become a query a request. Both are
 * bounded, and what is asked for often stays when something asks for many.
 */
public final class StoredAccess implements Access {

  private static final Duration STALE = Duration.ofMillis(900);
  private static final int REMEMBERED = 10_000;
  private static final int LONGEST_SECRET = 200;
  private static final String GIVEN_SOURCE = "segment";
  private static final int SHORTEST_GIVEN = 16;

  private final Grants grants;
  private final InstantSource clock;
  private final @Nullable SecretHash givenKey;
  private final @Nullable SecretHash givenToken;
  private final LoadingCache<SecretHash, Optional<WriteKey>> keys;
  private final LoadingCache<SecretHash, Optional<Token>> tokens;
  private final LoadingCache<String, List<Hook>> hooks;

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
    this.hooks =
        Caffeine.newBuilder()
            .expireAfterWrite(STALE)
            .maximumSize(REMEMBERED)
            .ticker(ticker)
            .build(source -> grants.hooks(source));
  }

  @Override
  public @Nullable WriteKey writeKey(String key) {
    return possible(key) ? keys.get(SecretHash.of(key)).orElse(null) : null;
  }

  @Override
  public @Nullable Token token(String token) {
    return possible(token) ? tokens.get(SecretHash.of(token)).orElse(null) : null;
  }

  /** What webhooks of the source may prove themselves by; none: it is no webhook's. */
  public List<Hook> hooks(String source) {
    return possible(source) ? hooks.get(source) : List.of();
  }

  private static boolean possible(String secret) {
    return !secret.isEmpty() && secret.length() <= LONGEST_SECRET;
  }

  private @Nullable WriteKey loadKey(SecretHash hash) {
    return hash.equals(givenKey)
        ? grants.source(DEFAULT_SPACE, GIVEN_SOURCE)
        : grants.writeKey(hash);
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

  /** Makes a token of the space that is there from the start. */
  public Issued issueToken(String name, Scope scope) {
    return issueToken(name, DEFAULT_SPACE, scope);
  }

  public Issued issueToken(String name, String space, Scope scope) {
    String secret = Secrets.newSecret(Secrets.TOKEN_PREFIX);
    return issue(
        new Grants.Grant(
            UUID.randomUUID().toString(),
            Grants.Kind.TOKEN,
            name,
            space,
            null,
            scope,
            Secrets.hint(secret),
            clock.instant(),
            null),
        secret);
  }

  /** A new webhook and its secrets, which are shown this once; null: it has none of the kind. */
  public record IssuedHook(
      Grants.Grant grant, @Nullable String secret, @Nullable String authorization) {
    @Override
    public String toString() {
      return "IssuedHook[" + grant + "]";
    }
  }

  /**
   * Makes a webhook, and its source if there is none of that name.
   *
   * @param signed whether its bodies are signed
   * @param authorized whether its requests carry an Authorization header
   * @param givenSecret what they are signed with; null: made here
   * @param givenAuthorization the whole header; null: made here
   * @throws IllegalArgumentException if a given one is too short, or none is asked for
   */
  public IssuedHook issueHook(
      String name,
      String source,
      boolean signed,
      boolean authorized,
      @Nullable String givenSecret,
      @Nullable String givenAuthorization) {
    return issueHook(
        name,
        DEFAULT_SPACE,
        source,
        Channel.SEGMENT,
        signed,
        authorized,
        givenSecret,
        givenAuthorization);
  }

  /** The same of a source of a channel: Segment's, or an integration's, which makes notes. */
  public IssuedHook issueHook(
      String name,
      String space,
      String source,
      Channel channel,
      boolean signed,
      boolean authorized,
      @Nullable String givenSecret,
      @Nullable String givenAuthorization) {
    String secret = signed ? orNew(givenSecret, Secrets.HOOK_SECRET_PREFIX, "secret") : null;
    String authorization =
        authorized
            ? orNew(givenAuthorization, Secrets.HOOK_AUTHORIZATION_PREFIX, "Authorization")
            : null;
    String shown = secret != null ? secret : authorization;
    if (shown == null) {
      throw new IllegalArgumentException("A webhook is signed, or authorized, or both");
    }
    var grant =
        new Grants.Grant(
            UUID.randomUUID().toString(),
            Grants.Kind.HOOK,
            name,
            space,
            source,
            null,
            Secrets.hint(shown),
            clock.instant(),
            null);
    grants.createHook(
        grant,
        channel,
        secret == null ? null : secret.getBytes(StandardCharsets.UTF_8),
        authorization == null ? null : SecretHash.of(authorization));
    hooks.invalidate(source);
    return new IssuedHook(grant, secret, authorization);
  }

  private static String orNew(@Nullable String given, String prefix, String what) {
    if (given == null) {
      return Secrets.newSecret(prefix);
    }
    // One signed body is enough to try short secrets at leisure.
    if (given.length() < SHORTEST_GIVEN || given.length() > LONGEST_SECRET) {
      throw new IllegalArgumentException(
          "A webhook's %s must have %d to %d characters; it has %d"
              .formatted(what, SHORTEST_GIVEN, LONGEST_SECRET, given.length()));
    }
    return given;
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
    hooks.invalidateAll();
    return revoked;
  }
}
