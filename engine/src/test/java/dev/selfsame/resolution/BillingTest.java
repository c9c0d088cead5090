package dev.selfsame.resolution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.identity.Held;
import dev.selfsame.identity.Identifier;
import dev.selfsame.identity.IdentifierType;
import java.util.Objects;
import org.junit.jupiter.api.Test;

final class BillingTest {

  private static final String E = "ann@example.com";

  private final Ledger space = new Ledger();

  @Test
  void aCustomerOfNobodyKnownCreates() {
    assertThat(space.customer("cus_1", E).rule()).isEqualTo(Rule.S4);
    assertThat(space.customer("cus_2", null).rule()).isEqualTo(Rule.S4);
    assertThat(space.users.all()).hasSize(2);
  }

  @Test
  void aCustomerIsLinkedToTheOneUserWithItsEmail() {
    space.identify("u1", E);
    Decision decision = space.customer("cus_1", E);
    assertThat(decision.rule()).isEqualTo(Rule.S2);
    assertThat(space.customerUser("cus_1")).isEqualTo(space.user("u1"));
    assertThat(space.customer("cus_1", E).outcome()).isEqualTo(Outcome.UNCHANGED);
  }

  @Test
  void aSecondCustomerOfTheProviderIsAUserOfItsOwn() {
    space.customer("cus_1", E);
    Decision decision = space.customer("cus_2", E);
    assertThat(decision.rule()).isEqualTo(Rule.S3);
    assertThat(decision.flags()).extracting(Flag::kind).containsExactly(Flag.Kind.SAME_EMAIL);
    assertThat(space.customer(Ledger.CHARGEBEE, "cb_1", "b@example.com", null, false).rule())
        .isEqualTo(Rule.S4);
  }

  @Test
  void anotherProvidersCustomerIsLinked() {
    space.customer("cus_1", E);
    assertThat(space.customer(Ledger.CHARGEBEE, "cb_1", E, null, false).rule()).isEqualTo(Rule.S2);
  }

  @Test
  void aDeletedCustomerKeepsItsUserAndIsNotLive() {
    space.customer("cus_1", E);
    Decision decision = space.customer(Ledger.STRIPE, "cus_1", null, null, true);
    assertThat(decision.rule()).isEqualTo(Rule.S5);
    Held held = space.customerUser("cus_1").root().identifiers().getFirst();
    assertThat(held.deleted()).isTrue();
    assertThat(space.customer("cus_2", E).rule())
        .as("no live one stands against it")
        .isEqualTo(Rule.S2);
    assertThat(space.customer(Ledger.STRIPE, "cus_9", null, null, true).outcome())
        .isEqualTo(Outcome.UNCHANGED);
  }

  @Test
  void theProvidersCustomerGivesAnEventsIdItsType() {
    space.identify("u1", null, "cus_1");
    Decision decision = space.customer("cus_1", E);
    assertThat(decision.rule()).isEqualTo(Rule.S1);
    assertThat(space.customerUser("cus_1")).isEqualTo(space.user("u1"));
    assertThat(space.users.holder(new Identifier(IdentifierType.BILLING_ID, "cus_1"))).isNull();
    assertThat(Objects.requireNonNull(space.user("u1").email()).value()).as("a gap").isEqualTo(E);
  }

  @Test
  void aCustomerChangesWhatItSaidItselfUntilSomeoneIsIdentified() {
    space.customer(Ledger.STRIPE, "cus_1", E, "Ann", false);
    space.customer(Ledger.STRIPE, "cus_1", "new@example.com", "Anna", false);
    assertThat(Objects.requireNonNull(space.customerUser("cus_1").name()).value())
        .isEqualTo("Anna");
    assertThat(space.users.emailHolders(E).isEmpty()).isTrue();
    space.identify("u1", "new@example.com");
    space.customer(Ledger.STRIPE, "cus_1", "third@example.com", "Annie", false);
    assertThat(Objects.requireNonNull(space.user("u1").name()).value()).isEqualTo("Anna");
  }

  @Test
  void aCustomerWithoutAnIdIsRejected() {
    assertThat(space.customer(" ", E).reason()).isEqualTo(Reason.NO_RECORD_ID);
  }
}
