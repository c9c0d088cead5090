package dev.selfsame.policy;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.identity.Stated;
import dev.selfsame.identity.User;
import dev.selfsame.replay.Connected;
import dev.selfsame.replay.History;
import dev.selfsame.replay.Past;
import dev.selfsame.replay.Replay;
import dev.selfsame.replay.Touched;
import dev.selfsame.resolution.Decision;
import dev.selfsame.resolution.Keys;
import dev.selfsame.resolution.Policy;
import dev.selfsame.store.SpaceSettings;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What another policy would have decided otherwise. All claims that may have had to do with the
 * last ones are decided again in memory, from the first on and in their order, twice: once each
 * under the version that it was decided under, and once with the other policy from a given claim
 * on. What differs between the two is the answer; where the first differs from the ledger, it says
 * so. Nothing is written.
 */
public final class PolicyCheck {

  /** A ledger that is longer takes too much memory to go through. */
  static final int LONGEST = 2_000_000;

  /** More claims at once take too much memory: all their users, twice. */
  static final int MOST = 100_000;

  private static final int EXAMPLES = 10;
  private static final int TOLD_EVERY = 1_000;

  /**
   * What differs.
   *
   * @param from the first ledger position that the other policy decided
   * @param to the last
   * @param claims how many between the two could be decided again
   * @param connected how many claims before them had to do with them, directly or through others
   * @param notReplayable how many rows of the whole ledger could not, by why
   * @param touched users that an erasure touched, and who had to do with them: none of their claims
   *     was decided again
   * @param notReproduced how many of these claims the recorded policies decide otherwise today than
   *     the ledger says
   * @param notReproducedAt the first of them
   * @param differing how many claims the other policy decides otherwise
   * @param changes how, the most frequent first
   * @param usersNow how many users these claims make under the recorded policies
   * @param usersThen how many with the other one
   * @param merged users that would be one
   * @param split users that would be several
   * @param shown fields that users would show otherwise, those that would be split aside
   */
  public record Report(
      long from,
      long to,
      long claims,
      long connected,
      Map<String, Long> notReplayable,
      Touching touched,
      long notReproduced,
      List<Long> notReproducedAt,
      long differing,
      List<Changed> changes,
      long usersNow,
      long usersThen,
      Moved merged,
      Moved split,
      List<Shown> shown) {}

  /**
   * Claims that would be decided otherwise in the same way.
   *
   * @param was outcome, code and flags
   * @param would the same under the other policy
   * @param positions the first of them
   */
  public record Changed(String was, String would, long claims, List<Long> positions) {}

  /**
   * Users whose claims would stand otherwise.
   *
   * @param users how many: of those merged, how many users they would be; of those split, how many
   *     are split
   * @param examples of each some: the ids of the users that would be one, or of the one that is
   *     split
   */
  public record Moved(long users, List<List<UUID>> examples) {}

  /**
   * A field that users would show otherwise.
   *
   * @param field {@code email} or {@code name}
   * @param examples of some: what the user would show
   */
  public record Shown(String field, long users, List<Instead> examples) {}

  /**
   * What one user would show.
   *
   * @param was null: nothing
   */
  public record Instead(UUID user, @Nullable String was, @Nullable String would) {}

  /** How many users, and the ids of some. */
  public record Touching(long users, List<UUID> examples) {}

  private record Difference(String was, String would) {}

  private static final class Tally {
    private long claims;
    private final List<Long> positions = new ArrayList<>();

    void add(long position) {
      claims++;
      if (positions.size() < EXAMPLES) {
        positions.add(position);
      }
    }
  }

  private final History history;
  private final SpaceSettings candidate;
  private final Map<String, Long> lost = new TreeMap<>();
  private final Tally notReproduced = new Tally();
  private final Map<Difference, Tally> differences = new LinkedHashMap<>();

  /** Where each claim was written to, under the one and the other. */
  private final Map<UUID, Set<UUID>> stands = new HashMap<>();

  private final Connected connections = new Connected();
  private final Touched touched;

  /** What each row named, by its position; 0 where it named nothing. */
  private final int[] named;

  private long claims;
  private long connected;
  private long read;

  /**
   * @throws Failure LEDGER_TOO_LONG
   */
  PolicyCheck(History history, SpaceSettings candidate) {
    this.history = history;
    this.candidate = candidate;
    this.touched = new Touched(history);
    long length = history.now().position();
    if (length > LONGEST) {
      throw tooLong(
          "The ledger has %,d claims; a policy is checked on at most %,d"
              .formatted(length, LONGEST));
    }
    this.named = new int[(int) length + 1];
  }

  private static Failure tooLong(String message) {
    return new Failure(Problem.LEDGER_TOO_LONG, message);
  }

  /**
   * @throws Failure LEDGER_TOO_LONG where too many claims have to do with the last
   */
  Report run(int last, LongConsumer told) {
    long to = history.now().position();
    long start = Math.max(0, to - last);
    history.tell(0, to, past -> connect(past, past.row().position() > start, told));
    Set<Integer> roots = new HashSet<>();
    for (long position = start + 1; position <= to; position++) {
      if (named[(int) position] > 0) {
        roots.add(connections.root(named[(int) position] - 1));
      }
    }
    Replay recorded = Replay.of(history);
    history.rows(
        0,
        start,
        row -> {
          int name = named[(int) row.position()];
          if (name > 0
              && roots.contains(connections.root(name - 1))
              && history.read(row) instanceof Past.Said said
              && !touched.has(said)) {
            connected++;
            checkMost();
            UUID part = decided(recorded, said).part();
            note(part, part);
          }
        });
    Replay other = recorded.copy();
    history.tell(
        start,
        to,
        past -> {
          if (past instanceof Past.Said said && !touched.has(said)) {
            claims++;
            checkMost();
            Decision was = decided(recorded, said);
            Decision would = other.decide(said, candidate);
            note(was.part(), would.part());
            compare(said.row().position(), was, would);
          }
        });
    return report(start + 1, to, recorded, other);
  }

  private void checkMost() {
    if (claims + connected > MOST) {
      throw tooLong(
          "More than %,d claims have to do with these; check fewer of the last".formatted(MOST));
    }
  }

  /** Notes whom the row names: under the version that it was decided under, and under the file. */
  private void connect(Past past, boolean candidates, LongConsumer told) {
    if (++read % TOLD_EVERY == 0) {
      told.accept(read);
    }
    touched.add(past);
    connections.begin();
    connections.name(past.row().part());
    switch (past) {
      case Past.Said said -> {
        Policy policy = history.settings(said.row().policyVersion()).policy();
        connections.name(Keys.of(said.claim(), policy));
        if (candidates) {
          connections.name(Keys.of(Replay.under(said.claim(), candidate), candidate.policy()));
        }
      }
      case Past.Lost row -> {
        if (row.why() != Past.Why.SETTING) {
          lost.merge(row.why().code(), 1L, Long::sum);
        }
      }
    }
    named[(int) past.row().position()] = connections.named() + 1;
  }

  private Decision decided(Replay recorded, Past.Said said) {
    Decision decision = recorded.decide(said);
    if (!Replay.same(decision, said.row())) {
      notReproduced.add(said.row().position());
    }
    return decision;
  }

  private void note(@Nullable UUID was, @Nullable UUID would) {
    if (was != null && would != null) {
      stands.computeIfAbsent(was, part -> new LinkedHashSet<>(1)).add(would);
    }
  }

  private void compare(long position, Decision was, Decision would) {
    Difference difference = new Difference(shown(was), shown(would));
    if (!difference.was().equals(difference.would())) {
      differences.computeIfAbsent(difference, absent -> new Tally()).add(position);
    }
  }

  private static String shown(Decision decision) {
    String flags =
        decision.flags().stream()
            .map(flag -> flag.kind().code())
            .sorted()
            .distinct()
            .collect(Collectors.joining(" "));
    return decision.outcome().code()
        + " "
        + decision.rule().code()
        + (flags.isEmpty() ? "" : " " + flags);
  }

  private Report report(long from, long to, Replay recorded, Replay other) {
    Map<UUID, Set<UUID>> splits = new LinkedHashMap<>();
    Map<UUID, Set<UUID>> merges = new LinkedHashMap<>();
    stands.forEach((part, others) -> {
      User was = recorded.part(part);
      for (UUID one : others) {
        User would = other.part(one);
        if (was != null && would != null) {
          splits.computeIfAbsent(was.id(), user -> new LinkedHashSet<>()).add(would.id());
          merges.computeIfAbsent(would.id(), user -> new LinkedHashSet<>()).add(was.id());
        }
      }
    });
    List<Changed> changes = new ArrayList<>();
    differences.forEach((difference, tally) ->
        changes.add(
            new Changed(
                difference.was(), difference.would(), tally.claims, List.copyOf(tally.positions))));
    Collection<UUID> left = touched.users();
    changes.sort((a, b) -> Long.compare(b.claims(), a.claims()));
    return new Report(
        from,
        to,
        claims,
        connected,
        Map.copyOf(lost),
        new Touching(left.size(), left.stream().limit(EXAMPLES).toList()),
        notReproduced.claims,
        List.copyOf(notReproduced.positions),
        changes.stream().mapToLong(Changed::claims).sum(),
        List.copyOf(changes),
        recorded.users().size(),
        other.users().size(),
        merged(merges),
        split(splits),
        shown(splits, recorded, other));
  }

  private static List<Shown> shown(Map<UUID, Set<UUID>> splits, Replay recorded, Replay other) {
    List<Shown> shown = new ArrayList<>();
    for (String field : User.CHOSEN.stream().sorted().toList()) {
      long users = 0;
      List<Instead> examples = new ArrayList<>();
      for (Map.Entry<UUID, Set<UUID>> one : splits.entrySet()) {
        User was = recorded.part(one.getKey());
        User would = other.part(one.getValue().iterator().next());
        if (one.getValue().size() > 1 || was == null || would == null) {
          continue;
        }
        String before = shown(was, field);
        String after = shown(would, field);
        if (!Objects.equals(before, after) && users++ < EXAMPLES) {
          examples.add(new Instead(was.id(), before, after));
        }
      }
      if (users > 0) {
        shown.add(new Shown(field, users, List.copyOf(examples)));
      }
    }
    return List.copyOf(shown);
  }

  private static @Nullable String shown(User user, String field) {
    Stated stated = field.equals(User.NAME) ? user.name() : user.email();
    return stated == null ? null : stated.value();
  }

  private static Moved merged(Map<UUID, Set<UUID>> merges) {
    List<List<UUID>> several =
        merges.values().stream().filter(users -> users.size() > 1).map(List::copyOf).toList();
    return new Moved(several.size(), several.stream().limit(EXAMPLES).toList());
  }

  private static Moved split(Map<UUID, Set<UUID>> splits) {
    List<List<UUID>> several =
        splits.entrySet().stream()
            .filter(user -> user.getValue().size() > 1)
            .map(user -> List.of(user.getKey()))
            .toList();
    return new Moved(several.size(), several.stream().limit(EXAMPLES).toList());
  }
}
