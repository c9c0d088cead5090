package dev.selfsame.cli;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.intake.IntakeSettings;
import dev.selfsame.intake.Pipeline;
import dev.selfsame.lookup.Asked;
import dev.selfsame.lookup.BadValue;
import dev.selfsame.lookup.Lookup;
import dev.selfsame.review.Erasures;
import dev.selfsame.store.Database;
import dev.selfsame.store.ErasureQueries;
import dev.selfsame.store.ErasureQueries.Suppression;
import dev.selfsame.store.UserQueries;
import java.io.PrintWriter;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What erasures bar from coming back: listed, or lifted. */
@Command(
    name = "suppressions",
    description = {
      "List what erasures bar from coming back: keyed hashes, newest first. To lift one:",
      "suppressions lift HASH, or suppressions lift TYPE:VALUE."
    },
    mixinStandardHelpOptions = true)
final class SuppressionsCommand implements Callable<Integer> {
  private static final int LISTED = 1_000;

  /** Characters of a hash, which is to be given to lift whole. */
  private static final int HASH = 64;

  @Mixin private SpacedOptions hub;
  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..2",
      paramLabel = "lift HASH|TYPE:VALUE",
      description = "Which is lifted; without: all are listed.")
  private List<String> wanted = List.of();

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    if (!wanted.isEmpty() && (wanted.size() != 2 || !wanted.getFirst().equals("lift"))) {
      throw new ParameterException(
          spec.commandLine(), "Say: suppressions, or suppressions lift HASH|TYPE:VALUE.");
    }
    try (OpenHub open = OpenHub.of(hub, spec.commandLine().getErr())) {
      Database database = open.database();
      ErasureQueries queries = new ErasureQueries(database, hub.space());
      if (wanted.isEmpty()) {
        list(out, queries.suppressions(null, LISTED));
        return 0;
      }
      UserQueries users = new UserQueries(database, hub.space());
      String suppression = suppression(queries, new Lookup(users), wanted.getLast());
      try (Pipeline intake =
          new Pipeline(
              hub.space(), database.sessions("lift"), IntakeSettings.DEFAULT, traits -> {})) {
        intake.start();
        new Erasures(
                hub.space(),
                intake,
                database.sessions("preview"),
                users,
                queries,
                InstantSource.system())
            .lift(suppression, Operator.actor());
      }
      out.println("Lifted: it can come back");
      out.flush();
      return 0;
    }
  }

  private String suppression(ErasureQueries queries, Lookup lookup, String named) {
    if (!named.contains(":")) {
      return named;
    }
    try {
      Suppression barred = queries.suppression(lookup.named(List.of(Asked.text(named))).getFirst());
      if (barred == null) {
        throw new Failure(Problem.NOT_FOUND, "This identifier is not barred");
      }
      return barred.id();
    } catch (BadValue bad) {
      throw new ParameterException(spec.commandLine(), String.valueOf(bad.getMessage()), bad);
    }
  }

  private static void list(PrintWriter out, List<Suppression> suppressions) {
    TablePrinter table = new TablePrinter(out, HASH);
    table.titled("hash", "since", "erasure");
    for (Suppression one : suppressions) {
      table.row(
          new @Nullable String[] {one.id(), one.since().toString(), Long.toString(one.erasure())});
    }
    table.end();
  }
}
