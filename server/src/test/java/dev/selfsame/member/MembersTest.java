package dev.selfsame.member;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.selfsame.access.Actor;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.member.Members.Opened;
import dev.selfsame.store.StoredMembers;
import dev.selfsame.testing.TestDatabase;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

final class MembersTest {
  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();

  private static final String PASSWORD = "correct horse battery";
  private static final String HOME = "192.0.2.1";
  private static final Actor ADMIN = new Actor("member:ann@example.com", HOME);

  private Instant now = TestDatabase.NOW;
  private final AtomicLong nanos = new AtomicLong();
  private Members members = members();

  private Members members() {
    return new Members(new StoredMembers(hub.open()), () -> now, nanos::get);
  }

  @BeforeEach
  void empty() {
    hub.sql("TRUNCATE selfsame.member CASCADE; TRUNCATE selfsame.sign_in_link, selfsame.act");
    members = members();
  }

  private void later(Duration time) {
    now = now.plus(time);
    nanos.addAndGet(time.toNanos());
  }

  private Opened ann() {
    return members.enter(members.firstLink(), "Ann@Example.com", "Ann", PASSWORD, HOME);
  }

  private static void refused(ThrowingCallable call, Problem problem) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            Failure.class, failure -> assertThat(failure.problem()).isEqualTo(problem));
  }

  @Test
  void the_first_becomes_an_admin_by_a_link_that_works_once() {
    assertThat(members.none()).isTrue();
    String link = members.firstLink();
    String other = members.firstLink();
    assertThat(members.invited(link)).isNull();

    Opened ann = members.enter(link, " Ann@Example.com ", "Ann", PASSWORD, HOME);

    assertThat(ann.member().email()).isEqualTo("ann@example.com");
    assertThat(ann.member().role()).isEqualTo(MemberRole.ADMIN);
    assertThat(members.none()).isFalse();
    assertThat(Objects.requireNonNull(members.signed(ann.cookie())).member())
        .isEqualTo(ann.member());
    for (String used : List.of(link, other, "nonsense", "x".repeat(43))) {
      refused(
          () -> members.enter(used, "eve@example.com", "Eve", PASSWORD, HOME),
          Problem.LINK_UNUSABLE);
    }
    assertThat(hub.rows("SELECT act, actor FROM selfsame.act"))
        .containsExactly("first_member|member:ann@example.com");
  }

  @Test
  void two_who_set_up_at_once_are_one_admin_and_one_refusal() {
    List<String> links = List.of(members.firstLink(), members.firstLink());
    AtomicInteger entered = new AtomicInteger();
    AtomicInteger refused = new AtomicInteger();
    CompletableFuture.allOf(
            links.stream()
                .map(link ->
                    CompletableFuture.runAsync(() -> {
                      try {
                        members.enter(link, link.hashCode() + "@example.com", "A", PASSWORD, HOME);
                        entered.incrementAndGet();
                      } catch (Failure e) {
                        refused.incrementAndGet();
                      }
                    }))
                .toArray(CompletableFuture<?>[]::new))
        .join();
    assertThat(List.of(entered.get(), refused.get())).containsExactly(1, 1);
    assertThat(members.list()).hasSize(1);
  }

  @Test
  void a_link_ends_after_a_week() {
    String link = members.firstLink();
    later(Members.LINK_LASTS);
    refused(() -> members.invited(link), Problem.LINK_UNUSABLE);
  }

  @Test
  void what_cannot_be_taken_is_named_and_the_link_still_works() {
    String link = members.firstLink();
    for (String[] bad :
        List.of(
            new String[] {"email", "ann", "Ann", PASSWORD},
            new String[] {"email", "@example.com", "Ann", PASSWORD},
            new String[] {"name", "ann@example.com", "  ", PASSWORD},
            new String[] {"password", "ann@example.com", "Ann", "short"},
            new String[] {"password", "ann@example.com", "Ann", "x".repeat(201)},
            new String[] {"password", "ann@example.com", "Ann", "ANN@example.com"})) {
      assertThatThrownBy(() -> members.enter(link, bad[1], bad[2], bad[3], HOME))
          .isInstanceOfSatisfying(
              BadEntry.class, entry -> assertThat(entry.field()).isEqualTo(bad[0]));
    }
    assertThat(members.enter(link, "ann@example.com", "Ann", PASSWORD, HOME)).isNotNull();
  }

  @Test
  void a_password_is_kept_as_argon2id_alone() {
    ann();
    assertThat(hub.rows("SELECT password FROM selfsame.member"))
        .singleElement()
        .asString()
        .startsWith("$argon2id$v=19$m=19456,t=2,p=1$");
  }

  @Test
  void signing_in_takes_email_and_password() {
    ann();
    assertThat(members.signIn(" ANN@example.com", PASSWORD, HOME).member().name()).isEqualTo("Ann");
    refused(
        () -> members.signIn("ann@example.com", "wrong password", HOME), Problem.SIGN_IN_REFUSED);
    refused(() -> members.signIn("bob@example.com", PASSWORD, HOME), Problem.SIGN_IN_REFUSED);
    refused(
        () -> members.signIn("ann@example.com", "x".repeat(100_000), HOME),
        Problem.SIGN_IN_REFUSED);
  }

  @Test
  void who_is_wrong_too_often_waits() {
    ann();
    for (int i = 0; i < Members.MOST_TRIES; i++) {
      refused(
          () -> members.signIn("ann@example.com", "wrong password", HOME), Problem.SIGN_IN_REFUSED);
    }
    refused(() -> members.signIn("ann@example.com", PASSWORD, HOME), Problem.TOO_MANY_TRIES);
    assertThat(members.signIn("ann@example.com", PASSWORD, "192.0.2.2")).isNotNull();
    later(Members.TRIES_LAST);
    assertThat(members.signIn("ann@example.com", PASSWORD, HOME)).isNotNull();
  }

  @Test
  void a_session_ends_unused_or_old_or_by_signing_out() {
    String cookie = ann().cookie();
    for (int day = 0; day < 59; day += 13) {
      assertThat(members.signed(cookie)).as("day %d", day).isNotNull();
      later(Duration.ofDays(13));
    }
    assertThat(members.signed(cookie)).as("60 days old").isNull();

    String unused = members.signIn("ann@example.com", PASSWORD, HOME).cookie();
    later(Members.UNUSED.plusSeconds(1));
    assertThat(members.signed(unused)).as("unused for two weeks").isNull();

    String left = members.signIn("ann@example.com", PASSWORD, HOME).cookie();
    members.signOut(left);
    assertThat(members.signed(left)).as("signed out").isNull();
    assertThat(members.signed("nonsense")).isNull();
  }

  @Test
  void an_invited_member_chooses_a_password_and_has_its_role_at_once() {
    ann();
    String link = members.invite("bob@example.com", "Bob", MemberRole.VIEWER, ADMIN);
    refused(() -> members.signIn("bob@example.com", "", HOME), Problem.SIGN_IN_REFUSED);
    assertThat(Objects.requireNonNull(members.invited(link)).email()).isEqualTo("bob@example.com");
    Opened bob = members.enter(link, "other@example.com", "Bobby", PASSWORD, HOME);
    assertThat(bob.member().email()).isEqualTo("bob@example.com");
    assertThat(bob.member().role()).isEqualTo(MemberRole.VIEWER);

    members.setRole(bob.member().id(), MemberRole.OPERATOR, ADMIN);
    assertThat(Objects.requireNonNull(members.signed(bob.cookie())).member().role())
        .isEqualTo(MemberRole.OPERATOR);
    members.remove(bob.member().id(), ADMIN);
    assertThat(members.signed(bob.cookie())).isNull();
    refused(() -> members.signIn("bob@example.com", PASSWORD, HOME), Problem.SIGN_IN_REFUSED);
    assertThat(members.invite("bob@example.com", "Bob", MemberRole.VIEWER, ADMIN)).isNotNull();
    assertThat(hub.rows("SELECT act FROM selfsame.act"))
        .containsExactlyInAnyOrder(
            "first_member",
            "invite_member",
            "set_password",
            "change_role",
            "remove_member",
            "invite_member");
  }

  @Test
  void a_new_link_replaces_the_password_and_ends_sessions() {
    Opened ann = ann();
    String link = members.anew(ann.member().id(), ADMIN);
    assertThat(members.signed(ann.cookie())).isNotNull();
    Opened again = members.enter(link, "", "Ann", "another password", HOME);
    assertThat(members.signed(ann.cookie())).isNull();
    assertThat(members.signed(again.cookie())).isNotNull();
    refused(() -> members.signIn("ann@example.com", PASSWORD, HOME), Problem.SIGN_IN_REFUSED);
    assertThat(hub.rows("SELECT act, actor, details ->> 'email' FROM selfsame.act"))
        .containsExactlyInAnyOrder(
            "first_member|member:ann@example.com|ann@example.com",
            "renew_link|" + ADMIN.by() + "|ann@example.com",
            "set_password|member:ann@example.com|ann@example.com");
  }

  @Test
  void the_last_admin_stays_one() {
    Opened ann = ann();
    members.invite("bob@example.com", "Bob", MemberRole.ADMIN, ADMIN);
    refused(() -> members.setRole(ann.member().id(), MemberRole.VIEWER, ADMIN), Problem.LAST_ADMIN);
    refused(() -> members.remove(ann.member().id(), ADMIN), Problem.LAST_ADMIN);
    refused(
        () -> members.invite("ANN@example.com", "Ann", MemberRole.VIEWER, ADMIN),
        Problem.MEMBER_EXISTS);
    refused(() -> members.remove(new UUID(1, 2), ADMIN), Problem.UNKNOWN_MEMBER);
    refused(() -> members.anew(new UUID(1, 2), ADMIN), Problem.UNKNOWN_MEMBER);
  }
}
