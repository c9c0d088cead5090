package dev.selfsame.resolution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.identity.Identifier;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.User;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class GuardTest {

  private final Ledger space = new Ledger();
  private final User import1 = only(space.customer("cus_1", null));
  private final User import2 = only(space.customer("cus_2", null));
  private final User chargebee = only(space.customer(Ledger.CHARGEBEE, "cb_1", null, null, false));
  private final User identified = only(space.identify("u1"));

  @Test
  void aRuleJoinsNoTwoExternalIds() {
    User other = only(space.identify("u2"));
    assertThat(merge(identified, other)).isEqualTo(Verdict.TWO_EXTERNAL_IDS);
    assertThat(guard(Policy.DEFAULT, true).alias(identified, other, null))
        .isEqualTo(Verdict.ALLOWED);
    assertThat(merge(identified, import1)).isEqualTo(Verdict.ALLOWED);
  }

  @Test
  void norTwoCustomersOfOneProvider() {
    assertThat(merge(import1, import2)).isEqualTo(Verdict.TWO_CUSTOMERS);
    assertThat(merge(import1, chargebee)).isEqualTo(Verdict.ALLOWED);
    space.customer(Ledger.STRIPE, "cus_2", null, null, true);
    assertThat(merge(import1, space.customerUser("cus_2")))
        .as("a deleted customer is not live")
        .isEqualTo(Verdict.ALLOWED);
  }

  @Test
  void theClaimsOwnBillingIdCountsAsItsUsers() {
    Identifier same = new Identifier(IdentifierType.STRIPE_ID, "cus_1");
    Identifier unknown = new Identifier(IdentifierType.BILLING_ID, "cus_9");
    assertThat(merge(identified, import1, same)).isEqualTo(Verdict.ALLOWED);
    assertThat(merge(identified, import1, unknown)).isEqualTo(Verdict.TWO_CUSTOMERS);
    assertThat(guard(Policy.DEFAULT, true).adopt(import1, unknown))
        .isEqualTo(Verdict.TWO_CUSTOMERS);
    assertThat(guard(Policy.DEFAULT, false).adopt(import1, unknown))
        .as("someone's word counts for nothing")
        .isEqualTo(Verdict.UNTRUSTED);
  }

  @Test
  void anIdOfUnknownProviderMayBeAnyProviders() {
    User app = only(space.identify("u3", null, "cus_9"));
    assertThat(merge(app, import1)).isEqualTo(Verdict.TWO_CUSTOMERS);
    assertThat(merge(app, chargebee)).isEqualTo(Verdict.TWO_CUSTOMERS);
    assertThat(Guard.customerOf(app, IdentifierType.STRIPE_ID)).isTrue();
    assertThat(Guard.customerOf(chargebee, IdentifierType.STRIPE_ID)).isFalse();
  }

  @Test
  void norWhoIsKeptApartAbsorbedOnesIncluded() {
    User barred = identified.with(identified.root().withBars(Set.of(import1.id())));
    User unbarred = import1.with(import1.root().withBars(Set.of(identified.id())));
    assertThat(merge(barred, import1)).isEqualTo(Verdict.KEPT_APART);
    assertThat(merge(unbarred, identified)).isEqualTo(Verdict.KEPT_APART);
    space.users.put(barred);
    space.record("z1", "u1", null);
    space.mergeByHand(null, Map.of(), chargebee, space.user("u1"));
    assertThat(merge(space.user("u1"), import1)).isEqualTo(Verdict.KEPT_APART);
  }

  @Test
  void norBeyondTheLimits() {
    assertThat(guard(limits(0, 1_000), true).merge(identified, import1, null))
        .isEqualTo(Verdict.LIMIT_REACHED);
    assertThat(guard(limits(1, 2), true).merge(identified, import1, null))
        .isEqualTo(Verdict.ALLOWED);
    assertThat(guard(limits(1, 1), true).merge(identified, import1, null))
        .isEqualTo(Verdict.LIMIT_REACHED);
    assertThat(guard(limits(1, 1), true).adopt(import1, null)).isEqualTo(Verdict.LIMIT_REACHED);
  }

  @Test
  void theClausesAreAskedInTheirOrder() {
    User barred = import1.with(import1.root().withBars(Set.of(import2.id(), new UUID(1, 1))));
    assertThat(guard(limits(0, 0), false).merge(barred, import2, null))
        .isEqualTo(Verdict.TWO_CUSTOMERS);
    assertThat(guard(limits(0, 0), false).merge(identified, import2, null))
        .isEqualTo(Verdict.LIMIT_REACHED);
  }

  private static Verdict merge(User ours, User theirs) {
    return merge(ours, theirs, null);
  }

  private static Verdict merge(User ours, User theirs, @Nullable Identifier claimed) {
    return guard(Policy.DEFAULT, true).merge(ours, theirs, claimed);
  }

  private static Guard guard(Policy policy, boolean trusted) {
    return new Guard(policy, Ledger.APP.withTrusted(trusted));
  }

  private static Policy limits(int merges, int identifiers) {
    return new Policy(
        1,
        false,
        true,
        false,
        false,
        Set.of(),
        BlockedValues.DEFAULT,
        List.of(),
        new Policy.Limits(merges, identifiers, 400, 320));
  }

  private static User only(Decision decision) {
    return decision.users().getFirst();
  }
}
