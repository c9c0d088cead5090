package dev.selfsame.resolution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.identity.Field;
import dev.selfsame.identity.Held;
import dev.selfsame.identity.Part;
import dev.selfsame.identity.User;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Merges, undo, moves, keeping apart and erasing among random claims, against a small model of what
 * the rules say.
 */
final class UndoTest {

  /** A user as it was created: what was said to it, and whom it is part of. */
  private static final class Base {
    final Set<String> identifiers = new TreeSet<>();
    final Set<Integer> bars = new TreeSet<>();
    @Nullable String name;
  }

  /**
   * A merge of the model.
   *
   * @param record of R1b: what its claim would move instead, and to whom
   */
  private record Made(
      int survivor, int absorbed, List<int[]> lifted, @Nullable String record, int to) {}

  /**
   * The rules for identifies without email, aliases, Zendesk records, and everything that a person
   * does, as sets of created users.
   */
  private static final class Model {
    final Map<Integer, Base> bases = new LinkedHashMap<>();
    final Set<String> suppressed = new HashSet<>();
    int created;
    final List<Made> merges = new ArrayList<>();
    final List<Made> live = new ArrayList<>();

    int create(String... identifiers) {
      Base base = new Base();
      base.identifiers.addAll(List.of(identifiers));
      bases.put(++created, base);
      return created;
    }

    Base base(int number) {
      Base base = bases.get(number);
      if (base == null) {
        throw new AssertionError("No user " + number);
      }
      return base;
    }

    int holder(String identifier) {
      for (Map.Entry<Integer, Base> each : bases.entrySet()) {
        if (each.getValue().identifiers.contains(identifier)) {
          return each.getKey();
        }
      }
      return 0;
    }

    int root(int base) {
      for (Made merge : live) {
        if (merge.absorbed() == base) {
          return root(merge.survivor());
        }
      }
      return base;
    }

    List<Integer> group(int root) {
      return bases.keySet().stream().filter(base -> root(base) == root).toList();
    }

    Set<String> identifiers(int root) {
      Set<String> all = new TreeSet<>();
      group(root).forEach(base -> all.addAll(base(base).identifiers));
      return all;
    }

    boolean identified(int root) {
      return identifiers(root).stream().anyMatch(one -> one.startsWith("external_id"));
    }

    boolean barred(int one, int other) {
      List<Integer> theirs = group(other);
      return group(one).stream()
          .anyMatch(base -> theirs.stream().anyMatch(base(base).bars::contains));
    }

    void merge(int survivor, int absorbed, List<int[]> lifted, @Nullable String record, int to) {
      Made made = new Made(survivor, absorbed, lifted, record, to);
      merges.add(made);
      live.add(made);
    }

    void mergeFirst(int one, int other, @Nullable String record, int to) {
      merge(Math.min(one, other), Math.max(one, other), List.of(), record, to);
    }

    void moveTo(String identifier, int base) {
      bases.values().forEach(each -> each.identifiers.remove(identifier));
      base(base).identifiers.add(identifier);
    }

    void identify(String id, @Nullable String name) {
      if (suppressed.contains(id)) {
        return;
      }
      int base = holder(id);
      base = base == 0 ? create(id) : base;
      if (name != null) {
        base(base).name = name;
      }
    }

    void alias(String previous, String id) {
      int p = holder(previous);
      int u = holder(id);
      if (p == 0 || suppressed.contains(id)) {
        return;
      }
      if (u == 0) {
        base(p).identifiers.add(id);
      } else if (root(p) != root(u) && !barred(root(p), root(u))) {
        mergeFirst(root(p), root(u), null, 0);
      }
    }

    void record(String record, String id) {
      int l = holder(record);
      int a = holder(id);
      if (suppressed.contains(record) || suppressed.contains(id)) {
        return;
      }
      if (l == 0) {
        if (a == 0) {
          create(id, record);
        } else {
          base(a).identifiers.add(record);
        }
      } else if (a == 0) {
        if (identified(root(l))) {
          moveTo(record, create(id));
        } else {
          base(l).identifiers.add(id);
        }
      } else if (root(l) != root(a)) {
        if (!identified(root(l)) && !barred(root(l), root(a))) {
          mergeFirst(root(l), root(a), record, a);
          moved.remove(record);
        } else {
          moveTo(record, a);
        }
      }
    }

    void byHand(int one, int other, boolean second) {
      if (one == other || dead(one) || dead(other)) {
        return;
      }
      int survivor = second ? other : Math.min(one, other);
      List<int[]> lifted = new ArrayList<>();
      for (int a : group(one)) {
        for (int b : group(other)) {
          if (base(a).bars.remove(b)) {
            base(b).bars.remove(a);
            lifted.add(new int[] {a, b});
          }
        }
      }
      merge(survivor, survivor == one ? other : one, lifted, null, 0);
    }

    void keepApart(int one, int other, boolean lift) {
      if (one == other || dead(one) || dead(other)) {
        return;
      }
      if (lift) {
        for (int a : group(one)) {
          for (int b : group(other)) {
            base(a).bars.remove(b);
            base(b).bars.remove(a);
          }
        }
      } else if (!barred(one, other)) {
        bar(one, other);
      }
    }

    void erase(String identifier, boolean suppress) {
      int held = holder(identifier);
      if (suppress) {
        suppressed.add(identifier);
      }
      if (held == 0) {
        return;
      }
      List<Integer> erased = group(root(held));
      if (suppress) {
        suppressed.addAll(identifiers(root(held)));
      }
      bases.keySet().removeAll(erased);
      bases.values().forEach(base -> base.bars.removeAll(erased));
      live.removeIf(made -> erased.contains(made.absorbed()));
    }

    boolean dead(int user) {
      return !bases.containsKey(user) || root(user) != user;
    }

    void move(String identifier, int from, int to) {
      if (from == to || dead(from) || dead(to)) {
        return;
      }
      Set<String> has = identifiers(from);
      if (has.contains(identifier) && has.size() > 1) {
        moveTo(identifier, to);
      }
    }

    void undo(int survivor, int absorbed) {
      Made last = null;
      for (Made made : merges) {
        last = made.survivor() == survivor && made.absorbed() == absorbed ? made : last;
      }
      if (last == null || !live.contains(last)) {
        return;
      }
      Set<Integer> whole = Set.copyOf(group(root(absorbed)));
      live.remove(last);
      bar(survivor, absorbed);
      for (int[] pair : last.lifted()) {
        if (root(pair[0]) != root(pair[1])) {
          bar(pair[0], pair[1]);
        }
      }
      String record = last.record();
      if (record != null && holder(record) != 0 && !moved.contains(record)) {
        assertThat(whole).contains(holder(record));
        moveTo(record, last.to());
      }
    }

    /** Records that something took away from where a merge by R1b had found them. */
    final Set<String> moved = new TreeSet<>();

    private void bar(int one, int other) {
      base(one).bars.add(other);
      base(other).bars.add(one);
    }
  }

  private static List<String> history(Random random) {
    List<String> history = new ArrayList<>();
    int length = 10 + random.nextInt(30);
    while (history.size() < length) {
      int one = 1 + random.nextInt(4);
      int other = 1 + random.nextInt(4);
      history.add(
          switch (random.nextInt(18)) {
            case 0, 1 -> "identify id" + one;
            case 2, 3 -> "identify id" + one + " name=" + "ABC".charAt(random.nextInt(3));
            case 4 -> "alias id" + one + " -> id" + other;
            case 5, 6 -> "zendesk " + one + " ext=id" + other;
            case 7, 8 ->
                "merge u"
                    + one
                    + " u"
                    + other
                    + (random.nextBoolean() ? " survivor=u" + other : "");
            case 9, 10, 11, 12 ->
                random.nextInt(4) == 0
                    ? "undo u" + one + " u" + other
                    : "undo u" + Math.min(one, other) + " u" + Math.max(one, other);
            case 13, 14 ->
                (random.nextInt(3) == 0 ? "lift u" : "keep-apart u") + one + " u" + other;
            case 15 ->
                switch (random.nextInt(6)) {
                  case 0 -> "may-erase delete id" + one;
                  case 1 -> "erase zendesk=" + one;
                  case 2 -> "erase zendesk=" + one + " suppress";
                  case 3 -> "erase ext=id" + one + " suppress";
                  default -> "erase ext=id" + one;
                };
            default ->
                "move "
                    + (random.nextBoolean() ? "ext=id" : "zendesk=")
                    + one
                    + " u"
                    + other
                    + " -> u"
                    + (1 + random.nextInt(4));
          });
    }
    return history;
  }

  @Test
  void randomHistoriesGoAsTheModelSays() {
    int[] undone = {0};
    Histories.forAll(5_000, UndoTest::history, history -> check(history, undone));
    assertThat(undone[0]).as("merges undone").isGreaterThan(500);
  }

  private static void check(List<String> history, int[] undone) {
    Space space = new Space();
    Model model = new Model();
    for (String line : history) {
      List<String> words = Notation.words(line);
      Map<String, Integer> records = records(model);
      Decision decision = space.apply(Histories.claim(line));
      undone[0] += decision.outcome() == Outcome.UNDONE ? 1 : 0;
      switch (words.getFirst()) {
        case "identify" ->
            model.identify(
                "external_id:" + words.get(1),
                words.size() > 2 ? words.get(2).substring("name=".length()) : null);
        case "alias" -> model.alias("external_id:" + words.get(1), "external_id:" + words.get(3));
        case "zendesk" ->
            model.record(
                "zendesk_id:" + words.get(1),
                "external_id:" + words.get(2).substring("ext=".length()));
        case "merge" -> model.byHand(user(words.get(1)), user(words.get(2)), words.size() > 3);
        case "undo" -> model.undo(user(words.get(1)), user(words.get(2)));
        case "keep-apart", "lift" ->
            model.keepApart(
                user(words.get(1)), user(words.get(2)), words.getFirst().equals("lift"));
        case "may-erase" -> model.erase("external_id:" + words.get(2), true);
        case "erase" -> model.erase(identifier(words.get(1)), words.size() > 2);
        default -> model.move(identifier(words.get(1)), user(words.get(2)), user(words.get(4)));
      }
      records.forEach((record, base) -> {
        if (model.holder(record) != base) {
          model.moved.add(record);
        }
      });
      if (!expected(model).equals(got(space)) || !space.broken().isEmpty()) {
        throw new AssertionError(
            "%s%nexpected %s%ngot      %s%n%s"
                .formatted(line, expected(model), got(space), space.broken()));
      }
    }
  }

  private static String identifier(String word) {
    return word.replace("ext=", "external_id:").replace("zendesk=", "zendesk_id:");
  }

  private static Map<String, Integer> records(Model model) {
    Map<String, Integer> records = new TreeMap<>();
    model.bases.forEach((number, base) ->
        base.identifiers.stream()
            .filter(one -> one.startsWith("zendesk"))
            .forEach(one -> records.put(one, number)));
    return records;
  }

  private static int user(String label) {
    return Integer.parseInt(label.substring(1));
  }

  private static Map<String, String> expected(Model model) {
    Map<String, String> all = new TreeMap<>();
    model.bases.forEach((number, base) ->
        all.put(
            "u" + number,
            "%s %s of u%d kept from %s"
                .formatted(
                    base.identifiers,
                    base.name,
                    model.root(number),
                    base.bars.stream().map(bar -> "u" + bar).sorted().toList())));
    return all;
  }

  private static Map<String, String> got(Space space) {
    Map<String, String> all = new TreeMap<>();
    for (User user : space.all()) {
      for (Part part : user.parts()) {
        Set<String> identifiers = new TreeSet<>();
        for (Held held : part.identifiers()) {
          identifiers.add(held.id().toString());
        }
        Field name = part.name();
        all.put(
            Space.label(part.id()),
            "%s %s of %s kept from %s"
                .formatted(
                    identifiers,
                    name == null ? null : name.value(),
                    Space.label(user.id()),
                    part.bars().stream()
                        .filter(bar -> space.users.user(bar) != null)
                        .map(Space::label)
                        .sorted()
                        .toList()));
      }
    }
    return all;
  }

  /**
   * Right after a merge by whatever rule, undo gives the two users that the same claim would have
   * left, had the two been kept apart, and the bar.
   */
  @Test
  void undoRightAfterAMergeIsAsIfTheTwoHadBeenKeptApart() {
    int[] undone = {0};
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
            Space before = space.copy();
            Decision decision = space.apply(Histories.claim(line));
            List<Space.Made> made =
                space.merges.stream()
                    .filter(merge -> merge.merge().position() == space.position)
                    .toList();
            if (made.size() == 1) {
              checkUndo(before, line, decision, made.getFirst(), space.copy());
              undone[0]++;
            }
          }
        });
    assertThat(undone[0]).as("merges undone").isGreaterThan(500);
  }

  private static void checkUndo(
      Space before, String line, Decision decision, Space.Made made, Space space) {
    if (decision.rule() != Rule.M1) {
      User one = before.users.user(made.merge().survivor());
      User other = before.users.user(made.merge().absorbed());
      if (one == null || other == null) {
        throw new AssertionError(line + " merged nobody");
      }
      before.put(barring(one, one.id(), other.id()));
      before.put(barring(other, other.id(), one.id()));
      before.apply(Histories.claim(line));
    }
    String undo =
        "undo %s %s"
            .formatted(Space.label(made.merge().survivor()), Space.label(made.merge().absorbed()));
    assertThat(space.apply(Histories.claim(undo)).outcome()).isEqualTo(Outcome.UNDONE);
    if (decision.rule() == Rule.M1) {
      User one = Objects.requireNonNull(before.users.user(made.merge().survivor()));
      before.put(barring(one, one.id(), made.merge().absorbed()));
      User other = Objects.requireNonNull(before.users.user(made.merge().absorbed()));
      before.put(barring(other, other.id(), made.merge().survivor()));
    }
    String expected = full(before);
    String got = full(space);
    if (!expected.equals(got) || !space.broken().isEmpty()) {
      throw new AssertionError(
          "%s, %s%nexpected %s%ngot      %s%n%s"
              .formatted(line, undo, expected, got, space.broken()));
    }
  }

  private static User barring(User user, UUID part, UUID other) {
    Set<UUID> bars = new HashSet<>(user.part(part).bars());
    bars.add(other);
    return user.with(user.part(part).withBars(bars));
  }

  /** Every user with everything, identifiers in a fixed order. */
  private static String full(Space space) {
    Map<String, String> all = new TreeMap<>();
    for (User user : space.all()) {
      StringBuilder text = new StringBuilder();
      for (Part part : user.parts()) {
        text.append("\n  ").append(Space.label(part.id())).append(' ').append(part.name());
        part.identifiers().stream()
            .map(Held::toString)
            .sorted()
            .forEach(held -> text.append("\n    ").append(held));
        text.append("\n    bars ").append(part.bars().stream().map(Space::label).sorted().toList());
      }
      all.put(Space.label(user.id()), text.toString());
    }
    return all.toString();
  }
}
