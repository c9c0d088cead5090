package dev.selfsame.resolution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Field;
import dev.selfsame.identity.Held;
import dev.selfsame.identity.Identifier;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.Raw;
import dev.selfsame.identity.Source;
import dev.selfsame.identity.Stated;
import dev.selfsame.identity.User;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class SegmentTest {

  private static final String E = "ann@example.com";

  private final Ledger space = new Ledger();

  @Test
  void anUnknownIdCreates() {
    Decision decision = space.identify("u1", E, "cus_1");
    assertThat(decision.rule()).isEqualTo(Rule.K3);
    assertThat(decision.outcome()).isEqualTo(Outcome.CREATED);
    assertThat(decision.checks()).containsExactly(Rule.B2);
    assertThat(decision.part()).isEqualTo(space.user("u1").id());
    assertThat(value(space.user("u1").email())).isEqualTo(E);
    assertThat(value(space.user("u1").billingId())).isEqualTo("cus_1");
    assertThat(space.identify("u2").rule()).isEqualTo(Rule.K1);
  }

  @Test
  void aRepeatAtTheSameTimeWritesNothing() {
    Claim said =
        new Claim.Identify(
            Ledger.APP,
            Ledger.HOUR,
            Raw.text("u1"),
            Raw.text("Ann"),
            Raw.text(E),
            Raw.text("cus_1"),
            Raw.ABSENT);
    space.decide(said);
    Decision again = space.decide(said);
    assertThat(again.rule()).isEqualTo(Rule.K9);
    assertThat(again.outcome()).isEqualTo(Outcome.UNCHANGED);
    assertThat(again.users()).isEmpty();
    assertThat(again.part()).isEqualTo(space.user("u1").id());
  }

  @Test
  void aLaterRepeatMovesTimesAlone() {
    space.identify(Ledger.APP, "u1", E, "Ann", "cus_1");
    User before = space.user("u1");
    Decision later = space.identify(Ledger.APP, "u1", E, "Ann", "cus_1");
    assertThat(later.outcome()).isEqualTo(Outcome.UNCHANGED);
    User after = space.user("u1");
    assertThat(after.externalId()).isEqualTo(before.externalId());
    for (Stated said :
        Stream.of(after.name(), after.email(), after.billingId())
            .map(Objects::requireNonNull)
            .toList()) {
      assertThat(said.at()).isEqualTo(2 * Ledger.HOUR);
    }
    assertThat(value(after.email())).isEqualTo(E);
    assertThat(value(after.billingId())).isEqualTo("cus_1");
    assertThat(after.root().createdAt()).isEqualTo(before.root().createdAt());
  }

  @Test
  void aRepeatOnALaterDayMovesLastSeen() {
    space.identify("u1", E, "cus_1");
    space.position = 30;
    Decision later = space.identify("u1", E, "cus_1");
    assertThat(later.outcome()).isEqualTo(Outcome.UNCHANGED);
    assertThat(later.users()).hasSize(1);
    for (Held held : space.user("u1").identifiers()) {
      assertThat(held.lastSeen()).isEqualTo(31 * Ledger.HOUR);
      assertThat(held.firstSeen()).isEqualTo(Ledger.HOUR);
    }
  }

  @Test
  void anImportIsAdopted() {
    space.customer("cus_1", E);
    Decision decision = space.identify("u1", E);
    assertThat(decision.rule()).isEqualTo(Rule.K4);
    assertThat(decision.outcome()).isEqualTo(Outcome.UPDATED);
    assertThat(space.users.all()).hasSize(1);
    assertThat(space.customerUser("cus_1")).isEqualTo(space.user("u1"));
  }

  @Test
  void anotherCustomerIsNotAdopted() {
    space.customer("cus_1", E);
    Decision decision = space.identify("u1", E, "cus_2");
    assertThat(decision.rule()).isEqualTo(Rule.K4B);
    assertThat(decision.checks()).containsExactly(Rule.G2, Rule.B2);
    assertThat(kinds(decision))
        .containsExactlyInAnyOrder(Flag.Kind.BILLING_CONFLICT, Flag.Kind.SAME_EMAIL);
    assertThat(space.users.all()).hasSize(2);
  }

  @Test
  void anImportAndAnIdentifiedUserAreMergedIntoTheOneCreatedFirst() {
    User imported = only(space.customer("cus_1", E));
    space.identify("u1");
    Decision decision = space.identify("u1", E);
    assertThat(decision.rule()).isEqualTo(Rule.K10);
    assertThat(decision.outcome()).isEqualTo(Outcome.MERGED);
    User user = space.user("u1");
    assertThat(user.id()).isEqualTo(imported.id());
    assertThat(value(user.externalId())).isEqualTo("u1");
    assertThat(decision.part()).isNotEqualTo(user.id());
    assertThat(space.users.all()).containsExactly(user);
  }

  @Test
  void aMergeThatChangesTheEmailReplacesItAndTheImportsStays() {
    space.customer("cus_1", "imported@example.com");
    space.identify("u1", E);
    space.identify("u1", "imported@example.com");
    assertThat(space.users.emailHolders(E).isEmpty()).as("replaced (G1)").isTrue();
    space.identify("u1", "third@example.com");
    assertThat(space.users.emailHolders("imported@example.com").identified()).hasSize(1);
    assertThat(value(space.user("u1").email())).isEqualTo("third@example.com");
  }

  @Test
  void twoCustomersAreNotMerged() {
    space.customer("cus_1", E);
    space.identify("u1", null, "cus_2");
    Decision decision = space.identify("u1", E);
    assertThat(decision.rule()).isEqualTo(Rule.K10B);
    assertThat(kinds(decision)).containsExactly(Flag.Kind.BILLING_CONFLICT, Flag.Kind.SAME_EMAIL);
    assertThat(value(space.user("u1").email())).isEqualTo(E);
  }

  @Test
  void withTheSwitchOffAChangeOfEmailMergesNothing() {
    space.policy = policy(false, false, false, Set.of());
    space.customer("cus_1", "b@example.com");
    space.identify("u1", E);
    Decision decision = space.identify("u1", "b@example.com");
    assertThat(decision.rule()).isEqualTo(Rule.K10B);
    assertThat(kinds(decision)).containsExactly(Flag.Kind.SAME_EMAIL);
    assertThat(decision.checks()).isEmpty();
  }

  @Test
  void manyWithTheEmail() {
    space.identify("u1", E);
    assertThat(space.identify("u2", E).rule()).isEqualTo(Rule.K5);
    assertThat(space.identify("u2", E).rule()).isEqualTo(Rule.K11);
    assertThat(space.customer("cus_1", E).rule()).isEqualTo(Rule.S3);
    assertThat(space.identify("u3", E).rule()).isEqualTo(Rule.K6);
    assertThat(space.identify("u3", E).rule()).isEqualTo(Rule.K12);
    assertThat(space.customer("cus_2", E).rule()).isEqualTo(Rule.S3);
    assertThat(space.identify("u4", E).rule()).isEqualTo(Rule.K8);
    assertThat(space.identify("u4", E).rule()).isEqualTo(Rule.K14);
  }

  @Test
  void severalImportsAreNeitherAdoptedNorMerged() {
    space.customer("cus_1", E);
    space.customer("cus_2", E);
    assertThat(space.identify("u1", E).rule()).isEqualTo(Rule.K7);
    space.identify("u1", "other@example.com");
    assertThat(space.identify("u1", E).rule()).isEqualTo(Rule.K13);
  }

  @Test
  void theBillingIdDecidesBetweenSeveralImportsIfThePolicySaysSo() {
    space.policy = policy(false, true, true, Set.of());
    space.customer("cus_1", E);
    space.customer("cus_2", E);
    assertThat(space.identify("u1", E, "cus_2").rule()).isEqualTo(Rule.K4);
    assertThat(space.customerUser("cus_2")).isEqualTo(space.user("u1"));
  }

  @Test
  void anOlderEmailIsNoEmail() {
    space.happened(50).identify("u1", E);
    space.customer("cus_1", "old@example.com");
    Decision late = space.happened(40).identify("u1", "old@example.com");
    assertThat(late.rule()).isEqualTo(Rule.K2);
    assertThat(late.checks()).containsExactly(Rule.K20);
    assertThat(late.outcome()).isEqualTo(Outcome.UNCHANGED);
  }

  @Test
  void unusableIdsAreRejectedByName() {
    assertThat(space.identify(" ").reason()).isEqualTo(Reason.NO_USER_ID);
    assertThat(space.identify("null").rule()).isEqualTo(Rule.K16);
    assertThat(space.identify("x".repeat(401)).reason()).isEqualTo(Reason.ID_TOO_LONG);
    assertThat(space.identify("x\0").reason()).isEqualTo(Reason.ID_MALFORMED);
    assertThat(space.users.all()).isEmpty();
  }

  @Test
  void anUnusableEmailIsLeftOutWithAWarning() {
    Decision decision = space.identify("u1", "ann");
    assertThat(decision.rule()).isEqualTo(Rule.K1);
    assertThat(decision.checks()).containsExactly(Rule.K17);
    assertThat(decision.warnings())
        .containsExactly(new Decision.Warning(Decision.Warning.Kind.VALUE_MALFORMED, "email"));
  }

  @Test
  void anErasedIdIsSkippedAndAnErasedEmailStruck() {
    space.users.suppress(Identifier.externalId("u1"));
    space.users.suppress(Identifier.email(E));
    assertThat(space.identify("u1", E).reason()).isEqualTo(Reason.SUPPRESSED);
    Decision decision = space.identify("u2", E);
    assertThat(decision.rule()).isEqualTo(Rule.K1);
    assertThat(decision.checks()).containsExactly(Rule.K22);
  }

  @Test
  void inAUniqueSpaceASecondUserGoesWithoutTheEmail() {
    space.policy = policy(true, true, false, Set.of());
    space.identify("u1", E);
    Decision decision = space.identify("u2", E);
    assertThat(decision.rule()).isEqualTo(Rule.K5);
    assertThat(decision.checks()).containsExactly(Rule.G3);
    assertThat(kinds(decision)).containsExactly(Flag.Kind.EMAIL_CONFLICT);
    assertThat(space.user("u2").email()).isNull();
  }

  @Test
  void someoneElsesBillingIdIsNotAssigned() {
    space.identify("u1", null, "cus_1");
    Decision decision = space.identify("u2", null, "cus_1");
    assertThat(decision.checks()).containsExactly(Rule.B5);
    assertThat(kinds(decision)).containsExactly(Flag.Kind.BILLING_ID_IN_USE);
    assertThat(space.user("u2").billingId()).isNull();
  }

  @Test
  void anotherBillingIdBecomesCurrentAndTheOldOneStillMatches() {
    space.policy = policy(false, true, false, Set.of(IdentifierType.STRIPE_ID));
    space.customer("cus_1", E);
    space.identify("u1", E);
    Decision decision = space.identify("u1", null, "cus_2");
    assertThat(decision.checks()).containsExactly(Rule.B4, Rule.B6);
    assertThat(value(space.user("u1").billingId())).isEqualTo("cus_2");
    assertThat(space.customer("cus_2", E).rule()).isEqualTo(Rule.S1);
    assertThat(space.customerUser("cus_1")).isEqualTo(space.user("u1"));
    assertThat(value(space.user("u1").billingId(IdentifierType.STRIPE_ID))).isEqualTo("cus_2");
    assertThat(space.user("u1").identifiers().stream().filter(Held::current))
        .as("one billing id current")
        .filteredOn(held -> held.type().kind() == IdentifierType.Kind.BILLING)
        .hasSize(1);
  }

  @Test
  void anUntrustedSourceFillsGapsAndJoinsNobody() {
    Source browser = Ledger.APP.withTrusted(false);
    space.customer("cus_1", E);
    Decision decision = space.identify(browser, "u1", E, "Ann", "cus_1");
    assertThat(decision.rule()).isEqualTo(Rule.K4B);
    assertThat(kinds(decision)).contains(Flag.Kind.UNVERIFIED_MATCH);
    Decision again = space.identify(browser, "u1", "else@example.com", "Eve", "cus_9");
    assertThat(again.outcome()).isEqualTo(Outcome.UNCHANGED);
    assertThat(text(space.user("u1").name())).isEqualTo("Ann");
    assertThat(space.user("u1").billingId()).isNull();
  }

  @Test
  void anEventsWordOutranksARecords() {
    space.customer(Ledger.STRIPE, "cus_1", E, "Stripe's Ann", false);
    space.happened(1).identify(Ledger.APP, "u1", E, "Ann", null);
    assertThat(text(space.user("u1").name())).isEqualTo("Ann");
    space.customer(Ledger.STRIPE, "cus_1", "new@example.com", "Stripe's Ann", false);
    assertThat(text(space.user("u1").name())).isEqualTo("Ann");
    assertThat(value(space.user("u1").email())).isEqualTo(E);
  }

  @Test
  void aliasJoinsWhatTheTwoIdsName() {
    space.named("old", "Ann");
    space.named("new", "Anna");
    Decision decision = space.happened(1).alias("old", "new");
    assertThat(decision.rule()).isEqualTo(Rule.L2);
    User user = space.user("new");
    assertThat(user).isEqualTo(space.user("old"));
    assertThat(value(user.externalId())).isEqualTo("new");
    assertThat(text(user.name())).isEqualTo("Anna");
    assertThat(space.alias("old", "new").rule()).isEqualTo(Rule.L1);
    assertThat(space.alias("new", "newer").rule()).isEqualTo(Rule.L3);
    assertThat(value(space.user("old").externalId())).isEqualTo("newer");
    assertThat(space.alias("nobody", "new").reason()).isEqualTo(Reason.ALIAS_UNKNOWN);
    assertThat(space.alias("null", "new").rule()).isEqualTo(Rule.L5);
    assertThat(space.identify("old").checks()).containsExactly(Rule.K21);
  }

  @Test
  void groupsLinkUsersToAccounts() {
    Decision first = space.group("acme", "u1", "Acme");
    assertThat(first.rule()).isEqualTo(Rule.H1);
    assertThat(first.checks()).containsExactly(Rule.K1);
    assertThat(first.links()).hasSize(1);
    assertThat(space.group("acme", "u1", "Acme").outcome()).isEqualTo(Outcome.UNCHANGED);
    assertThat(space.group("acme", null, "Acme Inc").outcome()).isEqualTo(Outcome.UPDATED);
    assertThat(space.group("globex", null, null).outcome()).isEqualTo(Outcome.CREATED);
    assertThat(space.group(" ", "u1", null).reason()).isEqualTo(Reason.NO_GROUP_ID);
    assertThat(space.group("acme", "null", null).rule()).isEqualTo(Rule.K16);
  }

  @Test
  void deleteErasesWhereTheSourceMay() {
    space.identify("u1", E);
    assertThat(delete(Ledger.APP, "u1").reason()).isEqualTo(Reason.NOT_ALLOWED);
    Source webhook = Ledger.APP.withMayErase(true);
    assertThat(delete(webhook.withTrusted(false), "u1").reason())
        .isEqualTo(Reason.UNTRUSTED_SOURCE);
    User user = space.user("u1");
    Decision decision = delete(webhook, "u1");
    assertThat(decision.outcome()).isEqualTo(Outcome.ERASED);
    assertThat(decision.erased()).containsExactly(user.id());
    assertThat(delete(webhook, "u2").outcome()).isEqualTo(Outcome.UNCHANGED);
    assertThat(space.identify("u2").rule()).isEqualTo(Rule.K22);
  }

  @Test
  void otherEventsIdentifyNobody() {
    Decision decision = space.decide(new Claim.Event(Ledger.APP, 0, "track"));
    assertThat(decision.rule()).isEqualTo(Rule.K18);
    assertThat(decision.recorded()).isFalse();
  }

  @Test
  void theFirstUsableBillingTraitCounts() {
    Decision decision =
        space.decide(
            new Claim.Identify(
                Ledger.APP,
                1,
                Raw.text("u1"),
                Raw.ABSENT,
                Raw.ABSENT,
                Raw.text("null"),
                Raw.text("cus_1")));
    assertThat(decision.checks()).containsExactly(Rule.B7, Rule.B2);
    assertThat(value(space.user("u1").billingId())).isEqualTo("cus_1");
  }

  @Test
  void atTheLimitTheOneTooManyIsLeftOut() {
    space.policy =
        new Policy(
            1,
            false,
            true,
            false,
            false,
            Set.of(),
            BlockedValues.DEFAULT,
            List.of(),
            new Policy.Limits(100, 2, 400, 320));
    space.identify("u1", E);
    Decision decision = space.identify("u1", "b@example.com");
    assertThat(decision.checks()).containsExactly(Rule.G7);
    assertThat(kinds(decision)).containsExactly(Flag.Kind.LIMIT_REACHED);
    assertThat(value(space.user("u1").email())).isEqualTo(E);
  }

  private Decision delete(Source source, String userId) {
    return space.decide(new Claim.Delete(source, 1, Raw.text(userId)));
  }

  private static Policy policy(
      boolean unique, boolean mergeOnChange, boolean onBilling, Set<IdentifierType> providers) {
    return new Policy(
        1,
        unique,
        mergeOnChange,
        onBilling,
        false,
        providers,
        BlockedValues.DEFAULT,
        List.of(),
        Policy.Limits.DEFAULT);
  }

  private static User only(Decision decision) {
    assertThat(decision.users()).hasSize(1);
    return decision.users().getFirst();
  }

  private static List<Flag.Kind> kinds(Decision decision) {
    return decision.flags().stream().map(Flag::kind).toList();
  }

  private static @Nullable String value(@Nullable Held held) {
    return held == null ? null : held.value();
  }

  private static @Nullable String text(@Nullable Field field) {
    return field == null ? null : field.value();
  }
}
