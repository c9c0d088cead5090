package dev.selfsame.resolution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Held;
import dev.selfsame.identity.Identifier;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.Merge;
import dev.selfsame.identity.Part;
import dev.selfsame.identity.User;
import java.util.ArrayList;
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
import org.junit.jupiter.api.Test;

/** What holds after any history of claims, whatever they say. */
final class HistoriesTest {

  private static final Set<Rule> NO_ROW = Set.of(Rule.K0, Rule.S0, Rule.R0, Rule.C0);
  private static final Set<Outcome> REFUSED = Set.of(Outcome.SKIPPED, Outcome.REJECTED);

  @Test
  void invariantsHoldAfterEveryClaim() {
    Histories.forAll(
        40_000,
        Histories::any,
        history ->
            play(
                history,
                (before, claim, decision, after) -> {
                  if (!after.broken().isEmpty()) {
                    throw new AssertionError(claim + ": " + after.broken());
                  }
                }));
  }

  @Test
  void everyDecisionIsOfOneKind() {
    Histories.forAll(
        5_000,
        Histories::any,
        history ->
            play(
                history,
                (before, claim, decision, after) -> {
                  assertThat(NO_ROW).as(claim).doesNotContain(decision.rule());
                  assertThat(decision.flags())
                      .as(claim)
                      .noneMatch(flag -> flag.kind() == Flag.Kind.NO_ROW);
                  boolean refused = REFUSED.contains(decision.outcome());
                  assertThat(decision.reason() != null)
                      .as("%s: a reason where refused, and only there", claim)
                      .isEqualTo(refused);
                  if (refused) {
                    assertThat(decision.users()).as("%s: refused", claim).isEmpty();
                  }
                  if (decision.outcome() == Outcome.UNCHANGED) {
                    assertThat(shown(after)).as("%s: unchanged", claim).isEqualTo(shown(before));
                  }
                  boolean merged =
                      decision.users().stream()
                          .anyMatch(user ->
                              user.merges().stream()
                                  .anyMatch(merge -> merge.position() == after.position));
                  assertThat(decision.outcome() == Outcome.MERGED)
                      .as("%s: merged", claim)
                      .isEqualTo(merged);
                  boolean created = after.created > before.created;
                  assertThat(decision.outcome() == Outcome.CREATED && !decision.users().isEmpty())
                      .as("%s: created", claim)
                      .isEqualTo(created);
                }));
  }

  @Test
  void theSameClaimAgainChangesNothing() {
    Histories.forAll(
        10_000,
        Histories::any,
        history ->
            play(
                history,
                (before, claim, decision, after) -> {
                  Space again = after.copy();
                  Decision second = again.apply(Histories.claim(claim));
                  if (!again.all().containsAll(after.all())
                      || again.all().size() != after.all().size()) {
                    throw new AssertionError(
                        "%s%nsecond: %s %s%n%s%n%s"
                            .formatted(
                                claim,
                                second.outcome(),
                                second.rule().code(),
                                Notation.show(after),
                                Notation.show(again)));
                  }
                }));
  }

  /**
   * I3: nothing but a claim to that very part, a moved record or an erasure takes an identifier
   * from a user.
   */
  @Test
  void whatFoundAUserFindsItOn() {
    Histories.forAll(
        10_000,
        Histories::any,
        history ->
            play(
                history,
                (before, claim, decision, after) -> {
                  for (User user : before.all()) {
                    if (decision.erased().contains(user.id())) {
                      continue;
                    }
                    for (Part part : user.parts()) {
                      for (Held held : part.identifiers()) {
                        boolean email = held.type().equals(IdentifierType.EMAIL);
                        boolean mayGo =
                            email
                                ? !held.current() || part.id().equals(decision.part())
                                : decision.flags().stream()
                                    .anyMatch(flag -> flag.kind() == Flag.Kind.RECORD_MOVED);
                        if (!mayGo && !finds(after, held.id(), part.id())) {
                          throw new AssertionError(
                              "%s: %s no longer finds %s"
                                  .formatted(claim, held.id(), Space.label(part.id())));
                        }
                      }
                    }
                  }
                }));
  }

  private static boolean finds(Space space, Identifier identifier, UUID part) {
    User now = space.users.user(part);
    if (now == null) {
      return false;
    }
    if (identifier.type().equals(IdentifierType.EMAIL)) {
      var holders = space.users.emailHolders(identifier.value());
      return holders.idless().contains(now) || holders.identified().contains(now);
    }
    if (identifier.type().kind() == IdentifierType.Kind.BILLING) {
      return space
          .users
          .billingHolders(new Identifier(IdentifierType.BILLING_ID, identifier.value()))
          .contains(now);
    }
    return now.equals(space.users.holder(identifier));
  }

  /**
   * Undo drops the merge's row: both sides are again what they were, but for what the merging claim
   * itself said.
   */
  @Test
  void droppingAMergeRestoresBothSides() {
    Histories.forAll(
        10_000,
        Histories::any,
        history ->
            play(
                history,
                (before, claim, decision, after) -> {
                  if (decision.outcome() != Outcome.MERGED) {
                    return;
                  }
                  for (User user : decision.users()) {
                    List<Merge> made =
                        user.merges().stream()
                            .filter(merge -> merge.position() == after.position)
                            .toList();
                    if (made.isEmpty()) {
                      continue;
                    }
                    for (User side : sides(user, made)) {
                      User was = before.users.user(side.id());
                      boolean told =
                          decision.part() != null
                              && side.parts().stream()
                                  .anyMatch(p -> p.id().equals(decision.part()));
                      if (was != null && !told && !side.equals(was)) {
                        throw new AssertionError(
                            "%s: restored %s%nwas %s".formatted(claim, side, was));
                      }
                    }
                  }
                }));
  }

  /** The users that the parts would be if these merges had not been. */
  private static List<User> sides(User user, List<Merge> without) {
    Map<UUID, UUID> up = new HashMap<>();
    List<Merge> rest = new ArrayList<>(user.merges());
    rest.removeAll(without);
    rest.forEach(merge -> up.put(merge.absorbed(), merge.survivor()));
    Map<UUID, List<Part>> parts = new LinkedHashMap<>();
    for (Part part : user.parts()) {
      parts.computeIfAbsent(top(up, part.id()), key -> new ArrayList<>()).add(part);
    }
    List<User> sides = new ArrayList<>();
    parts.forEach((id, own) ->
        sides.add(
            User.of(
                id,
                own,
                rest.stream().filter(merge -> top(up, merge.absorbed()).equals(id)).toList())));
    return sides;
  }

  private static UUID top(Map<UUID, UUID> up, UUID id) {
    UUID top = id;
    for (UUID next = up.get(top); next != null; next = up.get(top)) {
      top = next;
    }
    return top;
  }

  @Test
  void claimsThatShareNothingCommute() {
    int[] compared = {0};
    Histories.forAll(
        10_000,
        Histories::any,
        history -> {
          Random random = new Random(history.hashCode());
          Space space = new Space();
          history.forEach(line -> play(space, line));
          String first = Histories.anyClaim(random);
          String second = Histories.anyClaim(random);
          Recording one = record(space, first);
          Recording other = record(space, second);
          if (one.sharesWith(other)) {
            return;
          }
          compared[0]++;
          Space there = space.copy();
          play(there, first);
          play(there, second);
          Space back = space.copy();
          play(back, second);
          play(back, first);
          if (!nameless(there).equals(nameless(back))) {
            throw new AssertionError(
                "%s, %s%n%s%n%s".formatted(first, second, nameless(there), nameless(back)));
          }
        });
    assertThat(compared[0]).as("pairs that share nothing").isGreaterThan(500);
  }

  private static Recording record(Space space, String claim) {
    Recording recording = new Recording(space.users);
    space.copy().apply(Histories.claim(claim), recording);
    return recording;
  }

  /** The users by what they are, without their numbers, which tell the order of creation. */
  private static List<Set<String>> nameless(Space space) {
    return space.all().stream()
        .<Set<String>>map(user -> new TreeSet<>(Notation.show(user)))
        .sorted((a, b) -> a.toString().compareTo(b.toString()))
        .toList();
  }

  @Test
  void resolutionAsksOnlyForTheKeysOfTheClaim() {
    Histories.forAll(
        10_000,
        Histories::any,
        history -> {
          Space space = new Space();
          for (String line : history) {
            if (line.startsWith("[")) {
              Notation.fill(space, line);
            } else {
              Recording recording = new Recording(space.users);
              Claim claim = Histories.claim(line);
              space.apply(claim, recording);
              Set<String> keys = Recording.named(Keys.of(claim, space.policy));
              Set<String> beyond = new LinkedHashSet<>(recording.asked());
              beyond.removeAll(keys);
              if (!beyond.isEmpty()) {
                throw new AssertionError(line + " asked for " + beyond + " beyond " + keys);
              }
            }
          }
        });
  }

  /** Something to check after each claim. */
  private interface Step {
    void check(Space before, String claim, Decision decision, Space after);
  }

  private static void play(List<String> history, Step step) {
    Space space = new Space();
    for (String line : history) {
      if (line.startsWith("[")) {
        Notation.fill(space, line);
      } else {
        Space before = space.copy();
        Decision decision = space.apply(Histories.claim(line));
        step.check(before, line, decision, space);
      }
    }
  }

  private static void play(Space space, String line) {
    if (line.startsWith("[")) {
      Notation.fill(space, line);
    } else {
      space.apply(Histories.claim(line));
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
}
