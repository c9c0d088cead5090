package dev.selfsame.resolution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.identity.Account;
import dev.selfsame.identity.Claim;
import dev.selfsame.identity.EmailHolders;
import dev.selfsame.identity.Held;
import dev.selfsame.identity.Identifier;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.Merge;
import dev.selfsame.identity.Part;
import dev.selfsame.identity.Raw;
import dev.selfsame.identity.Stated;
import dev.selfsame.identity.User;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What holds after any history of claims, whatever they say. */
final class HistoriesTest {

  private static final Set<Rule> NO_ROW = Set.of(Rule.K0, Rule.S0, Rule.R0, Rule.C0);

  /** By alias and by hand it is not the policy that chooses. */
  private static final Set<Rule> SETTLING = Set.of(Rule.L2, Rule.M1, Rule.M3, Rule.U1);

  private static final Set<Outcome> REFUSED = Set.of(Outcome.SKIPPED, Outcome.REJECTED);

  /** Something to check after each claim. */
  private interface Step {
    void check(Space before, String claim, Decision decision, Space after);
  }

  private static void afterEveryClaim(int histories, Step step) {
    Histories.forAll(
        histories,
        Histories::any,
        history -> {
          Space space = new Space();
          play(
              space,
              history,
              claim -> {
                Space before = space.copy();
                Decision decision = space.apply(Histories.claim(claim));
                step.check(before, claim, decision, space);
              });
        });
  }

  /** Sets the switches; the claims are the caller's to apply. */
  private static void play(Space space, List<String> history, Consumer<String> claim) {
    for (String line : history) {
      if (line.startsWith("[")) {
        Notation.fill(space, line);
      } else {
        claim.accept(line);
      }
    }
  }

  @Test
  void invariantsHoldAfterEveryClaim() {
    Histories.forAll(
        40_000,
        Histories::any,
        history -> {
          Space space = new Space();
          play(
              space,
              history,
              claim -> {
                space.apply(Histories.claim(claim));
                if (!space.broken().isEmpty()) {
                  throw new AssertionError(claim + ": " + space.broken());
                }
              });
        });
  }

  /**
   * Of what a row that replaces takes away, each is this source's, nobody's choice, and unnamed.
   */
  @Test
  void rowsTakeAwayWhatTheirSourceSaidBefore() {
    afterEveryClaim(4_000, HistoriesTest::checkLinks);
  }

  private static void checkLinks(Space before, String claim, Decision decision, Space after) {
    if (!(Histories.claim(claim) instanceof Claim.WarehouseRow row) || decision.part() == null) {
      return;
    }
    Set<String> named = new HashSet<>();
    row.accounts().forEach(raw -> named.add(raw instanceof Raw.Text text ? text.value() : ""));
    for (Decision.Link link : decision.links()) {
      if (link.how() == Decision.Link.How.REMOVED) {
        assertThat(row.replacesAccounts()).as(claim).isTrue();
        assertThat(before.users.linkedBy(row.source().number(), link.part()))
            .as(claim)
            .contains(link.account());
      }
    }
    if (!row.replacesAccounts() || row.again()) {
      return;
    }
    Set<UUID> left = new HashSet<>(after.users.linkedBy(row.source().number(), decision.part()));
    named.forEach(account -> {
      Account of = after.users.account(account);
      if (of != null) {
        assertThat(after.users.linked(of.id(), decision.part())).as(claim).isTrue();
        left.remove(of.id());
      }
    });
    assertThat(left).as(claim).isEmpty();
  }

  @Test
  void everyDecisionIsWhatItSays() {
    afterEveryClaim(2_000, HistoriesTest::checkOutcome);
  }

  private static void checkOutcome(Space before, String claim, Decision decision, Space after) {
    assertThat(NO_ROW).as(claim).doesNotContain(decision.rule());
    assertThat(decision.flags()).as(claim).noneMatch(flag -> flag.kind() == Flag.Kind.NO_ROW);
    boolean refused = REFUSED.contains(decision.outcome());
    assertThat(decision.reason() != null)
        .as("%s: a reason where refused only", claim)
        .isEqualTo(refused);
    if (refused || decision.outcome() == Outcome.UNCHANGED) {
      assertThat(shown(after)).as("%s: nothing shows a change", claim).isEqualTo(shown(before));
    }
    boolean merged =
        decision.users().stream()
            .anyMatch(user ->
                user.merges().stream().anyMatch(merge -> merge.position() == after.position));
    assertThat(decision.outcome() == Outcome.MERGED).as("%s: merged", claim).isEqualTo(merged);
    boolean created = after.created > before.created;
    if (created || decision.outcome() == Outcome.CREATED) {
      assertThat(decision.outcome()).as("%s: created", claim).isEqualTo(Outcome.CREATED);
      assertThat(created || !decision.accounts().isEmpty()).as("%s: created", claim).isTrue();
    }
  }

  /** What people see, without the times of what was said. */
  private static Map<String, Set<String>> shown(Space space) {
    Map<String, Set<String>> shown = new HashMap<>();
    Notation.show(space)
        .forEach((user, words) -> {
          Set<String> bare = new HashSet<>();
          words.forEach(word -> bare.add(word.replaceFirst("\\((deleted)?.*\\)$", "$1")));
          shown.put(user, bare);
        });
    return shown;
  }

  @Test
  void theSameClaimAgainChangesNothing() {
    afterEveryClaim(4_000, HistoriesTest::checkAgain);
  }

  /** Of two external ids of a user the one that was said of a later time shows. */
  @Test
  void anIdThatDoesNotShowChangesNothingWhenItIsSaidAgain() {
    Space space = new Space();
    for (String claim :
        List.of(
            "warehouse id2 @10:02",
            "insight id3 @10:09",
            "identify id1 @10:07",
            "alias id1 -> id3 @10:01",
            "api u2 ext=id1 @10:08")) {
      Space before = space.copy();
      Decision decision = space.apply(Histories.claim(claim));
      checkAgain(before, claim, decision, space);
    }
  }

  /**
   * With merge_on_email_change off, the first K10b makes the email the user's own, so that the
   * second may merge. With match_on_billing_id on, a first K4 or K10 takes the customer of two
   * users that have the email, so that the second meets the other alone. Who creates by the Users
   * API creates anew each time: a key of the request tells a repeat.
   */
  private static void checkAgain(Space before, String claim, Decision decision, Space after) {
    Space again = after.copy();
    Decision second = again.apply(Histories.claim(claim));
    boolean same = again.all().size() == after.all().size() && again.all().containsAll(after.all());
    boolean theOther =
        Set.of(Rule.K4, Rule.K10).contains(decision.rule()) && after.policy.matchOnBillingId();
    boolean asked = decision.rule() == Rule.A8;
    if (!same && after.policy.mergeOnEmailChange() && !theOther && !asked) {
      throw new AssertionError(
          "%s: %s, then %s%n%s%n%s"
              .formatted(
                  claim,
                  decision.rule().code(),
                  second.rule().code(),
                  Notation.show(after),
                  Notation.show(again)));
    }
  }

  @Test
  void whatFindsAUserFindsItOn() {
    afterEveryClaim(4_000, HistoriesTest::checkFound);
  }

  /**
   * I3: nothing but a claim to that very part, a moved record, a caller who clears it or an erasure
   * takes an identifier from a user.
   */
  private static void checkFound(Space before, String claim, Decision decision, Space after) {
    boolean moved =
        decision.flags().stream().anyMatch(flag -> flag.kind() == Flag.Kind.RECORD_MOVED);
    if (claim.contains("=∅")) {
      return;
    }
    for (User user : before.all()) {
      for (Part part : decision.erased().contains(user.id()) ? List.<Part>of() : user.parts()) {
        for (Held held : part.identifiers()) {
          boolean email = held.type().equals(IdentifierType.EMAIL);
          boolean mayGo = email ? !held.current() || part.id().equals(decision.part()) : moved;
          if (!mayGo && !finds(after, held.id(), part.id())) {
            throw new AssertionError(
                "%s: %s no longer finds %s".formatted(claim, held.id(), Space.label(part.id())));
          }
        }
      }
    }
  }

  private static boolean finds(Space space, Identifier identifier, UUID part) {
    User now = space.users.user(part);
    if (now == null) {
      return false;
    }
    return switch (identifier.type().kind()) {
      case EMAIL -> {
        EmailHolders holders = space.users.emailHolders(identifier.value());
        yield holders.idless().contains(now) || holders.identified().contains(now);
      }
      case BILLING ->
          space
              .users
              .billingHolders(new Identifier(IdentifierType.BILLING_ID, identifier.value()))
              .contains(now);
      case EXTERNAL, RECORD, FALLBACK -> now.equals(space.users.holder(identifier));
    };
  }

  @Test
  void droppingAMergeRestoresBothSides() {
    afterEveryClaim(4_000, HistoriesTest::checkUndo);
  }

  /**
   * Both sides are again what they were, but for the one that the merging claim itself was written
   * to.
   */
  private static void checkUndo(Space before, String claim, Decision decision, Space after) {
    for (User user : decision.users()) {
      List<Merge> made =
          user.merges().stream().filter(merge -> merge.position() == after.position).toList();
      for (User side : made.isEmpty() ? List.<User>of() : without(user, made)) {
        User was = before.users.user(side.id());
        boolean told = side.parts().stream().anyMatch(part -> part.id().equals(decision.part()));
        boolean lifted =
            decision.rule() == Rule.M1
                && was != null
                && was.parts().stream().anyMatch(p -> !p.bars().isEmpty());
        if (!told && !lifted && (was == null || !undated(side).equals(undated(was)))) {
          throw new AssertionError("%s: restored %s%nwas %s".formatted(claim, side, was));
        }
      }
    }
  }

  /**
   * The user without when its billing ids were made current: the merging claim may do that anew to
   * the one that it names itself, which stays on its part (B3).
   */
  private static User undated(User user) {
    User undated = user;
    for (Part part : user.parts()) {
      undated =
          undated.with(
              part.map(held ->
                  held.type().kind() != IdentifierType.Kind.BILLING
                      ? held
                      : new Held(held.id(), "", false, held.deleted(), false, 0, 0, 0, 0, 0)));
    }
    return undated;
  }

  /** The users that the parts would be if these merges had not been. */
  private static List<User> without(User user, List<Merge> merges) {
    List<Merge> rest = new ArrayList<>(user.merges());
    rest.removeAll(merges);
    Map<UUID, UUID> up = new HashMap<>();
    rest.forEach(merge -> up.put(merge.absorbed(), merge.survivor()));
    Map<UUID, List<Part>> parts = new LinkedHashMap<>();
    for (Part part : user.parts()) {
      parts.computeIfAbsent(top(up, part.id()), key -> new ArrayList<>()).add(part);
    }
    List<User> users = new ArrayList<>();
    parts.forEach((id, own) ->
        users.add(
            User.of(
                id,
                own,
                rest.stream().filter(merge -> top(up, merge.absorbed()).equals(id)).toList())));
    return users;
  }

  private static UUID top(Map<UUID, UUID> up, UUID id) {
    UUID top = id;
    for (UUID next = up.get(top); next != null; next = up.get(top)) {
      top = next;
    }
    return top;
  }

  @Test
  void whatShowsGivesWayOnlyToWhatThePolicyPrefers() {
    int[] gaveWay = {0};
    afterEveryClaim(
        20_000,
        (before, claim, decision, after) -> {
          if (!SETTLING.contains(decision.rule()) && !claim.contains("=∅")) {
            gaveWay[0] += checkPreferred(before, claim, after);
          }
        });
    assertThat(gaveWay[0]).as("values that gave way").isGreaterThan(500);
  }

  private static int checkPreferred(Space before, String claim, Space after) {
    int gaveWay = 0;
    for (User was : before.all()) {
      User now = after.users.user(was.id());
      if (now != null) {
        gaveWay += checkPreferred(User.NAME, was, now, claim, after);
        gaveWay += checkPreferred(User.EMAIL, was, now, claim, after);
      }
    }
    return gaveWay;
  }

  /** Where several parts say the same, it stands as high as the highest. */
  private static int checkPreferred(String field, User was, User now, String claim, Space space) {
    boolean name = field.equals(User.NAME);
    Stated before = name ? was.name() : was.email();
    Stated after = name ? now.name() : now.email();
    if (before == null || (after != null && after.value().equals(before.value()))) {
      return 0;
    }
    for (Part part : now.parts()) {
      Stated said = name ? part.name() : part.current(IdentifierType.EMAIL);
      if (said != null
          && after != null
          && said.value().equals(after.value())
          && space.policy.survivorship(field).outranks(said, before)) {
        return 1;
      }
    }
    throw new AssertionError("%s: %s gave way to %s".formatted(claim, before, after));
  }

  @Test
  void claimsThatShareNothingCommute() {
    int[] compared = {0};
    Histories.forAll(
        3_000,
        Histories::any,
        history -> {
          Random random = new Random(history.hashCode());
          Space space = new Space();
          play(space, history, claim -> space.apply(Histories.claim(claim)));
          String one = Histories.anyClaim(random);
          String other = Histories.anyClaim(random);
          if (!record(space, one).sharesWith(record(space, other))) {
            compared[0]++;
            List<Set<String>> there = nameless(space, one, other);
            List<Set<String>> back = nameless(space, other, one);
            if (!there.equals(back)) {
              throw new AssertionError("%s, %s%n%s%n%s".formatted(one, other, there, back));
            }
          }
        });
    assertThat(compared[0]).as("pairs that share nothing").isGreaterThan(50);
  }

  private static Recording record(Space space, String claim) {
    Recording recording = new Recording(space.users);
    space.copy().apply(Histories.claim(claim), recording);
    return recording;
  }

  /**
   * The users after both claims by what they are, without their numbers, which tell the order of
   * creation.
   */
  private static List<Set<String>> nameless(Space space, String first, String second) {
    Space copy = space.copy();
    copy.apply(Histories.claim(first));
    copy.apply(Histories.claim(second));
    return copy.all().stream()
        .<Set<String>>map(user -> new TreeSet<>(Notation.show(user)))
        .sorted(Comparator.comparing(Set::toString))
        .toList();
  }

  @Test
  void resolutionAsksOnlyForTheKeysOfTheClaim() {
    Histories.forAll(
        4_000,
        Histories::any,
        history -> {
          Space space = new Space();
          play(
              space,
              history,
              line -> {
                Recording recording = new Recording(space.users);
                Claim claim = Histories.claim(line);
                space.apply(claim, recording);
                Set<String> beyond = new LinkedHashSet<>(recording.asked());
                beyond.removeAll(Recording.named(Keys.of(claim, space.policy)));
                if (!beyond.isEmpty()) {
                  throw new AssertionError(line + " asked for " + beyond);
                }
              });
        });
  }
}
