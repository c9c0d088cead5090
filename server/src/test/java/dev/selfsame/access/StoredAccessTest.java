package dev.selfsame.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.selfsame.identity.Channel;
import dev.selfsame.identity.Source;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class StoredAccessTest {

  private static final Instant NOW = Instant.parse("2026-11-21T21:12:00Z");

  private final Stored stored = new Stored();
  private long nanos;
  private final StoredAccess access = access(GivenSecrets.NONE);

  private StoredAccess access(GivenSecrets given) {
    return new StoredAccess(stored, given, () -> NOW, () -> nanos);
  }

  /** Grants in memory, which count how often they are asked. */
  private static final class Stored implements Grants {
    private final Map<SecretHash, Grant> grants = new HashMap<>();
    private final Map<String, Source> sources = new HashMap<>();
    private final Map<String, List<Hook>> hooks = new HashMap<>();
    private int asked;

    Stored() {
      sources.put("segment", Source.segment(1, "segment"));
    }

    @Override
    public Access.@Nullable WriteKey writeKey(SecretHash hash) {
      asked++;
      Grant grant = grants.get(hash);
      if (grant == null || grant.revokedAt() != null || grant.source() == null) {
        return null;
      }
      return source(grant.space(), grant.source());
    }

    @Override
    public Access.@Nullable Token token(SecretHash hash) {
      asked++;
      Grant grant = grants.get(hash);
      return grant != null && grant.scope() != null && grant.revokedAt() == null
          ? new Access.Token(grant.name(), grant.scope(), grant.space())
          : null;
    }

    @Override
    public Access.@Nullable WriteKey source(String space, String name) {
      Source source = sources.get(name);
      return source == null || !space.equals("default") ? null : new Access.WriteKey(space, source);
    }

    @Override
    public List<Hook> hooks(String source) {
      asked++;
      return hooks.getOrDefault(source, List.of());
    }

    @Override
    public void createHook(
        Grant grant,
        Channel channel,
        byte @Nullable [] secret,
        @Nullable SecretHash authorization) {
      String source = Objects.requireNonNull(grant.source());
      Access.WriteKey target = Objects.requireNonNull(source("default", source));
      hooks.put(source, List.of(new Hook(target, secret, authorization)));
    }

    @Override
    public List<Grant> list() {
      return new ArrayList<>(grants.values());
    }

    @Override
    public void create(Grant grant, SecretHash hash) {
      grants.put(hash, grant);
    }

    @Override
    public boolean revoke(String id, Instant at) {
      for (Map.Entry<SecretHash, Grant> entry : grants.entrySet()) {
        Grant grant = entry.getValue();
        if (grant.id().equals(id) && grant.revokedAt() == null) {
          entry.setValue(
              new Grant(
                  id,
                  grant.kind(),
                  grant.name(),
                  grant.space(),
                  grant.source(),
                  grant.scope(),
                  grant.hint(),
                  grant.createdAt(),
                  at));
          return true;
        }
      }
      return false;
    }
  }

  @Test
  void anIssuedKeyWritesToItsSource() {
    StoredAccess.Issued issued = access.issueWriteKey("web", "default", "segment");
    assertThat(issued.secret()).matches("wk_[0-9A-Za-z]{32}");
    assertThat(issued.toString()).doesNotContain(issued.secret());
    assertThat(issued.grant().hint()).hasSize(4);
    assertThat(issued.secret()).endsWith(issued.grant().hint());
    assertThat(access.writeKey(issued.secret()))
        .isEqualTo(new Access.WriteKey("default", Source.segment(1, "segment")));
    assertThat(access.token(issued.secret())).isNull();
  }

  @Test
  void anIssuedTokenHasItsScope() {
    StoredAccess.Issued issued = access.issueToken("bi", Access.Scope.READ);
    assertThat(issued.secret()).matches("sst_[0-9A-Za-z]{32}");
    assertThat(access.token(issued.secret())).isEqualTo(new Access.Token("bi", Access.Scope.READ));
    assertThat(access.writeKey(issued.secret())).isNull();
  }

  @Test
  void noTwoSecretsAreAlike() {
    assertThat(access.issueToken("a", Access.Scope.READ).secret())
        .isNotEqualTo(access.issueToken("a", Access.Scope.READ).secret());
  }

  @Test
  void aKeyForAnUnknownSourceIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> access.issueWriteKey("x", "default", "nothing"))
        .withMessage("The space default has no source nothing to write to");
  }

  @Test
  void aRevokedKeyStopsHereAtOnceAndElsewhereWithinASecond() {
    StoredAccess.Issued issued = access.issueWriteKey("web", "default", "segment");
    StoredAccess elsewhere = access(GivenSecrets.NONE);
    assertThat(elsewhere.writeKey(issued.secret())).isNotNull();
    assertThat(access.revoke(issued.grant().id())).isTrue();
    assertThat(access.revoke(issued.grant().id())).isFalse();
    assertThat(access.writeKey(issued.secret())).isNull();
    assertThat(elsewhere.writeKey(issued.secret())).isNotNull();
    nanos += Duration.ofSeconds(1).toNanos();
    assertThat(elsewhere.writeKey(issued.secret())).isNull();
  }

  @Test
  void aChangedSettingOfTheSourceCountsWithinASecond() {
    String key = access.issueWriteKey("web", "default", "segment").secret();
    access.writeKey(key);
    stored.sources.put("segment", Source.segment(1, "segment").withTrusted(false));
    nanos += Duration.ofSeconds(1).toNanos();
    assertThat(access.writeKey(key))
        .isEqualTo(new Access.WriteKey("default", Source.segment(1, "segment").withTrusted(false)));
  }

  @Test
  void theStoreIsAskedOnceASecondForAKeyAndForAWrongOne() {
    String key = access.issueWriteKey("web", "default", "segment").secret();
    for (int i = 0; i < 100; i++) {
      access.writeKey(key);
      access.writeKey("wk_wrong");
    }
    assertThat(stored.asked).isEqualTo(2);
    assertThat(access.writeKey("")).isNull();
    assertThat(access.writeKey("x".repeat(201))).isNull();
    assertThat(stored.asked).isEqualTo(2);
  }

  @Test
  void theEnvironmentsSecretsCountWithoutBeingStored() {
    GivenSecrets given =
        GivenSecrets.from(
            Map.of(
                "SELFSAME_WRITE_KEY", "given-key", "SELFSAME_TOKEN", "given-token-of-some-length"));
    StoredAccess started = access(given);
    assertThat(started.writeKey("given-key"))
        .isEqualTo(new Access.WriteKey("default", Source.segment(1, "segment")));
    assertThat(started.token("given-token-of-some-length"))
        .isEqualTo(new Access.Token("SELFSAME_TOKEN", Access.Scope.ADMIN));
    assertThat(started.token("given-key")).isNull();
    assertThat(stored.list()).isEmpty();
    assertThat(access.writeKey("given-key")).isNull();
    assertThat(given.toString()).doesNotContain("given-key", "given-token");
  }

  @Test
  void aBlankVariableIsNoneAndAShortTokenIsRefused() {
    assertThat(GivenSecrets.from(Map.of("SELFSAME_WRITE_KEY", " "))).isEqualTo(GivenSecrets.NONE);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new GivenSecrets(null, "short"))
        .withMessage("SELFSAME_TOKEN must have at least 16 characters; it has 5");
  }

  @Test
  void aHashIsTheSameInBytes() {
    SecretHash hash = SecretHash.of("abc");
    assertThat(hash.bytes()).startsWith(0xba, 0x78, 0x16, 0xbf).hasSize(32);
    assertThat(SecretHash.of(hash.bytes())).isEqualTo(hash);
  }

  @Test
  void aWebhookIsFoundByItsSourceAndShowsNoSecret() {
    assertThat(access.hooks("segment")).isEmpty();
    StoredAccess.IssuedHook issued = access.issueHook("hook", "segment", true, true, null, null);
    String secret = Objects.requireNonNull(issued.secret());
    String authorization = Objects.requireNonNull(issued.authorization());
    assertThat(secret).matches("whs_[0-9A-Za-z]{32}").endsWith(issued.grant().hint());
    assertThat(authorization).matches("Bearer wha_[0-9A-Za-z]{32}");
    Hook hook = access.hooks("segment").getFirst();
    assertThat(hook.authorizedBy(" " + authorization + " ")).isTrue();
    assertThat(hook.authorizedBy(authorization + "x")).isFalse();
    assertThat(hook.authorizedBy(null)).isFalse();
    assertThat(issued + " " + hook).doesNotContain(secret).doesNotContain(authorization);
    assertThat(access.hooks("x".repeat(201))).isEmpty();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> access.issueHook("hook", "segment", false, false, null, null));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> access.issueHook("hook", "segment", true, true, null, "x".repeat(15)))
        .withMessageContaining("it has 15");
    assertThatIllegalArgumentException().isThrownBy(() -> new Hook(hook.target(), null, null));
  }
}
