package dev.selfsame.resolution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.identity.Field;
import dev.selfsame.identity.Merge;
import dev.selfsame.identity.Part;
import dev.selfsame.identity.Stated;
import dev.selfsame.identity.User;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a user of many parts shows, folded from what they say today, against a model that kept the
 * shown name by hand from claim to claim. The seed is the test's argument.
 */
final class FoldTest {

  private static final int USERS = 6;

  private final Ledger space = new Ledger();

  /** The name that each live user shows, and the one that each part said last. */
  private final Map<UUID, Stated> shown = new HashMap<>();

  private final Map<UUID, Stated> own = new HashMap<>();

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void theFoldShowsWhatTheModelShows(int seed) {
    for (int run = 0; run < 5; run++) {
      Random random = new Random(seed * 1_000L + run);
      FoldTest fresh = new FoldTest();
      for (int step = 0; step < 40; step++) {
        fresh.step(random);
        fresh.compare("seed " + seed + ", run " + run + ", step " + step);
      }
    }
  }

  private void step(Random random) {
    String name = "name " + space.position;
    String u = "u" + random.nextInt(USERS);
    String c = "cus_" + random.nextInt(USERS);
    space.happened(1 + random.nextInt(60));
    switch (random.nextInt(8)) {
      case 0, 1, 2 -> {
        Decision decision = space.named(u, name);
        stated(decision, space.user(u), name, false);
      }
      case 3, 4, 5 -> {
        Decision decision = space.customer(Ledger.STRIPE, c, null, name, false);
        stated(decision, space.customerUser(c), name, true);
      }
      case 6 -> rule(random);
      default -> byHand(random);
    }
  }

  private void stated(Decision decision, User user, String name, boolean weak) {
    UUID part = Objects.requireNonNull(decision.part());
    long at = space.lastAt;
    Field now = new Field(name, at, space.position, weak ? 2 : 1, weak);
    Stated before = shown.get(user.id());
    Stated said = own.get(part);
    if (wins(now, before, user) && wins(now, said, user)) {
      shown.put(user.id(), now);
      own.put(part, now);
    }
  }

  private static boolean wins(Field now, @Nullable Stated before, User user) {
    return before == null
        || (now.outranks(before) && (!now.weak() || (before.weak() && !user.identified())));
  }

  /**
   * Merges by a CSV row that names one user by its id and another by its customer: the higher name
   * shows.
   */
  private void rule(Random random) {
    List<User> all = new ArrayList<>(space.users.all());
    if (all.size() < 2) {
      return;
    }
    User one = all.get(random.nextInt(all.size()));
    User other = all.get(random.nextInt(all.size()));
    if ((one.identified() && other.identified())
        || other.billingId() == null
        || one.equals(other)) {
      return;
    }
    Decision decision =
        space.row(
            one.id().toString(), "", "", "", Objects.requireNonNull(other.billingId()).value());
    if (decision.outcome() == Outcome.MERGED) {
      Stated a = shown.remove(one.id());
      Stated b = shown.remove(other.id());
      Stated higher = a == null || (b != null && b.outranks(a)) ? b : a;
      if (higher != null) {
        shown.put(decision.users().getFirst().id(), higher);
      }
    }
  }

  /** Merges by hand or by alias: a chosen user's name shows. */
  private void byHand(Random random) {
    List<User> all = new ArrayList<>(space.users.all());
    if (all.size() < 2) {
      return;
    }
    User one = all.get(random.nextInt(all.size()));
    User other = all.get(random.nextInt(all.size()));
    if (one.equals(other)) {
      return;
    }
    boolean pick = random.nextBoolean();
    User survivor = random.nextBoolean() ? one : other;
    User loser = survivor.equals(one) ? other : one;
    Decision decision =
        space.mergeByHand(survivor, pick ? Map.of(User.NAME, loser.id()) : Map.of(), one, other);
    assertThat(decision.outcome()).isEqualTo(Outcome.MERGED);
    Stated a = shown.remove(survivor.id());
    Stated b = shown.remove(loser.id());
    Stated chosen = pick ? (b == null ? a : b) : (a == null ? b : a);
    if (chosen != null) {
      shown.put(survivor.id(), chosen);
    }
  }

  private void compare(String where) {
    for (User user : space.users.all()) {
      Field name = user.name();
      if (!Objects.equals(name, shown.get(user.id()))) {
        throw new AssertionError(
            "%s: %s shows %s, not %s".formatted(where, user, name, shown.get(user.id())));
      }
      for (Merge merge : where.endsWith("9") ? user.merges() : List.<Merge>of()) {
        List<User> sides = user.without(merge);
        List<Part> parts = new ArrayList<>(sides.getFirst().parts());
        parts.addAll(sides.getLast().parts());
        if (parts.size() != user.parts().size() || !parts.containsAll(user.parts())) {
          throw new AssertionError("%s: %s falls into %s".formatted(where, user, sides));
        }
        sides.forEach(User::showing);
      }
    }
  }
}
