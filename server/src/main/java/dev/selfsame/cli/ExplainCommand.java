package dev.selfsame.cli;

import dev.selfsame.lookup.BadSearch;
import dev.selfsame.lookup.ExplainedDecision;
import dev.selfsame.lookup.Explanation;
import dev.selfsame.lookup.Lookup;
import dev.selfsame.store.FoundDecision;
import dev.selfsame.store.UserQueries;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** Tells who holds an identifier, and how each came to be as it is. */
@Command(
    name = "explain",
    description = "Tell who an identifier belongs to, and every decision that made it so.",
    mixinStandardHelpOptions = true)
final class ExplainCommand implements Callable<Integer> {
  @Mixin private HubOptions hub;
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "TYPE:VALUE",
      description = "Such as external_id:42, email:ann@example.com or stripe_id:cus_1.")
  private String identifier;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    try (OpenHub open = OpenHub.of(hub, spec.commandLine().getErr())) {
      List<Explanation> explanations;
      try {
        explanations = new Lookup(new UserQueries(open.database(), "default")).explain(identifier);
      } catch (BadSearch bad) {
        throw new ParameterException(spec.commandLine(), bad.getMessage(), bad);
      }
      if (explanations.isEmpty()) {
        out.println("Nobody holds " + identifier + ".");
      }
      for (Explanation explanation : explanations) {
        print(out, explanation);
      }
      out.flush();
    }
    return 0;
  }

  private static void print(PrintWriter out, Explanation explanation) {
    UserText.print(out, explanation.user(), explanation.identifiers());
    out.println("  What happened");
    if (explanation.more()) {
      out.println("    … and before that more than fits here");
    }
    for (ExplainedDecision decision : explanation.decisions().reversed()) {
      print(out, decision);
    }
    out.println();
  }

  private static void print(PrintWriter out, ExplainedDecision explained) {
    FoundDecision decision = explained.decision();
    out.println(
        "    %d  %s  %s  %s  %s"
            .formatted(
                decision.position(),
                decision.decidedAt(),
                decision.source(),
                decision.outcome(),
                decision.code()));
    out.println("      " + explained.sentence());
    for (ExplainedDecision.Check check : explained.checks()) {
      out.println("      %s: %s".formatted(check.code(), check.sentence()));
    }
    if (decision.reason() != null) {
      out.println("      Reason: " + decision.reason());
    }
    for (String change : changes(decision)) {
      out.println("      " + UserText.plain(change));
    }
    if (!decision.flags().isEmpty()) {
      out.println("      Flagged: " + String.join(", ", decision.flags()));
    }
    if (!decision.warnings().isEmpty()) {
      out.println("      Warnings: " + String.join(", ", decision.warnings()));
    }
  }

  /** What the before-image says, one change a line. */
  static List<String> changes(FoundDecision decision) {
    List<String> changes = new ArrayList<>();
    for (FoundDecision.FoundMerge merge : decision.merges()) {
      changes.add(
          "Merged: %s became part of %s%s"
              .formatted(
                  merge.absorbed(),
                  merge.survivor(),
                  merge.undoneAt() == null ? "" : ", undone " + merge.undoneAt()));
    }
    JsonNode before = decision.before();
    if (before == null) {
      return changes;
    }
    for (Map.Entry<String, JsonNode> part : before.properties()) {
      for (Map.Entry<String, JsonNode> field : part.getValue().properties()) {
        switch (field.getKey()) {
          // The merges above say it in better words.
          case "user" -> {}
          case "name" ->
              changes.add(
                  field.getValue().isNull()
                      ? "Changed: name, which was empty"
                      : "Changed: name, which was " + field.getValue().path("value").asString());
          case "identifiers" ->
              field.getValue().forEachEntry((id, was) -> changes.add(identifier(id, was)));
          default -> changes.add("Changed: " + field.getKey());
        }
      }
    }
    return changes;
  }

  private static String identifier(String id, @Nullable JsonNode was) {
    if (was == null || was.isNull()) {
      return "New: " + id;
    }
    return "Changed: "
        + id
        + ", which was "
        + (was.path("current").asBoolean(false) ? "current" : "not current");
  }
}
