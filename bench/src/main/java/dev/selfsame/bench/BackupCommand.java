package dev.selfsame.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * How long a backup beside a running hub takes, and its restore into a new directory: whole
 * processes of the program, against COPY of the same tables alone.
 */
@Command(
    name = "backup",
    description = "Seconds of a backup and of its restore, and their ratio to COPY alone.",
    mixinStandardHelpOptions = true)
final class BackupCommand implements Callable<Integer> {
  private static final double FLOOR = 60;

  @Mixin private Options options;
  @Spec private CommandSpec spec;

  @Option(
      names = "--users",
      defaultValue = "1000000",
      paramLabel = "N",
      description = "In the store (${DEFAULT-VALUE}).")
  private long users;

  @Option(
      names = "--runs",
      defaultValue = "3",
      paramLabel = "N",
      description = "Backups and restores (${DEFAULT-VALUE}).")
  private int runs;

  @Override
  public Integer call() {
    Report report = new Report("backup", spec.commandLine().getParseResult().originalArgs());
    double[] backups = new double[runs];
    double[] restores = new double[runs];
    Plain[] plain = new Plain[runs];
    long bytes = 0;
    try (Trial trial = new Trial(options)) {
      report.say("%s.", trial.database().facts());
      trial.fill(users);
      for (int run = 0; run < runs; run++) {
        Progress.say("Run %d of %d: COPY alone", run + 1, runs);
        plain[run] = Plain.measure(trial.database());
        Progress.say("COPY out %.1f s, in %.1f s", plain[run].out(), plain[run].in());
        Path file = trial.beside("run" + run + ".backup");
        Path data = trial.beside("restored" + run);
        backups[run] =
            seconds(trial, "backup", file.toString(), "--data", trial.hub().data().toString());
        Progress.say("Backup: %.1f s", backups[run]);
        restores[run] = seconds(trial, "restore", file.toString(), "--data", data.toString());
        Progress.say("Restore: %.1f s", restores[run]);
        bytes = size(file);
        check(trial, data);
        Trial.delete(file);
        Trial.delete(data);
      }
    }
    report.table("run", "backup s", "COPY out s", "ratio", "restore s", "COPY in s", "ratio");
    for (int run = 0; run < runs; run++) {
      report.row(
          run + 1,
          Report.decimals(backups[run], 1),
          Report.decimals(plain[run].out(), 1),
          Report.decimals(plain[run].out() / backups[run], 2),
          Report.decimals(restores[run], 1),
          Report.decimals(plain[run].in(), 1),
          Report.decimals(plain[run].in() / restores[run], 2));
    }
    report.end();
    report.table("floor", "wanted", "median", "");
    floor(report, "backup", Report.median(backups));
    floor(report, "restore", Report.median(restores));
    report.end();
    report.say(
        "%s users; the file has %s MB. Each restored directory held the store's users and ledger.",
        Report.thousands(users), Report.thousands(bytes / 1e6));
    report.publish(options.out);
    return 0;
  }

  private static void floor(Report report, String what, double seconds) {
    report.row(what, "under 60 s", Report.decimals(seconds, 1) + " s", Report.met(seconds < FLOOR));
  }

  /** From the program's first line to its end. */
  private double seconds(Trial trial, String... words) {
    Invocation run = Invocation.run(options, trial.beside("said"), words);
    Progress.say("%s", run.said().strip());
    return run.seconds();
  }

  /** Asked through the program, as anyone would. */
  private void check(Trial trial, Path data) {
    HubDatabase store = trial.database();
    String expected =
        "%d,%d"
            .formatted(
                store.number("SELECT count(*) FROM users"),
                store.number("SELECT count(*) FROM user_decisions"));
    String found =
        Invocation.run(
                options,
                trial.beside("said"),
                "query",
                "--data",
                data.toString(),
                "--format",
                "csv",
                "SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM user_decisions)")
            .said();
    if (!found.contains(expected)) {
      throw new Failed("Restored were %s; expected %s".formatted(found, expected));
    }
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new Failed("The backup is gone: " + e.getMessage(), e);
    }
  }
}
