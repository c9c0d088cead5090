package dev.selfsame.resolution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.identity.Claim;
import dev.selfsame.identity.User;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When what a flag says is so, kind by kind; docs/rules.md has the same as a table. */
final class FlagsTest {

  /** What it says is so of the users on the left, and no longer of those on the right. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          email_conflict        | email:a@x.com    | u1{ext=id1} u2{ext=id2 email=a@x.com} | u1{ext=id1} u2{ext=id2 email=b@x.com}
          email_conflict        | email:a@x.com    | u1{ext=id1} u2{ext=id2 email=a@x.com} | u1{ext=id1 email=a@x.com} u2{ext=id2 email=a@x.com}
          billing_conflict      |                  | u1{ext=id1 stripe=cus_1} u2{stripe=cus_2} | u1{ext=id1 stripe=cus_1} u2{stripe=cus_2(deleted)}
          billing_id_in_use     | billing_id:cus_1 | u1{ext=id1} u2{billing=cus_1} | u1{ext=id1} u2{ext=id2}
          billing_id_in_use     | billing_id:cus_1 | u1{ext=id1} u2{stripe=cus_1} | u1{ext=id1 stripe=cus_1} u2{ext=id2}
          unverified_match      |                  | u1{ext=id1} u2{stripe=cus_1} | u1{ext=id1 stripe=cus_1}+u2{zendesk=5}
          kept_apart            |                  | u1{ext=id1 bars=u2} u2{stripe=cus_1} | u1{ext=id1} u2{stripe=cus_1}
          record_moved          | zendesk_id:5     | u1{ext=id1 zendesk=5} u2{ext=id2} | u1{ext=id1} u2{ext=id2 zendesk=5}
          record_merged         | zendesk_id:5     | u1{ext=id1 zendesk=5} u2{ext=id2} | u1{ext=id1 zendesk=5}+u2{ext=id2}
          id_case_differs       | external_id:id1  | u1{ext=id1} u2{ext=ID1} | u1{ext=id1} u2{ext=id2}
          same_fallback         | zendesk_id:5     | u1{ext=id1} u2{zendesk=5} | u1{ext=id1 zendesk=5} u2{ext=id2}
          limit_reached         |                  | u1{ext=id1} u2{ext=id2} | u1{ext=id1}+u2{ext=id2}
          alias_conflict        |                  | u1{ext=id1} u2{ext=id2} | u1{ext=id1}+u2{ext=id2}
          undo_conflict         | external_id:id9  | u1{ext=id1} u2{ext=id2} | u1{ext=id1}+u2{ext=id2}
          ambiguous_user        |                  | u1{ext=id1} u2{ext=id2} | u1{ext=id1}+u2{ext=id2}
          ambiguous_fallback    |                  | u1{ext=id1} u2{ext=id2} | u1{ext=id1}+u2{ext=id2}
          no_row                |                  | u1{ext=id1} u2{ext=id2} | u1{ext=id1}+u2{ext=id2}
          same_email            | email:a@x.com    | u1{ext=id1} u2{ext=id2} | u1{ext=id1 bars=u2} u2{ext=id2}
          """)
  void itClosesWhenWhatItSaysIsNoLongerSo(
      String kind, @Nullable String about, String open, String closed) {
    assertThat(stands(kind, about, open, 2)).as("open").isTrue();
    assertThat(stands(kind, about, closed, 2)).as("closed").isFalse();
    assertThat(stands(kind, about, "u1{ext=id1}+u2{ext=id2}", 2)).as("one user").isFalse();
    assertThat(stands(kind, about, "", 2)).as("erased").isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          billing_id_unverified | billing_id:cus_1 | u1{ext=id1 billing=cus_1} | u1{ext=id1 stripe=cus_1}
          id_case_differs       | external_id:id1  | u1{ext=ID1} | u1{ext=id1 ext+ID1}
          missing_billing_id    |                  | u1{ext=id1} | u1{ext=id1 stripe=cus_1}
          limit_reached         |                  | u1{ext=id1} |
          """)
  void oneOfOneUserDoesToo(
      String kind, @Nullable String about, String open, @Nullable String closed) {
    assertThat(stands(kind, about, open, 1)).as("open").isTrue();
    assertThat(stands(kind, about, closed == null ? "" : closed, 1)).as("closed").isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "billing_conflict, true",
    "unverified_match, true",
    "record_merged, true",
    "alias_conflict, true",
    "email_conflict, false",
    "kept_apart, false",
    "limit_reached, false"
  })
  void keepingApartAnswersWhetherTheyAreOne(String kind, boolean answered) {
    assertThat(answered(kind, "u1{ext=id1 bars=u2} u2{ext=id2}", 2)).isEqualTo(answered);
    assertThat(answered(kind, "u1{ext=id1 bars=u2} u2{ext=id2} u3{ext=id3}", 3)).isFalse();
    assertThat(answered(kind, "u1{ext=id1} u2{ext=id2}", 2)).isFalse();
  }

  private static boolean answered(String kind, String users, int named) {
    Space space = new Space();
    Notation.fill(space, users);
    return Flags.answeredByKeepingApart(flag(kind, null, named), space.users::user);
  }

  private static Flag flag(String kind, @Nullable String about, int named) {
    List<UUID> ids = new ArrayList<>();
    for (int user = 1; user <= named; user++) {
      ids.add(Space.id(user));
    }
    return new Flag(
        Flag.Kind.valueOf(kind.toUpperCase(Locale.ROOT)),
        ids,
        about == null ? null : Notation.identifier(about));
  }

  private static boolean stands(String kind, @Nullable String about, String users, int named) {
    Space space = new Space();
    if (!users.isEmpty()) {
      Notation.fill(space, users);
    }
    return Flags.stands(flag(kind, about, named), space.users::user);
  }

  /**
   * Otherwise it would be closed by the next change of its users that has nothing to do with it.
   */
  @Test
  void whatAClaimFlagsIsSoRightAfter() {
    int[] flagged = {0};
    Histories.forAll(
        20_000,
        Histories::any,
        history -> {
          Space space = new Space();
          for (String line : history) {
            if (line.startsWith("[")) {
              Notation.fill(space, line);
              continue;
            }
            Claim claim = Histories.claim(line);
            Decision decision = space.apply(claim);
            for (Flag flag : decision.flags()) {
              if (notTaken(space, decision, flag)) {
                continue;
              }
              flagged[0]++;
              if (flag.kind().stored() && !Flags.stands(flag, space.users::user)) {
                throw new AssertionError(line + ": " + flag + " of " + Notation.show(space));
              }
            }
          }
        });
    assertThat(flagged[0]).isGreaterThan(1_000);
  }

  /**
   * A customer that the claim named counted against joining, but belongs to a third user or was one
   * too many; an email that was replaced still matches where the policy says so.
   */
  private static boolean notTaken(Space space, Decision decision, Flag flag) {
    return switch (flag.kind()) {
      case BILLING_CONFLICT ->
          decision.flags().stream()
              .anyMatch(other ->
                  other.kind() == Flag.Kind.BILLING_ID_IN_USE
                      || other.kind() == Flag.Kind.LIMIT_REACHED);
      case EMAIL_CONFLICT, SAME_FALLBACK -> space.policy.matchPreviousEmails();
      default -> false;
    };
  }

  @Test
  void barsAreSymmetricAndLiftedWhole() {
    Histories.forAll(
        4_000,
        Histories::any,
        history -> {
          Space space = new Space();
          for (String line : history) {
            if (line.startsWith("[")) {
              Notation.fill(space, line);
              continue;
            }
            Decision decision = space.apply(Histories.claim(line));
            for (User user : space.all()) {
              user.parts()
                  .forEach(part ->
                      part.bars()
                          .forEach(bar -> {
                            User other = space.users.user(bar);
                            if (other != null && !other.part(bar).bars().contains(part.id())) {
                              throw new AssertionError(line + ": one-sided bar");
                            }
                            if (user.equals(other)) {
                              throw new AssertionError(line + ": barred from itself");
                            }
                          }));
            }
            if (decision.rule() == Rule.M2 && decision.reason() == null) {
              boolean lift = line.startsWith("lift");
              List<User> named = new ArrayList<>();
              for (String word : Notation.words(line)) {
                if (word.matches("u\\d+")) {
                  named.add(space.users.user(Space.id(Integer.parseInt(word.substring(1)))));
                }
              }
              for (User one : named) {
                for (User other : named) {
                  if (!one.equals(other) && Guard.barred(one, other) == lift) {
                    throw new AssertionError(line + ": " + Notation.show(space));
                  }
                }
              }
            }
          }
        });
  }
}
