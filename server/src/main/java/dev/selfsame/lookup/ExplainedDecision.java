package dev.selfsame.lookup;

import dev.selfsame.resolution.Rule;
import dev.selfsame.store.FoundDecision;
import java.util.List;
import java.util.stream.Stream;

/**
 * A decision with its rule in words.
 *
 * @param sentence what the rule says
 * @param checks the checks that turned the rule, each in words
 */
public record ExplainedDecision(FoundDecision decision, String sentence, List<Check> checks) {

  /** A check by its code and in words. */
  public record Check(String code, String sentence) {}

  public ExplainedDecision {
    checks = List.copyOf(checks);
  }

  static ExplainedDecision of(FoundDecision decision) {
    return new ExplainedDecision(
        decision,
        sentence(decision.code()),
        decision.checks().stream().map(code -> new Check(code, sentence(code))).toList());
  }

  /** A rule that this program does not know was recorded by a newer one: its code must do. */
  private static String sentence(String code) {
    return Stream.of(Rule.values())
        .filter(rule -> rule.code().equals(code))
        .map(Rule::sentence)
        .findFirst()
        .orElse("Rule " + code + ".");
  }
}
