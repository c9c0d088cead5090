package dev.selfsame.cli;

import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.Raw;
import dev.selfsame.intake.IntakeSettings;
import dev.selfsame.intake.Pipeline;
import dev.selfsame.intake.Preview;
import dev.selfsame.lookup.Lookup;
import dev.selfsame.review.MoveRequest;
import dev.selfsame.review.Moved;
import dev.selfsame.review.Moves;
import dev.selfsame.store.Database;
import dev.selfsame.store.MergeQueries;
import dev.selfsame.store.UserQueries;
import java.io.PrintWriter;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Moves one identifier to another user, or shows what that would make. */
@Command(
    name = "move-identifier",
    description = {
      "Move an identifier to another user. It shows there if the user shows none of its kind,"
          + " unless",
      "you say otherwise. Moving it back is how it is taken back."
    },
    mixinStandardHelpOptions = true)
final class MoveIdentifierCommand implements Callable<Integer> {
  @Mixin private SpacedOptions hub;
  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      paramLabel = "TYPE:VALUE",
      description = "The identifier, such as email:ann@example.com or zendesk_id:77.")
  private String identifier;

  @Option(
      names = "--from",
      paramLabel = "USER",
      description = "The user that has it; needed only for an email that several have.")
  private @Nullable String from;

  @Option(
      names = "--to",
      paramLabel = "USER",
      required = true,
      description = "The other user: its id, or TYPE:VALUE such as external_id:42.")
  private String to;

  @Option(
      names = "--current",
      arity = "1",
      paramLabel = "true|false",
      description = "Whether it shows there.")
  private @Nullable Boolean current;

  @Option(
      names = {"--dry-run", "--preview"},
      description = "Write nothing; show both users as they would be.")
  private boolean preview;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    int colon =
        identifier.indexOf(':', identifier.startsWith("fallback:") ? "fallback:".length() : 0);
    if (colon < 1) {
      throw new ParameterException(
          spec.commandLine(), "An identifier is given as TYPE:VALUE; got " + identifier);
    }
    IdentifierType type;
    try {
      type = IdentifierType.of(identifier.substring(0, colon));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
    try (OpenHub open = OpenHub.of(hub, spec.commandLine().getErr())) {
      Database database = open.database();
      UserQueries queries = new UserQueries(database, hub.space());
      Lookup lookup = new Lookup(queries);
      MoveRequest request =
          new MoveRequest(
              type,
              Raw.text(identifier.substring(colon + 1)),
              NamedUser.of(from == null ? identifier : from, lookup, spec.commandLine()),
              NamedUser.of(to, lookup, spec.commandLine()),
              current,
              Operator.actor());
      try (Pipeline intake =
          new Pipeline(
              hub.space(), database.sessions("move"), IntakeSettings.DEFAULT, traits -> {})) {
        intake.start();
        Moves moves =
            new Moves(
                intake,
                () -> Preview.open(hub.space(), database.sessions("preview")),
                queries,
                new MergeQueries(database, hub.space()),
                InstantSource.system());
        print(out, preview ? moves.preview(request) : moves.move(request));
      }
    }
    return 0;
  }

  private void print(PrintWriter out, Moved moved) {
    out.println(
        preview
            ? "Nothing was written. The two users would be:"
            : "Moved. The user that had it, and the one that has it now:");
    out.println();
    UndoCommand.print(out, moved.from());
    UndoCommand.print(out, moved.to());
    UndoCommand.printFlags(out, moved.flags());
    out.flush();
  }
}
