package dev.selfsame.bench;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * How long a start on an existing data directory takes, from the launcher's first line to "ready".
 */
@Command(
    name = "start",
    description = "Seconds from ./selfsame serve to ready, on an existing data directory.",
    mixinStandardHelpOptions = true)
final class StartCommand implements Callable<Integer> {
  private static final double FLOOR = 3;

  @Mixin private Options options;
  @Spec private CommandSpec spec;

  @Option(
      names = "--users",
      defaultValue = "100000",
      paramLabel = "N",
      description = "In the store (${DEFAULT-VALUE}).")
  private long users;

  @Option(
      names = "--runs",
      defaultValue = "5",
      paramLabel = "N",
      description = "Starts (${DEFAULT-VALUE}).")
  private int runs;

  @Override
  public Integer call() {
    Report report = new Report("start", spec.commandLine().getParseResult().originalArgs());
    double[] starts = new double[runs];
    double first;
    try (Trial trial = new Trial(options)) {
      first = trial.hub().startSeconds();
      report.say("%s.", trial.database().facts());
      trial.fill(users);
      for (int run = 0; run < runs; run++) {
        trial.restart();
        starts[run] = trial.hub().startSeconds();
        Progress.say("Start %d of %d: %.2f s", run + 1, runs, starts[run]);
      }
    }
    report.table("start", "seconds");
    report.row("first, on no data directory", Report.decimals(first, 2));
    for (int run = 0; run < runs; run++) {
      report.row(run + 1, Report.decimals(starts[run], 2));
    }
    double median = Report.median(starts);
    report.row(
        "**median** (wanted: under 3; %s)".formatted(Report.met(median < FLOOR)),
        "**" + Report.decimals(median, 2) + "**");
    report.end();
    report.publish(options.out);
    return 0;
  }
}
