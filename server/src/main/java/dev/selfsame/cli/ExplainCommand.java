package dev.selfsame.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.identity.Survivorship;
import dev.selfsame.lookup.BadSearch;
import dev.selfsame.lookup.Change;
import dev.selfsame.lookup.ExplainedDecision;
import dev.selfsame.lookup.Explanation;
import dev.selfsame.lookup.FieldStory;
import dev.selfsame.lookup.Lookup;
import dev.selfsame.lookup.Relation;
import dev.selfsame.store.FoundDecision;
import dev.selfsame.store.UserQueries;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Tells who somebody is and how they came to be so, or why two are, or are not, one user. */
@Command(
    name = "explain",
    description = {
      "Tell who an identifier belongs to, and everything that made it so. Of two: why they are, or",
      "are not, one user."
    },
    mixinStandardHelpOptions = true)
final class ExplainCommand implements Callable<Integer> {
  @Mixin private SpacedOptions hub;
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "USER",
      arity = "1..2",
      description = {
        "A user's id, also of one that was merged away, or TYPE:VALUE, such as external_id:42,",
        "email:ann@example.com or stripe_id:cus_1."
      })
  private List<String> asked;

  @Option(
      names = "--fields",
      description =
          "Tell of each field where its value comes from, and why the others do not show.")
  private boolean fields;

  @Option(
      names = "--graph",
      paramLabel = "FILE",
      description = "Draw the user with its identifiers and merges into FILE.svg.")
  private @Nullable Path graph;

  @Override
  public Integer call() {
    check();
    PrintWriter out = spec.commandLine().getOut();
    try (OpenHub open = OpenHub.of(hub, spec.commandLine().getErr())) {
      Lookup lookup = new Lookup(new UserQueries(open.database(), hub.space()));
      try {
        if (asked.size() == 2) {
          print(out, lookup.relation(asked.get(0), asked.get(1)));
        } else if (fields || graph != null) {
          one(out, lookup, lookup.named("USER", asked.getFirst()));
        } else {
          stories(out, lookup, asked.getFirst());
        }
      } catch (BadSearch bad) {
        throw new ParameterException(spec.commandLine(), bad.getMessage(), bad);
      }
      out.flush();
    }
    return 0;
  }

  private void check() {
    if (asked.size() > 2) {
      throw new ParameterException(
          spec.commandLine(), "explain takes one user or two; got %d".formatted(asked.size()));
    }
    if (asked.size() == 2 && (fields || graph != null)) {
      throw new ParameterException(
          spec.commandLine(), "--fields and --graph tell of one user; two are named");
    }
    if (graph != null && !graph.toString().toLowerCase(Locale.ROOT).endsWith(".svg")) {
      throw new ParameterException(
          spec.commandLine(), "--graph is %s; expected a name that ends in .svg".formatted(graph));
    }
  }

  // ---- One user ----

  private static void stories(PrintWriter out, Lookup lookup, String asked) {
    List<Explanation> explanations = lookup.explain(asked);
    if (explanations.isEmpty()) {
      out.println("Nobody holds " + asked + ".");
    }
    for (Explanation explanation : explanations) {
      print(out, explanation);
    }
  }

  private static void print(PrintWriter out, Explanation explanation) {
    UserText.print(out, explanation.user(), explanation.identifiers());
    out.println("  What happened");
    if (explanation.more()) {
      out.println("    … and before that more than fits here");
    }
    for (ExplainedDecision decision : explanation.decisions().reversed()) {
      print(out, decision, explanation.user().id());
    }
    out.println();
  }

  private static void print(PrintWriter out, ExplainedDecision explained, UUID user) {
    FoundDecision decision = explained.decision();
    out.println(
        "    %d  %s  %s  %s  %s%s"
            .formatted(
                decision.position(),
                decision.decidedAt(),
                decision.source(),
                decision.outcome(),
                decision.code(),
                explained.by() == null ? "" : "  by " + UserText.plain(explained.by())));
    out.println("      " + explained.sentence());
    for (ExplainedDecision.Check check : explained.checks()) {
      out.println("      %s: %s".formatted(check.code(), check.sentence()));
    }
    if (decision.reason() != null) {
      out.println("      Reason: " + decision.reason());
    }
    if (decision.part() != null && !decision.part().equals(user)) {
      out.println("      On the part " + decision.part());
    }
    for (Change change : explained.changes()) {
      out.println("      " + UserText.plain(change.sentence()));
    }
    if (!decision.warnings().isEmpty()) {
      out.println("      Warnings: " + String.join(", ", decision.warnings()));
    }
  }

  private void one(PrintWriter out, Lookup lookup, UUID user) {
    if (fields) {
      out.println("User " + user);
      for (FieldStory story :
          Objects.requireNonNullElse(lookup.fields(user), List.<FieldStory>of())) {
        print(out, story);
      }
    }
    if (graph != null) {
      String svg = lookup.graph(user);
      if (svg == null) {
        throw new Failure(Problem.UNKNOWN_USER, "There is no user %s any more".formatted(user));
      }
      try {
        Files.writeString(graph, svg, UTF_8);
      } catch (IOException e) {
        throw new Failure(
            Problem.FILE_UNUSABLE, "%s cannot be written: %s".formatted(graph, e), 0, e);
      }
      out.println("Drew the user %s into %s".formatted(user, graph));
    }
  }

  private static void print(PrintWriter out, FieldStory story) {
    FieldStory.Value shown = story.shown();
    if (shown == null && story.others().isEmpty()) {
      return;
    }
    out.println();
    out.println(
        "  %s: %s"
            .formatted(
                story.field(),
                shown == null ? "none shows" : UserText.plain(shown.value()) + from(shown)));
    String stands = stands(story.survivorship());
    if (stands != null) {
      out.println("    by the policy " + UserText.plain(stands) + " stands");
    }
    for (FieldStory.Other other : story.others()) {
      out.println(
          "    not %s%s".formatted(UserText.plain(other.value().value()), from(other.value())));
      out.println("      " + other.sentence());
    }
  }

  private static @Nullable String stands(@Nullable Survivorship survivorship) {
    return switch (survivorship) {
      case null -> null;
      case Survivorship.Latest latest -> null;
      case Survivorship.First first -> "the first";
      case Survivorship.Sources sources ->
          "what comes first of " + String.join(", ", sources.names());
    };
  }

  private static String from(FieldStory.Value value) {
    return "  (%s, said %s, position %d)"
        .formatted(UserText.plain(value.source()), value.at(), value.position());
  }

  // ---- Two ----

  private static void print(PrintWriter out, Relation relation) {
    out.println(UserText.plain(relation.summary()));
    for (Relation.Step step : relation.steps()) {
      out.println();
      out.println("  " + UserText.plain(step.sentence()));
      origin(out, step.position(), step.decidedAt() + "", step.source(), step.code(), step.rule());
      if (step.by() != null) {
        out.println("    by " + UserText.plain(step.by()));
      }
    }
    for (Relation.Ground ground : relation.grounds()) {
      out.println();
      out.println("  " + UserText.plain(ground.sentence()));
      if (ground.position() != null) {
        origin(
            out,
            ground.position(),
            ground.decidedAt() + "",
            ground.source(),
            ground.code(),
            ground.rule());
      }
    }
  }

  private static void origin(
      PrintWriter out,
      long position,
      String at,
      @Nullable String source,
      @Nullable String code,
      @Nullable String rule) {
    if (code == null || source == null) {
      out.println("    position " + position);
      return;
    }
    out.println("    %d  %s  %s  %s".formatted(position, at, UserText.plain(source), code));
    out.println("    " + rule);
  }
}
