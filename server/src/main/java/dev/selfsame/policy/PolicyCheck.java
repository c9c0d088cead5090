package dev.selfsame.policy;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.identity.User;
import dev.selfsame.replay.History;
import dev.selfsame.replay.Past;
import dev.selfsame.replay.Replay;
import dev.selfsame.resolution.Decision;
import dev.selfsame.store.SpaceSettings;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What another policy would have decided otherwise. The space's claims are decided again in memory,
 * from the first on and in their order, twice: once each under the version that it was decided
 * under, and once with the other policy from a given claim on. What differs between the two is the
 * answer; where the first differs from the ledger, it says so. Nothing is written.
 */
public final class PolicyCheck {

  /** A ledger that is longer takes too long to go through, and too much memory. */
  static final long LONGEST = 1_000_000;

  private static final int EXAMPLES = 10;
  private static final int TOLD_EVERY = 1_000;

  /**
   * What differs.
   *
   * @param from the first ledger position that the other policy decided
   * @param to the last
   * @param claims how many between the two could be decided again
   * @param notReplayable how many rows of the whole ledger could not, by why
   * @param notReproduced how many claims the recorded policies decide otherwise today than the
   *     ledger says
   * @param notReproducedAt the first of them
   * @param differing how many claims the other policy decides otherwise
   * @param changes how, the most frequent first
   * @param usersNow how many users the claims make under the recorded policies
   * @param usersThen how many with the other one
   * @param merged users that would be one
   * @param split users that would be several
   */
  public record Report(
      long from,
      long to,
      long claims,
      Map<String, Long> notReplayable,
      long notReproduced,
      List<Long> notReproducedAt,
      long differing,
      List<Changed> changes,
      long usersNow,
      long usersThen,
      Moved merged,
      Moved split) {}

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

  private long claims;
  private long decided;

  PolicyCheck(History history, SpaceSettings candidate) {
    this.history = history;
    this.candidate = candidate;
  }

  Report run(int last, LongConsumer told) {
    long to = history.now().position();
    if (to > LONGEST) {
      throw new Failure(
          Problem.LEDGER_TOO_LONG,
          "The ledger has %,d claims; a policy is checked on at most %,d".formatted(to, LONGEST));
    }
    long start = Math.max(0, to - last);
    Replay recorded = Replay.of(history);
    history.tell(
        0,
        start,
        past -> {
          Past.Said said = said(past, told);
          if (said != null) {
            UUID part = decided(recorded, said).part();
            note(part, part);
          }
        });
    Replay other = recorded.copy();
    history.tell(
        start,
        to,
        past -> {
          Past.Said said = said(past, told);
          if (said != null) {
            claims++;
            Decision was = decided(recorded, said);
            Decision would = other.decide(said, candidate);
            note(was.part(), would.part());
            compare(said.row().position(), was, would);
          }
        });
    told.accept(decided);
    return report(start + 1, to, recorded, other);
  }

  private Past.@Nullable Said said(Past past, LongConsumer told) {
    if (++decided % TOLD_EVERY == 0) {
      told.accept(decided);
    }
    return switch (past) {
      case Past.Said said -> said;
      case Past.Lost row -> {
        if (row.why() != Past.Why.SETTING) {
          lost.merge(row.why().code(), 1L, Long::sum);
        }
        yield null;
      }
    };
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
    changes.sort((a, b) -> Long.compare(b.claims(), a.claims()));
    return new Report(
        from,
        to,
        claims,
        Map.copyOf(lost),
        notReproduced.claims,
        List.copyOf(notReproduced.positions),
        changes.stream().mapToLong(Changed::claims).sum(),
        List.copyOf(changes),
        recorded.users().size(),
        other.users().size(),
        merged(merges),
        split(splits));
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
