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
 * The whole path from HTTP to commit under full load, against COPY of exactly the rows that it
 * left.
 */
@Command(
    name = "live",
    description = "Events per second through /v1/batch, and their ratio to COPY of the same rows.",
    mixinStandardHelpOptions = true)
final class LiveCommand implements Callable<Integer> {
  private static final double RATE_FLOOR = 12_000;
  private static final double RATIO_FLOOR = 0.4;
  private static final long P99_FLOOR_MICROS = 500_000;

  @Mixin private Options options;
  @Mixin private RunOptions measured;
  @Spec private CommandSpec spec;

  @Option(
      names = "--batch",
      defaultValue = "100",
      paramLabel = "N",
      description = "Events of a request (${DEFAULT-VALUE}).")
  private int batch;

  @Override
  public Integer call() {
    options.batch = batch;
    Report report = new Report("live", spec.commandLine().getParseResult().originalArgs());
    List<Trial.Run> lived = new ArrayList<>();
    List<Clones.Copied> copied = new ArrayList<>();
    try (Trial trial = new Trial(options)) {
      report.say("%s.", trial.database().facts());
      trial.fill(measured.users);
      Progress.say("Filling the clones");
      Clones clones = new Clones(trial.database());
      Trial.Run warm = trial.warmUp(measured.warmup);
      clones.follow(warm.after(), warm.until());
      for (int run = 1; run <= measured.runs; run++) {
        Progress.say("Run %d of %d: %.0f s of load", run, measured.runs, measured.seconds);
        Trial.Run one = trial.closed(measured.seconds);
        lived.add(one);
        Progress.say("COPY of its rows");
        Clones.Copied copy = clones.copy(one.after(), one.until());
        copied.add(copy);
        Progress.say(
            "COPY: %,.0f events/s; ratio %.3f",
            one.measured().all() / copy.best(), ratio(one, copy));
      }
      write(report, lived, copied, trial.memory());
    }
    report.publish(options.out);
    return 0;
  }

  private static double copyRate(Trial.Run run, Clones.Copied copy) {
    return run.measured().all() / copy.best();
  }

  private static double ratio(Trial.Run run, Clones.Copied copy) {
    return run.measured().rate() / copyRate(run, copy);
  }

  private static double ratioWithUpdates(Trial.Run run, Clones.Copied copy) {
    return run.measured().rate() / (run.measured().all() / (copy.best() + copy.updated()));
  }

  private void write(
      Report report, List<Trial.Run> lived, List<Clones.Copied> copied, Memory memory) {
    report.table(
        "run",
        "users at its start",
        "events/s",
        "of COPY",
        "p50 ms",
        "p95 ms",
        "p99 ms",
        "max ms",
        "CPU µs/event PostgreSQL",
        "hub",
        "load",
        "others",
        "WAL B/event",
        "checkpoints");
    for (int i = 0; i < lived.size(); i++) {
      Trial.Run run = lived.get(i);
      report.row(
          i + 1,
          Report.thousands(run.usersBefore()),
          Report.thousands(run.measured().rate()),
          Report.decimals(ratio(run, copied.get(i)), 3),
          Report.millis(run.measured().p50()),
          Report.millis(run.measured().p95()),
          Report.millis(run.measured().p99()),
          Report.millis(run.measured().max()),
          Report.decimals(run.micros(run.usage().postgres()), 1),
          Report.decimals(run.micros(run.usage().hub()), 1),
          Report.decimals(run.micros(run.usage().load()), 1),
          Report.decimals(run.micros(run.usage().others()), 1),
          Report.thousands((double) run.wal() / run.measured().all()),
          run.checkpoints());
    }
    double rate = Report.median(lived.stream().mapToDouble(run -> run.measured().rate()).toArray());
    double[] ratios = new double[lived.size()];
    double[] withUpdates = new double[lived.size()];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] = ratio(lived.get(i), copied.get(i));
      withUpdates[i] = ratioWithUpdates(lived.get(i), copied.get(i));
    }
    double p99 = Report.median(lived.stream().mapToDouble(run -> run.measured().p99()).toArray());
    report.row(
        "**median**",
        "",
        "**" + Report.thousands(rate) + "**",
        "**" + Report.decimals(Report.median(ratios), 3) + "**",
        "",
        "",
        "**" + Report.millis((long) p99) + "**",
        "",
        "",
        "",
        "",
        "",
        "",
        "");
    report.end();

    report.table(
        "run",
        "events",
        "rows copied: parts",
        "identifiers",
        "ledger",
        "message keys",
        "COPY events/s, one transaction",
        "2,000 events each",
        "ratio to the faster",
        "updated parts",
        "ratio with them");
    for (int i = 0; i < lived.size(); i++) {
      Trial.Run run = lived.get(i);
      Clones.Copied copy = copied.get(i);
      long events = run.measured().all();
      report.row(
          i + 1,
          Report.thousands(events),
          Report.thousands(copy.rows().get(0)),
          Report.thousands(copy.rows().get(1)),
          Report.thousands(copy.rows().get(2)),
          Report.thousands(copy.rows().get(3)),
          Report.thousands(events / copy.one()),
          Report.thousands(events / copy.many()),
          Report.decimals(ratios[i], 3),
          Report.thousands(copy.updatedRows()),
          Report.decimals(withUpdates[i], 3));
    }
    report.end();
    report.table("floor", "wanted", "median", "");
    report.row(
        "events/s", "at least 12,000", Report.thousands(rate), Report.met(rate >= RATE_FLOOR));
    double median = Report.median(ratios);
    report.row(
        "ratio to COPY",
        "at least 0.4",
        Report.decimals(median, 3),
        Report.met(median >= RATIO_FLOOR));
    report.row(
        "p99 of a request",
        "under 500 ms",
        Report.millis((long) p99) + " ms",
        Report.met(p99 < P99_FLOOR_MICROS));
    report.row(
        "heap",
        "under 512 MB (-Xmx512m)",
        memory.heapPeak() + " MB",
        Report.met(memory.heapPeak() < 512));
    report.end();
    report.say(
        "Ratio to COPY with the updated parts' rows besides, median: %.3f.",
        Report.median(withUpdates));
    report.say("%s", memory.sentence());
    long refused = lived.stream().mapToLong(run -> run.measured().refused()).sum();
    long made = lived.stream().mapToLong(run -> run.measured().made()).sum();
    report.say(
        "Sent: %s. %d requests were refused and sent again; %d were made while the clock ran. After"
            + " each run the store held exactly the acknowledged events, each decided by the rule"
            + " it was made for.",
        Trial.kinds(lived), refused, made);
  }
}
