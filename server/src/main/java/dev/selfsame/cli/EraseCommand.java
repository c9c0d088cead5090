package dev.selfsame.cli;

import dev.selfsame.intake.IntakeSettings;
import dev.selfsame.intake.Pipeline;
import dev.selfsame.lookup.Asked;
import dev.selfsame.lookup.BadValue;
import dev.selfsame.lookup.Lookup;
import dev.selfsame.review.AmbiguousIdentifier;
import dev.selfsame.review.EraseRequest;
import dev.selfsame.review.Erasures;
import dev.selfsame.store.Database;
import dev.selfsame.store.ErasureQueries;
import dev.selfsame.store.ErasureQueries.Erasure;
import dev.selfsame.store.UserQueries;
import java.io.PrintWriter;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Erases users, or shows what would go. */
@Command(
    name = "erase",
    description = {
      "Erase users, with all that is known of them in every table. It cannot be undone: look with",
      "--dry-run first."
    },
    mixinStandardHelpOptions = true)
final class EraseCommand implements Callable<Integer> {
  @Mixin private SpacedOptions hub;
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "TYPE:VALUE",
      arity = "1..*",
      description = "Whom: external_id:42, email:ann@example.com, stripe_id:cus_1, or id:UUID.")
  private List<String> named;

  @Option(
      names = "--suppress",
      description = "What they were known by must not come back, from whatever source.")
  private boolean suppress;

  @Option(
      names = {"--dry-run", "--preview"},
      description = "Erase nothing; show what would go.")
  private boolean preview;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    try (OpenHub open = OpenHub.of(hub, spec.commandLine().getErr())) {
      Database database = open.database();
      UserQueries users = new UserQueries(database, hub.space());
      EraseRequest request = request(new Lookup(users));
      try (Pipeline intake =
          new Pipeline(
              hub.space(), database.sessions("erase"), IntakeSettings.DEFAULT, traits -> {})) {
        intake.start();
        Erasures erasures =
            new Erasures(
                hub.space(),
                intake,
                database.sessions("preview"),
                users,
                new ErasureQueries(database, hub.space()),
                InstantSource.system());
        if (preview) {
          out.println("Nothing was erased. This would go:");
          print(out, erasures.preview(request));
        } else {
          Erasure erasure = erasures.erase(request);
          out.println("Erased (erasure %d):".formatted(erasure.id()));
          print(out, erasure.counts());
        }
        out.flush();
      } catch (AmbiguousIdentifier ambiguous) {
        throw ambiguous.failure();
      }
    }
    return 0;
  }

  private EraseRequest request(Lookup lookup) {
    List<UUID> ids = new ArrayList<>();
    List<Asked> asked = new ArrayList<>();
    for (String one : named) {
      if (one.startsWith("id:")) {
        try {
          ids.add(UUID.fromString(one.substring("id:".length())));
        } catch (IllegalArgumentException e) {
          throw new ParameterException(spec.commandLine(), "A user's id is a UUID; got " + one, e);
        }
      } else {
        asked.add(Asked.text(one));
      }
    }
    try {
      return new EraseRequest(lookup.named(asked), ids, suppress, Operator.actor());
    } catch (BadValue bad) {
      throw new ParameterException(spec.commandLine(), String.valueOf(bad.getMessage()), bad);
    }
  }

  private static void print(PrintWriter out, Map<String, Long> counts) {
    counts.forEach((table, count) -> {
      if (count > 0) {
        out.println("  %s: %d".formatted(table, count));
      }
    });
  }
}
