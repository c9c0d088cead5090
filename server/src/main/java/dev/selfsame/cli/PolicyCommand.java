package dev.selfsame.cli;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.policy.Policies;
import dev.selfsame.policy.PolicyCheck;
import dev.selfsame.replay.History;
import dev.selfsame.source.Channels;
import dev.selfsame.store.Database;
import dev.selfsame.store.StoredLedger;
import dev.selfsame.store.StoredPolicies;
import dev.selfsame.store.StoredPolicies.Change;
import dev.selfsame.store.StoredPolicies.Difference;
import dev.selfsame.store.StoredPolicies.SharedEmail;
import dev.selfsame.store.StoredPolicies.Version;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows the policy, changes it, and tells what a change would have decided otherwise. */
@Command(
    name = "policy",
    description = "What claims are decided under: show it, check another, change it.",
    subcommands = {
      PolicyCommand.Show.class,
      PolicyCommand.SetFile.class,
      PolicyCommand.Versions.class,
      PolicyCommand.Check.class
    },
    mixinStandardHelpOptions = true)
final class PolicyCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "selfsame policy needs a command: show, set, versions or check");
  }

  /** The policy as a file that may be set again. */
  @Command(
      name = "show",
      description = "Print the policy that stands, as a file that says all of it.",
      mixinStandardHelpOptions = true)
  static final class Show implements Callable<Integer> {
    @Mixin private SpacedOptions hub;
    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
      return with(
          hub,
          spec,
          policies -> {
            Policies.Shown shown = policies.show();
            PrintWriter out = spec.commandLine().getOut();
            out.println("# " + line(shown.version()));
            out.print(shown.yaml());
            return 0;
          });
    }
  }

  /** Every version with who made it. */
  @Command(
      name = "versions",
      description = "List the versions of the policy, the newest first.",
      mixinStandardHelpOptions = true)
  static final class Versions implements Callable<Integer> {
    @Mixin private SpacedOptions hub;
    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
      return with(
          hub,
          spec,
          policies -> {
            policies
                .versions()
                .forEach(version -> spec.commandLine().getOut().println(line(version)));
            return 0;
          });
    }
  }

  /** Makes a file the policy. */
  @Command(
      name = "set",
      description = {
        "Make a file the policy. Running servers decide by it from their next batch on.",
        "A file that says what stands already changes nothing."
      },
      mixinStandardHelpOptions = true)
  static final class SetFile implements Callable<Integer> {
    @Mixin private SpacedOptions hub;
    @Spec private CommandSpec spec;

    @Parameters(paramLabel = "FILE", description = "The policy, as YAML or JSON.")
    private Path file;

    @Option(
        names = {"--dry-run", "--preview"},
        description = "Write nothing; show what would change.")
    private boolean dryRun;

    @Override
    public Integer call() {
      String text = text(file);
      return with(
          hub,
          spec,
          policies -> {
            Change change = policies.set(text, Operator.actor(), dryRun);
            print(spec.commandLine().getOut(), change);
            return change.shared().isEmpty() ? 0 : Failures.status(Problem.EMAILS_SHARED);
          });
    }

    private void print(PrintWriter out, Change change) {
      for (Difference difference : change.differences()) {
        out.println(
            "%s: %s -> %s".formatted(difference.key(), difference.before(), difference.after()));
      }
      for (SharedEmail shared : change.shared()) {
        out.println("Shared: %s by %s".formatted(shared.email(), shared.users()));
      }
      if (!change.shared().isEmpty()) {
        out.println("Nothing was written. It would be refused: emails are not unique.");
      } else if (change.differences().isEmpty()) {
        out.println("Nothing changes: this is version %d".formatted(change.version()));
      } else if (dryRun) {
        out.println("Nothing was written. This would be version " + (change.version() + 1));
      } else {
        out.println("Version %d stands from now on".formatted(change.version()));
      }
    }
  }

  /** What a file would have decided otherwise. */
  @Command(
      name = "check",
      description = {
        "Decide the last claims again in memory, as they were and under a file, and show what",
        "differs. Nothing is written."
      },
      mixinStandardHelpOptions = true)
  static final class Check implements Callable<Integer> {
    @Mixin private SpacedOptions hub;
    @Spec private CommandSpec spec;

    @Parameters(paramLabel = "FILE", description = "The policy, as YAML or JSON.")
    private Path file;

    @Option(
        names = "--last",
        paramLabel = "N",
        defaultValue = "10000",
        description = "How many claims (default: ${DEFAULT-VALUE}).")
    private int last;

    @Override
    public Integer call() {
      if (last < 1 || last > Policies.MOST_CHECKED) {
        throw new ParameterException(
            spec.commandLine(),
            "--last must be from 1 to %d; got %d".formatted(Policies.MOST_CHECKED, last));
      }
      String text = text(file);
      return with(
          hub,
          spec,
          policies -> {
            PrintWriter err = spec.commandLine().getErr();
            PolicyCheck.Report report =
                policies.check(
                    text,
                    last,
                    decided -> {
                      if (decided % 50_000 == 0 && decided > 0) {
                        err.println("%,d rows of the ledger read".formatted(decided));
                        err.flush();
                      }
                    });
            print(spec.commandLine().getOut(), report);
            return 0;
          });
    }

    private static void print(PrintWriter out, PolicyCheck.Report report) {
      out.println(
          "%,d of %,d claims (positions %d to %d) would be decided otherwise; %,d earlier ones had to do with them"
              .formatted(
                  report.differing(),
                  report.claims(),
                  report.from(),
                  report.to(),
                  report.connected()));
      for (PolicyCheck.Changed changed : report.changes()) {
        out.println(
            "  %,d: %s -> %s (at %s)"
                .formatted(
                    changed.claims(), changed.was(), changed.would(), some(changed.positions())));
      }
      out.println(
          "Users: %,d now, %,d then; %,d would be merged from several, %,d would be split"
              .formatted(
                  report.usersNow(),
                  report.usersThen(),
                  report.merged().users(),
                  report.split().users()));
      report.merged().examples().forEach(users -> out.println("  merged: " + some(users)));
      report.split().examples().forEach(users -> out.println("  split: " + some(users)));
      for (PolicyCheck.Shown shown : report.shown()) {
        out.println(
            "Shown: %,d users would show another %s".formatted(shown.users(), shown.field()));
        shown
            .examples()
            .forEach(one ->
                out.println(
                    "  %s: %s -> %s".formatted(one.user(), said(one.was()), said(one.would()))));
      }
      report
          .notReplayable()
          .forEach((why, rows) ->
              out.println("Not replayable: %,d rows of the ledger (%s)".formatted(rows, why)));
      if (report.touched().users() > 0) {
        out.println(
            "Taken as they are: %,d users that erasures touched (%s)"
                .formatted(report.touched().users(), some(report.touched().examples())));
      }
      if (report.notReproduced() > 0) {
        out.println(
            "Not reproduced: %,d claims are decided otherwise today even under their own policy (at %s)"
                .formatted(report.notReproduced(), some(report.notReproducedAt())));
      }
    }

    private static String said(@Nullable String value) {
      return value == null ? "none" : UserText.plain(value);
    }

    private static String some(List<?> things) {
      return String.join(", ", things.stream().map(Object::toString).toList());
    }
  }

  private static int with(HubOptions hub, CommandSpec spec, Function<Policies, Integer> work) {
    PrintWriter out = spec.commandLine().getOut();
    try (OpenHub open = OpenHub.of(hub, spec.commandLine().getErr())) {
      Database database = open.database();
      Policies policies =
          new Policies(
              new StoredPolicies(database, hub.space()),
              () -> new History(new StoredLedger(database, hub.space()), Channels.readers()),
              InstantSource.system());
      return work.apply(policies);
    } finally {
      out.flush();
    }
  }

  private static String line(Version version) {
    @Nullable String by = version.by();
    Long position = version.position();
    return "version %d, %s%s%s"
        .formatted(
            version.number(),
            version.at(),
            by == null ? "" : ", by " + by,
            position == null ? "" : ", position " + position);
  }

  private static String text(Path file) {
    try {
      if (Files.size(file) > 2L * Policies.MOST_CHARACTERS) {
        throw new Failure(Problem.POLICY_INVALID, "%s is too large for a policy".formatted(file));
      }
      return Files.readString(file);
    } catch (IOException e) {
      throw new Failure(Problem.FILE_UNUSABLE, "%s cannot be read: %s".formatted(file, e), 0, e);
    }
  }
}
