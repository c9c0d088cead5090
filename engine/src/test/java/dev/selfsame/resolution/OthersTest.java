package dev.selfsame.resolution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.selfsame.identity.EmailHolders;
import dev.selfsame.identity.User;
import java.util.List;
import org.junit.jupiter.api.Test;

final class OthersTest {

  private static final String E = "ann@example.com";

  private final Ledger space = new Ledger();

  @Test
  void oneMoreThanTheOneKnownMakesSeveral() {
    User import1 = space.customer("cus_1", E).users().getFirst();
    EmailHolders holders = new EmailHolders(List.of(import1), List.of(), true, false);
    assertThat(Others.of(holders, E, null, null).m0()).isEqualTo(2);
    assertThat(Others.of(holders, E, null, null).only()).isNull();
  }

  @Test
  void someoneUnknownAloneIsNotEnoughToDecideBy() {
    User import1 = space.customer("cus_1", E).users().getFirst();
    assertThatThrownBy(
            () -> Others.of(new EmailHolders(List.of(), List.of(), true, false), E, null, null))
        .isInstanceOf(StaleMatches.class);
    EmailHolders holders = new EmailHolders(List.of(import1), List.of(), true, false);
    assertThatThrownBy(() -> Others.of(holders, E, import1, null)).isInstanceOf(StaleMatches.class);
  }

  @Test
  void theOneMoreMayBeTheClaimsOwnUser() {
    space.identify("u1", E);
    space.identify("u2", E);
    EmailHolders holders = new EmailHolders(List.of(), List.of(space.user("u2")), false, true);
    assertThatThrownBy(() -> Others.of(holders, E, space.user("u1"), null))
        .isInstanceOf(StaleMatches.class);
    assertThat(Others.of(holders, E, null, null).m1()).isEqualTo(2);
  }

  @Test
  void theClaimsOwnUserIsNoOther() {
    space.identify("u1", E);
    Others others = Others.of(space.users.emailHolders(E), E, space.user("u1"), null);
    assertThat(others.none()).isTrue();
  }
}
