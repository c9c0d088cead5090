package dev.selfsame.resolution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Field;
import dev.selfsame.identity.Held;
import dev.selfsame.identity.Raw;
import dev.selfsame.identity.User;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class CsvTest {

  private static final String E = "ann@example.com";

  private final Ledger space = new Ledger();

  @Test
  void importingWhatWasExportedChangesNothing() {
    space.customer(Ledger.STRIPE, "cus_1", E, "Ann", false);
    space.identify("u1", E);
    space.identify("u2", E);
    for (User user : space.users.all()) {
      Decision decision =
          space.row(
              user.id().toString(),
              blankOr(user.externalId()),
              blankOr(user.name()),
              blankOr(user.email()),
              blankOr(user.billingId()));
      assertThat(decision.rule()).isEqualTo(Rule.C1);
      assertThat(decision.outcome()).isEqualTo(Outcome.UNCHANGED);
      assertThat(decision.users()).isEmpty();
    }
  }

  @Test
  void keysNameTheirUser() {
    space.identify("u1", E, "cus_1");
    assertThat(space.row("", "u1", "Ann", "", "").rule()).isEqualTo(Rule.C2);
    assertThat(space.row("", "", "Anna", "", "cus_1").rule()).isEqualTo(Rule.C3);
    assertThat(space.row("", "", "Annie", E, "").rule()).isEqualTo(Rule.C4);
    assertThat(space.row("", "", "Bob", "bob@example.com", "").rule()).isEqualTo(Rule.C5);
    assertThat(blankOr(space.user("u1").name())).isEqualTo("Annie");
  }

  @Test
  void anEmailsUserIsLeftAloneIfTheKeysContradict() {
    space.identify("u1", E, "cus_1");
    Decision decision = space.row("", "u2", "", E, "");
    assertThat(decision.rule()).isEqualTo(Rule.C5);
    assertThat(decision.flags()).extracting(Flag::kind).containsExactly(Flag.Kind.SAME_EMAIL);
    assertThat(space.row("", "", "", E, "").reason()).isEqualTo(Reason.AMBIGUOUS_EMAIL);
  }

  @Test
  void keysThatNameSeveralUsersMergeThem() {
    User first = space.customer("cus_1", E).users().getFirst();
    space.identify("u1");
    Decision decision = space.row("", "u1", "Ann", "", "cus_1");
    assertThat(decision.rule()).isEqualTo(Rule.C6);
    assertThat(decision.outcome()).isEqualTo(Outcome.MERGED);
    assertThat(space.user("u1").id()).isEqualTo(first.id());
    assertThat(blankOr(space.user("u1").name())).isEqualTo("Ann");
  }

  @Test
  void whatStandsAgainstARowIsNamed() {
    space.identify("u1", null, "cus_1");
    space.identify("u2", null, "cus_2");
    User u1 = space.user("u1");
    assertThat(space.row("", "u1", "", "", "cus_2").reason())
        .isEqualTo(Reason.DIFFERENT_EXTERNAL_IDS);
    space.customer("cus_3", null);
    assertThat(space.row("", "u1", "", "", "cus_3").reason())
        .isEqualTo(Reason.DIFFERENT_BILLING_IDS);
    assertThat(space.row("", "u3", "", "", "cus_1").reason()).isEqualTo(Reason.EXTERNAL_ID_FIXED);
    assertThat(space.row("nobody", "", "Ann", "", "").reason()).isEqualTo(Reason.UNKNOWN_ID);
    assertThat(space.row("", "", "Ann", "", "").reason()).isEqualTo(Reason.NO_KEY);
    assertThat(space.row("", "u1", "", "ann", "").reason()).isEqualTo(Reason.VALUE_MALFORMED);
    assertThat(space.row("", "null", "", E, "").reason()).isEqualTo(Reason.VALUE_BLOCKED);
    assertThat(space.user("u1")).isEqualTo(u1);
  }

  @Test
  void inAUniqueSpaceATakenEmailIsARowError() {
    space.policy =
        new Policy(
            1,
            true,
            true,
            false,
            false,
            Set.of(),
            BlockedValues.DEFAULT,
            List.of(),
            Policy.Limits.DEFAULT);
    space.identify("u1", E);
    space.identify("u2");
    Decision decision = space.row("", "u2", "Bob", E, "");
    assertThat(decision.reason()).isEqualTo(Reason.EMAIL_CONFLICT);
    assertThat(space.user("u2").name()).isNull();
  }

  @Test
  void aCellThatStillSaysWhatWasExportedIsLeftAlone() {
    space.identify(Ledger.APP, "u1", "new@example.com", "Anna", null);
    Decision decision =
        space.decide(
            new Claim.CsvRow(
                Ledger.SHEET,
                100 * Ledger.HOUR,
                Raw.text(space.user("u1").id().toString()),
                Raw.text("u1"),
                Raw.text("Ann"),
                Raw.text("third@example.com"),
                Raw.ABSENT,
                new Claim.CsvRow.Exported("u1", "Ann", E, null)));
    assertThat(decision.rule()).isEqualTo(Rule.C1);
    assertThat(blankOr(space.user("u1").name())).isEqualTo("Anna");
    assertThat(blankOr(space.user("u1").email())).isEqualTo("third@example.com");
  }

  private static String blankOr(@Nullable Held held) {
    return held == null ? "" : held.value();
  }

  private static String blankOr(@Nullable Field field) {
    return field == null ? "" : field.value();
  }
}
