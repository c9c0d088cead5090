package dev.selfsame.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * The same load on a small store and on a large one. Half of the events are new users, so a small
 * store would soon be no small one: it is filled anew before each of its runs.
 */
@Command(
    name = "scale",
    description = "The live rate on a small and on a large store, and their ratio.",
    mixinStandardHelpOptions = true)
final class ScaleCommand implements Callable<Integer> {
  private static final double RATIO_FLOOR = 0.6;

  @Mixin private Options options;
  @Spec private CommandSpec spec;

  @Option(
      names = "--small",
      defaultValue = "100000",
      paramLabel = "N",
      description = "Users of the small store (${DEFAULT-VALUE}).")
  private long small;

  @Option(
      names = "--large",
      defaultValue = "5000000",
      paramLabel = "N",
      description = "Users of the large store (${DEFAULT-VALUE}).")
  private long large;

  @Option(
      names = "--seconds",
      defaultValue = "15",
      paramLabel = "S",
      description = "Of each run on the large store (${DEFAULT-VALUE}).")
  private double seconds;

  @Option(
      names = "--small-seconds",
      defaultValue = "5",
      paramLabel = "S",
      description = "Of each run on the small one, which grows (${DEFAULT-VALUE}).")
  private double smallSeconds;

  @Option(
      names = "--runs",
      defaultValue = "3",
      paramLabel = "N",
      description = "Measured runs on each (${DEFAULT-VALUE}).")
  private int runs;

  @Option(
      names = "--warmup",
      defaultValue = "20",
      paramLabel = "S",
      description = "Seconds of load before them (${DEFAULT-VALUE}).")
  private double warmup;

  @Override
  public Integer call() {
    Report report = new Report("scale", spec.commandLine().getParseResult().originalArgs());
    List<Trial.Run> onSmall = new ArrayList<>();
    List<Trial.Run> onLarge = new ArrayList<>();
    Memory memory;
    try (Trial trial = new Trial(options)) {
      report.say("%s.", trial.database().facts());
      trial.fill(small);
      trial.warmUp(warmup);
      for (int run = 1; run <= runs; run++) {
        trial.fill(small);
        Progress.say("Small store, run %d of %d", run, runs);
        onSmall.add(trial.closed(smallSeconds));
      }
      trial.fill(large);
      trial.warmUp(warmup);
      for (int run = 1; run <= runs; run++) {
        Progress.say("Large store, run %d of %d", run, runs);
        onLarge.add(trial.closed(seconds));
      }
      memory = trial.memory();
    }
    report.table(
        "run",
        "users at its start",
        "at its end",
        "events/s",
        "p50 ms",
        "p99 ms",
        "CPU µs/event PostgreSQL",
        "hub",
        "others",
        "WAL B/event",
        "checkpoints");
    rows(report, "small ", onSmall);
    rows(report, "large ", onLarge);
    report.end();
    double slow =
        Report.median(onLarge.stream().mapToDouble(run -> run.measured().rate()).toArray());
    double fast =
        Report.median(onSmall.stream().mapToDouble(run -> run.measured().rate()).toArray());
    report.table("floor", "wanted", "of the medians", "");
    report.row(
        "rate on the large store to that on the small one",
        "at least 0.6",
        Report.decimals(slow / fast, 3),
        Report.met(slow / fast >= RATIO_FLOOR));
    report.end();
    report.say(
        "Sent to the small store: %s. To the large one: %s.",
        Trial.kinds(onSmall), Trial.kinds(onLarge));
    report.say("%s", memory.sentence());
    report.publish(options.out);
    return 0;
  }

  private static void rows(Report report, String what, List<Trial.Run> runs) {
    for (int i = 0; i < runs.size(); i++) {
      Trial.Run run = runs.get(i);
      report.row(
          what + (i + 1),
          Report.thousands(run.usersBefore()),
          Report.thousands(run.usersBefore() + run.measured().created()),
          Report.thousands(run.measured().rate()),
          Report.millis(run.measured().p50()),
          Report.millis(run.measured().p99()),
          Report.decimals(run.micros(run.usage().postgres()), 1),
          Report.decimals(run.micros(run.usage().hub()), 1),
          Report.decimals(run.micros(run.usage().others()), 1),
          Report.thousands((double) run.wal() / run.measured().all()),
          run.checkpoints());
    }
  }
}
