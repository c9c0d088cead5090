package dev.selfsame.cli;

import dev.selfsame.access.Actor;
import dev.selfsame.intake.IntakeSettings;
import dev.selfsame.intake.Pipeline;
import dev.selfsame.intake.Preview;
import dev.selfsame.replay.History;
import dev.selfsame.review.RaisedFlag;
import dev.selfsame.review.ShownUser;
import dev.selfsame.review.Undone;
import dev.selfsame.review.Undos;
import dev.selfsame.source.Channels;
import dev.selfsame.store.Database;
import dev.selfsame.store.LinkQueries;
import dev.selfsame.store.MergeQueries;
import dev.selfsame.store.StoredLedger;
import dev.selfsame.store.UserQueries;
import java.io.PrintWriter;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Takes back a merge, or shows what that would make. */
@Command(
    name = "undo",
    description = {
      "Take back a merge, made by a rule or by hand. Both users live again, each with what was"
          + " said",
      "of it since, and no rule joins them from then on. Or take back that a rule gave a user an",
      "identifier (K4, S2, R3, R3b, P7): it and what was said under it since become a user of their"
          + " own."
    },
    mixinStandardHelpOptions = true)
final class UndoCommand implements Callable<Integer> {
  @Mixin private SpacedOptions hub;
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "MERGE",
      description =
          "The merge's id, as explain, merges and user_merges show it; or the position of the claim"
              + " that brought the identifier, as explain and merges --links show it.")
  private String merge;

  @Option(
      names = {"--dry-run", "--preview"},
      description = "Write nothing; show both users as they would be.")
  private boolean preview;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    try (OpenHub open = OpenHub.of(hub, spec.commandLine().getErr())) {
      Database database = open.database();
      try (Pipeline intake =
          new Pipeline(
              hub.space(), database.sessions("undo"), IntakeSettings.DEFAULT, traits -> {})) {
        intake.start();
        Undos undos =
            new Undos(
                intake,
                () -> Preview.open(hub.space(), database.sessions("preview")),
                new UserQueries(database, hub.space()),
                new MergeQueries(database, hub.space()),
                new LinkQueries(database, hub.space()),
                () -> new History(new StoredLedger(database, hub.space()), Channels.readers()),
                InstantSource.system());
        Actor actor = Operator.actor();
        print(out, preview ? undos.preview(merge, actor) : undos.undo(merge, actor));
      }
    }
    return 0;
  }

  private void print(PrintWriter out, Undone undone) {
    String kind = undone.link() == null ? "merge" : "link";
    out.println(
        preview
            ? "Nothing was written. Without the %s %s these would be two users:"
                .formatted(kind, merge)
            : "The %s %s is undone. These are two users, and no rule joins them:"
                .formatted(kind, merge));
    out.println();
    print(out, undone.survivor());
    print(out, undone.restored());
    printFlags(out, undone.flags());
    out.flush();
  }

  static void print(PrintWriter out, @Nullable ShownUser user) {
    if (user != null) {
      UserText.print(out, user.user(), user.identifiers());
    }
  }

  static void printFlags(PrintWriter out, List<RaisedFlag> flags) {
    for (RaisedFlag flag : flags) {
      out.println(
          "  Flagged: %s%s"
              .formatted(
                  flag.kind(),
                  flag.identifier() == null
                      ? ""
                      : " "
                          + flag.identifier().type()
                          + ":"
                          + UserText.plain(flag.identifier().value())));
    }
  }
}
