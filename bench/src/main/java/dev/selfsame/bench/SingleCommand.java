package dev.selfsame.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Requests of one event each: as many as go, and the latency at a steady thousand a second. */
@Command(
    name = "single",
    description =
        "Requests of one event each through /v1/identify: as fast as they go, and at a steady"
            + " rate.",
    mixinStandardHelpOptions = true)
final class SingleCommand implements Callable<Integer> {
  private static final double RATE_FLOOR = 4_000;
  private static final long P99_FLOOR_MICROS = 25_000;

  @Mixin private Options options;
  @Mixin private RunOptions measured;
  @Spec private CommandSpec spec;

  @Option(
      names = "--rate",
      defaultValue = "1000",
      paramLabel = "N",
      description = "Requests a second of the steady runs (${DEFAULT-VALUE}).")
  private long rate;

  @Override
  public Integer call() {
    options.batch = 1;
    Report report = new Report("single", spec.commandLine().getParseResult().originalArgs());
    List<Trial.Run> closed = new ArrayList<>();
    List<Trial.Run> open = new ArrayList<>();
    Memory memory;
    try (Trial trial = new Trial(options)) {
      report.say("%s.", trial.database().facts());
      trial.fill(measured.users);
      trial.warmUp(measured.warmup);
      for (int run = 1; run <= measured.runs; run++) {
        Progress.say("Run %d of %d: as fast as they go", run, measured.runs);
        closed.add(trial.closed(measured.seconds));
      }
      for (int run = 1; run <= measured.runs; run++) {
        Progress.say("Run %d of %d: %d a second", run, measured.runs, rate);
        open.add(trial.open(measured.seconds, rate));
      }
      memory = trial.memory();
    }
    report.table(
        "run",
        "requests/s",
        "p50 ms",
        "p95 ms",
        "p99 ms",
        "max ms",
        "CPU µs/event PostgreSQL",
        "hub",
        "load",
        "others",
        "WAL B/event");
    rows(report, "as fast as they go, ", closed);
    rows(report, rate + " a second, ", open);
    report.end();
    double fastest =
        Report.median(closed.stream().mapToDouble(run -> run.measured().rate()).toArray());
    double p99 = Report.median(open.stream().mapToDouble(run -> run.measured().p99()).toArray());
    report.table("floor", "wanted", "median", "");
    report.row(
        "events/s", "at least 4,000", Report.thousands(fastest), Report.met(fastest >= RATE_FLOOR));
    report.row(
        "p99 at %d a second".formatted(rate),
        "under 25 ms",
        Report.millis((long) p99) + " ms",
        Report.met(p99 < P99_FLOOR_MICROS));
    report.end();
    report.say("%s", memory.sentence());
    report.publish(options.out);
    return 0;
  }

  private static void rows(Report report, String what, List<Trial.Run> runs) {
    for (int i = 0; i < runs.size(); i++) {
      Trial.Run run = runs.get(i);
      report.row(
          what + (i + 1),
          Report.thousands(run.measured().rate()),
          Report.millis(run.measured().p50()),
          Report.millis(run.measured().p95()),
          Report.millis(run.measured().p99()),
          Report.millis(run.measured().max()),
          Report.decimals(run.micros(run.usage().postgres()), 0),
          Report.decimals(run.micros(run.usage().hub()), 0),
          Report.decimals(run.micros(run.usage().load()), 0),
          Report.decimals(run.micros(run.usage().others()), 0),
          Report.thousands((double) run.wal() / run.measured().all()));
    }
  }
}
