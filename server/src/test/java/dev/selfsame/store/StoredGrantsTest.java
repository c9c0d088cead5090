package dev.selfsame.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.selfsame.access.Access;
import dev.selfsame.access.GivenSecrets;
import dev.selfsame.access.Grants;
import dev.selfsame.access.StoredAccess;
import dev.selfsame.error.Failure;
import dev.selfsame.testing.TestDatabase;
import java.time.InstantSource;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

final class StoredGrantsTest {
  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();
  private StoredGrants grants;
  private StoredAccess access;

  @BeforeEach
  void open() {
    grants = new StoredGrants(hub.open());
    access = new StoredAccess(grants, GivenSecrets.NONE, InstantSource.fixed(TestDatabase.NOW));
    hub.sql(
        "DELETE FROM selfsame.write_key; DELETE FROM selfsame.token; DELETE FROM selfsame.source"
            + " WHERE number > 3");
  }

  @Test
  void a_write_key_opens_its_source_until_it_is_revoked() {
    grants.ensureSource("default", "web", false);
    StoredAccess.Issued issued = access.issueWriteKey("site", "default", "web");
    Access.WriteKey key = Objects.requireNonNull(access.writeKey(issued.secret()));
    assertThat(key.source().name()).isEqualTo("web");
    assertThat(key.source().trusted()).isFalse();
    assertThat(access.token(issued.secret())).isNull();
    assertThat(access.revoke(issued.grant().id())).isTrue();
    assertThat(access.revoke(issued.grant().id())).isFalse();
    assertThat(access.writeKey(issued.secret())).isNull();
  }

  @Test
  void a_token_has_its_scope() {
    StoredAccess.Issued issued = access.issueToken("report", Access.Scope.READ);
    assertThat(access.token(issued.secret()))
        .isEqualTo(new Access.Token("report", Access.Scope.READ));
    assertThat(access.writeKey(issued.secret())).isNull();
  }

  @Test
  void the_list_shows_both_and_what_was_revoked_but_no_secret() {
    StoredAccess.Issued key = access.issueWriteKey("first", "default", "segment");
    StoredAccess.Issued token = access.issueToken("all", Access.Scope.ADMIN);
    access.revoke(key.grant().id());
    assertThat(access.list())
        .extracting(
            Grants.Grant::name, Grants.Grant::source, Grants.Grant::scope, Grants.Grant::revokedAt)
        .containsExactlyInAnyOrder(
            org.assertj.core.groups.Tuple.tuple("first", "segment", null, TestDatabase.NOW),
            org.assertj.core.groups.Tuple.tuple("all", null, Access.Scope.ADMIN, null));
    assertThat(hub.rows("SELECT * FROM selfsame.write_key").toString())
        .doesNotContain(key.secret().substring(4));
    assertThat(hub.rows("SELECT * FROM selfsame.token").toString())
        .doesNotContain(token.secret().substring(4));
  }

  @Test
  void a_source_keeps_its_kind_and_trust() {
    grants.ensureSource("default", "web", false);
    grants.ensureSource("default", "web", false);
    assertThatThrownBy(() -> grants.ensureSource("default", "web", true))
        .isInstanceOf(Failure.class);
    assertThatThrownBy(() -> grants.ensureSource("default", "csv", true))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("csv source already");
    assertThat(hub.rows("SELECT number FROM selfsame.source WHERE name = 'web'"))
        .containsExactly("4");
  }

  @Test
  void what_is_done_once_is_done_once() {
    assertThat(grants.first("first token")).isTrue();
    assertThat(new StoredGrants(hub.open()).first("first token")).isFalse();
  }
}
