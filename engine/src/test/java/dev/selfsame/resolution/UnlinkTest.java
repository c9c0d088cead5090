package dev.selfsame.resolution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Field;
import dev.selfsame.identity.Held;
import dev.selfsame.identity.Identifier;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.Part;
import dev.selfsame.identity.User;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Taking back adoptions and links in random histories (U2). */
final class UnlinkTest {

  /**
   * Right after a claim linked its identifier to a user, taking that back leaves the user as it
   * was, and beside it what the same claim makes of a user of its own where the other is not.
   */
  @Test
  void rightAfterTheLinkItIsAsIfTheClaimHadCreatedAUser() {
    int[] undone = {0};
    Histories.forAll(
        8_000,
        Histories::any,
        history -> {
          Space space = new Space();
          for (String line : history) {
            if (line.startsWith("[")) {
              Notation.fill(space, line);
              continue;
            }
            Space before = space.copy();
            Decision decision = space.apply(Histories.claim(line));
            if (decision.rule().links() && !space.policy.uniqueEmails()) {
              undone[0] += checkOne(before, line, decision, space.copy()) ? 1 : 0;
            }
          }
        });
    assertThat(undone[0]).as("links undone").isGreaterThan(150);
  }

  private static boolean checkOne(Space before, String line, Decision decision, Space space) {
    UUID linked = Objects.requireNonNull(decision.part());
    User user = Objects.requireNonNull(before.users.user(linked));
    Identifier brought = brought(user.part(linked), decision);
    boolean limited =
        decision.flags().stream().anyMatch(flag -> flag.kind() == Flag.Kind.LIMIT_REACHED);
    if (brought == null || limited) {
      // A limit left it, or another of the claim's, out.
      return false;
    }
    Set<Identifier> named = Keys.of(Histories.claim(line), before.policy).identifiers();
    if (user.identifiers().stream().anyMatch(held -> named.contains(held.id()))) {
      // A billing id that the other has: with or without the link it stays there (B3, B5).
      return false;
    }
    Space without = before.copy();
    without.users.remove(linked);
    Decision alone = without.apply(Histories.claim(line));
    if (alone.outcome() != Outcome.CREATED) {
      return false;
    }
    UUID expectedId = Objects.requireNonNull(alone.part());
    Part expected = Objects.requireNonNull(without.users.user(expectedId)).part(expectedId);

    Decision undo = space.apply(unlink(brought, linked));
    assertThat(undo.outcome()).as("%s, then unlink %s", line, brought).isEqualTo(Outcome.UNDONE);
    UUID ownId = Objects.requireNonNull(undo.part());
    Part own = Objects.requireNonNull(space.users.user(ownId)).part(ownId);
    Part left = Objects.requireNonNull(space.users.user(linked)).part(linked);
    // A note that finds by an email does not say that it is the new user's.
    boolean unsaid = decision.rule() == Rule.P7;
    assertThat(says(own))
        .as("its own, %s", line)
        .isEqualTo(
            says(expected).stream()
                .filter(held -> !unsaid || !held.startsWith("email:"))
                .collect(Collectors.toSet()));
    assertThat(says(left)).as("what is left, %s", line).isEqualTo(says(user.part(linked)));
    assertThat(own.bars()).containsExactly(linked);
    assertThat(left.bars()).contains(ownId);
    assertThat(space.broken()).as(line).isEmpty();
    return true;
  }

  private static @Nullable Identifier brought(Part before, Decision decision) {
    for (User user : decision.users()) {
      for (Held held :
          user.contains(before.id()) ? user.part(before.id()).identifiers() : NOTHING) {
        if (before.held(held.id()) == null && !held.type().name().equals("email")) {
          return held.id();
        }
      }
    }
    return null;
  }

  private static final List<Held> NOTHING = List.of();

  private static Claim unlink(Identifier identifier, UUID user) {
    String word = Notation.word(identifier.type());
    return Histories.claim(
        "unlink %s=%s %s".formatted(word, identifier.value(), Space.label(user)));
  }

  /** What a part says, with whose word it is and since when. */
  private static Set<String> says(Part part) {
    Set<String> all = new TreeSet<>();
    for (Held held : part.identifiers()) {
      all.add(
          "%s %s current=%s deleted=%s weak=%s source=%d at=%d position=%d first=%d"
              .formatted(
                  held.id(),
                  held.display(),
                  held.current(),
                  held.deleted(),
                  held.weak(),
                  held.source(),
                  held.at(),
                  held.position(),
                  held.firstSeen()));
    }
    Field name = part.name();
    if (name != null) {
      all.add(name.toString());
    }
    return all;
  }

  /**
   * However the claims of two who were taken for one came mixed, taking that back leaves each what
   * its own claims alone would have made of it. The two never say the same: what is only repeated
   * stays whose word it was first.
   */
  @Test
  void laterClaimsGoToWhomTheyName() {
    Histories.forAll(3_000, UnlinkTest::mixed, history -> apart(ADOPTED, "ext=id1", history));
    Histories.forAll(3_000, UnlinkTest::linked, history -> apart(LINKED, "stripe=cus_1", history));
  }

  private static void apart(String beforehand, String brought, List<String> history) {
    Space both = new Space();
    Notation.fill(both, beforehand);
    Space one = both.copy();
    Space other = new Space();
    int minute = 0;
    for (String said : history) {
      String line = said + " @11:%02d".formatted(minute++);
      both.apply(Histories.claim(line));
      Space own = line.contains(" cus_1") || line.contains(" id1") ? other : one;
      own.position = both.position - 1;
      own.apply(Histories.claim(line));
    }
    both.apply(Histories.claim("unlink " + brought + " u1"));
    User left = Objects.requireNonNull(both.users.user(Space.id(1)));
    User own = Objects.requireNonNull(both.users.user(Space.id(2)));
    assertThat(values(left.root()))
        .as("%s", history)
        .isEqualTo(values(Objects.requireNonNull(one.users.user(Space.id(1))).root()));
    assertThat(values(own.root()))
        .as("%s", history)
        .isEqualTo(values(other.all().iterator().next().root()));
    assertThat(both.broken()).isEmpty();
  }

  private static Set<String> values(Part part) {
    Set<String> all = new TreeSet<>();
    for (Held held : part.identifiers()) {
      all.add(
          "%s %s current=%s by %d"
              .formatted(held.id(), held.display(), held.current(), held.source()));
    }
    Field name = part.name();
    if (name != null) {
      all.add(name.value() + " by " + name.source());
    }
    return all;
  }

  private static final String ADOPTED = "u1{zendesk=5 email=a@x.com name=Ann}";
  private static final String LINKED = "u1{ext=id2 email=a@x.com}";

  private static List<String> mixed(Random random) {
    List<String> history = new ArrayList<>();
    history.add("identify id1 email=a@x.com");
    int length = 1 + random.nextInt(12);
    while (history.size() < length) {
      boolean own = random.nextBoolean();
      history.add(
          own
              ? "identify id1"
                  + said(random, "bcd", "BCD")
                  + (random.nextInt(3) == 0 ? " billing=cus_" + random.nextInt(3) : "")
              : "row id=u1" + said(random, "rst", "RST"));
    }
    return history;
  }

  private static List<String> linked(Random random) {
    List<String> history = new ArrayList<>();
    history.add("stripe cus_1 email=a@x.com");
    int length = 1 + random.nextInt(12);
    while (history.size() < length) {
      history.add(
          random.nextBoolean()
              ? "stripe cus_1" + said(random, "bcd", "BCD")
              : "identify id2" + said(random, "rst", "RST"));
    }
    return history;
  }

  private static String said(Random random, String emails, String names) {
    String email =
        random.nextBoolean() ? "" : " email=" + emails.charAt(random.nextInt(3)) + "@x.com";
    String name = random.nextBoolean() ? "" : " name=" + names.charAt(random.nextInt(3));
    return email + name;
  }

  /** What was prepared before a claim came is not done: it would leave that claim out. */
  @Test
  void whatAClaimChangedSinceIsRefused() {
    for (String between :
        List.of("identify id1 email=b@x.com", "row id=u1 name=Cy", "identify id1 name=Bo")) {
      Space space = new Space();
      Notation.fill(space, ADOPTED);
      space.apply(Histories.claim("identify id1 email=a@x.com"));
      Claim prepared = space.known(Histories.claim("unlink ext=id1 u1"));
      space.apply(Histories.claim(between + " @11:30"));
      List<User> before = List.copyOf(space.all());
      Decision decision = space.apply(prepared);
      assertThat(decision.reason()).as(between).isEqualTo(Reason.CHANGED_SINCE);
      assertThat(space.all()).as(between).containsExactlyElementsOf(before);
      assertThat(space.apply(Histories.claim("unlink ext=id1 u1")).outcome())
          .as("prepared anew, after %s", between)
          .isEqualTo(Outcome.UNDONE);
    }
  }

  /** Nobody loses or shares an identifier, whenever it is taken back. */
  @Test
  void nothingIsLostAndNothingIsShared() {
    int[] undone = {0};
    Histories.forAll(
        2_000,
        Histories::any,
        history -> {
          Space space = new Space();
          for (String line : history) {
            if (line.startsWith("[")) {
              Notation.fill(space, line);
            } else {
              space.apply(Histories.claim(line));
            }
          }
          for (Space.Written link : List.copyOf(space.written)) {
            User user = space.users.user(link.part());
            if (!link.rule().links() || user == null) {
              continue;
            }
            for (Identifier each : link.was().identifiers().keySet()) {
              boolean here = user.part(link.part()).held(each) != null;
              if (here
                  && !each.type().name().equals("email")
                  && link.was().identifiers().get(each).isEmpty()) {
                Space then = space.copy();
                Set<Identifier> before = identifiers(then);
                Decision decision = then.apply(unlink(each, link.part()));
                assertThat(then.broken()).as("%s, unlink %s", history, each).isEmpty();
                assertThat(identifiers(then)).as("%s, unlink %s", history, each).isEqualTo(before);
                undone[0] += decision.outcome() == Outcome.UNDONE ? 1 : 0;
              }
            }
          }
        });
    assertThat(undone[0]).as("links undone").isGreaterThan(150);
  }

  private static Set<Identifier> identifiers(Space space) {
    Set<Identifier> all = new HashSet<>();
    // Emails may come: of a claim that was older than its user's the user of its own has the email.
    space.all().stream()
        .flatMap(user -> user.identifiers().stream())
        .filter(held -> !held.type().equals(IdentifierType.EMAIL))
        .forEach(held -> all.add(held.id()));
    return all;
  }
}
