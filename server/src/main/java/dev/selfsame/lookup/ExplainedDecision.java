package dev.selfsame.lookup;

import dev.selfsame.identity.Channel;
import dev.selfsame.store.FoundDecision;
import dev.selfsame.store.UserHistory.Line;
import dev.selfsame.store.UserHistory.PastMerge;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A decision with its rule in words, and what it changed.
 *
 * @param sentence what the rule says
 * @param checks the checks that turned the rule, each in words
 * @param by who did it, of an act; null of a claim
 * @param merges the merges that it made, undone since or not
 * @param changes what became different, in words too
 */
public record ExplainedDecision(
    FoundDecision decision,
    String sentence,
    List<Check> checks,
    @Nullable String by,
    List<PastMerge> merges,
    List<Change> changes) {

  /** A check by its code and in words. */
  public record Check(String code, String sentence) {}

  public ExplainedDecision {
    checks = List.copyOf(checks);
    merges = List.copyOf(merges);
    changes = List.copyOf(changes);
  }

  static ExplainedDecision of(Line line, Changes changes) {
    Payload payload = new Payload(line.payload());
    return of(line, payload, changes.of(line, payload));
  }

  /** Without what it changed. */
  static ExplainedDecision of(Line line) {
    return of(line, new Payload(line.payload()), List.of());
  }

  private static ExplainedDecision of(Line line, Payload payload, List<Change> changes) {
    FoundDecision decision = line.decision();
    return new ExplainedDecision(
        decision,
        Words.rule(decision.code()),
        decision.checks().stream().map(code -> new Check(code, Words.rule(code))).toList(),
        line.channel() == Channel.ACT ? payload.by() : null,
        line.merges(),
        changes);
  }
}
