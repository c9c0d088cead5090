package dev.selfsame.resolution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.Merge;
import dev.selfsame.identity.Part;
import dev.selfsame.identity.User;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class ByHandTest {

  private final Ledger space = new Ledger();

  @Test
  void fieldsComeFromTheSurvivorAndGapsFromTheOthersInOrderOfCreation() {
    space.identify(Ledger.APP, "u1", null, null, "cus_1");
    space.identify(Ledger.APP, "u2", "b@example.com", "Bob", "cus_2");
    space.identify(Ledger.APP, "u3", "c@example.com", "Cid", null);
    User first = space.user("u1");
    Decision decision =
        space.mergeByHand(null, Map.of(), space.user("u3"), first, space.user("u2"));
    assertThat(decision.rule()).isEqualTo(Rule.M1);
    User user = space.user("u3");
    assertThat(user.id()).isEqualTo(first.id());
    assertThat(user).isEqualTo(space.user("u2"));
    assertThat(Objects.requireNonNull(user.externalId()).value()).isEqualTo("u1");
    assertThat(Objects.requireNonNull(user.name()).value()).isEqualTo("Bob");
    assertThat(Objects.requireNonNull(user.email()).value()).isEqualTo("b@example.com");
    assertThat(Objects.requireNonNull(user.billingId()).value()).isEqualTo("cus_1");
    assertThat(user.merges()).extracting(Merge::ordinal).containsExactly(0, 1);

    User without2 = user.without(user.merges().getFirst()).getFirst();
    assertThat(Objects.requireNonNull(without2.name()).value())
        .as("what the one that left had filled is filled by the next")
        .isEqualTo("Cid");
  }

  @Test
  void aPersonMayChooseTheSurvivorAndTheFields() {
    space.identify(Ledger.APP, "u1", "a@example.com", "Ann", "cus_1");
    space.identify(Ledger.APP, "u2", "b@example.com", "Bob", "cus_2");
    User u1 = space.user("u1");
    User u2 = space.user("u2");
    space.mergeByHand(u2, Map.of(User.NAME, u1.id(), "billing_id", u1.id()), u1, u2);
    User user = space.user("u1");
    assertThat(user.id()).isEqualTo(u2.id());
    assertThat(Objects.requireNonNull(user.externalId()).value()).isEqualTo("u2");
    assertThat(Objects.requireNonNull(user.name()).value()).isEqualTo("Ann");
    assertThat(Objects.requireNonNull(user.email()).value()).isEqualTo("b@example.com");
    assertThat(Objects.requireNonNull(user.billingId()).value()).isEqualTo("cus_1");
    assertThat(Objects.requireNonNull(user.billingId(IdentifierType.BILLING_ID)).value())
        .isEqualTo("cus_1");
    space.named("u2", "Bobby");
    assertThat(Objects.requireNonNull(space.user("u1").name()).value())
        .as("a later claim wins")
        .isEqualTo("Bobby");
  }

  @Test
  void mergingLiftsTheBarsBetweenThem() {
    space.identify("u1");
    space.identify("u2");
    User u1 = space.user("u1");
    User u2 = space.user("u2");
    space.users.put(u1.with(u1.root().withBars(Set.of(u2.id(), new UUID(9, 9)))));
    space.users.put(u2.with(u2.root().withBars(Set.of(u1.id()))));
    assertThat(space.alias("u1", "u2").flags())
        .extracting(Flag::kind)
        .containsExactly(Flag.Kind.ALIAS_CONFLICT, Flag.Kind.KEPT_APART);
    space.mergeByHand(null, Map.of(), u1, u2);
    assertThat(space.user("u1").part(u1.id()).bars()).containsExactly(new UUID(9, 9));
    assertThat(space.user("u1").part(u2.id()).bars()).isEmpty();
  }

  @Test
  void whatMakesNoSenseIsRefused() {
    space.identify("u1");
    space.identify("u2");
    User u1 = space.user("u1");
    User u2 = space.user("u2");
    User nobody = User.of(Part.created(new UUID(9, 9), 1, 1));
    assertThat(space.mergeByHand(null, Map.of(), u1).reason()).isEqualTo(Reason.SAME_USER);
    assertThat(space.mergeByHand(null, Map.of(), u1, u1).reason()).isEqualTo(Reason.SAME_USER);
    assertThat(space.mergeByHand(null, Map.of(), u1, nobody).reason())
        .isEqualTo(Reason.UNKNOWN_USER);
    space.mergeByHand(null, Map.of(), u1, u2);
    space.identify("u3");
    assertThat(space.mergeByHand(null, Map.of(), u2, space.user("u3")).reason())
        .isEqualTo(Reason.ABSORBED_USER);
  }
}
