package dev.selfsame.bench;

import java.nio.file.Path;
import java.util.Collection;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The parts that need no database, by JMH. */
@Command(
    name = "engine",
    description = "Nanoseconds of deciding a claim and of reading an event (JMH).",
    mixinStandardHelpOptions = true)
final class EngineCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--seconds",
      defaultValue = "1",
      paramLabel = "S",
      description = "Of each measurement (${DEFAULT-VALUE}).")
  private int seconds;

  @Option(
      names = "--runs",
      defaultValue = "5",
      paramLabel = "N",
      description = "Measurements in each fork (${DEFAULT-VALUE}).")
  private int runs;

  @Option(
      names = "--forks",
      defaultValue = "2",
      paramLabel = "N",
      description = "Fresh JVMs (${DEFAULT-VALUE}).")
  private int forks;

  @Option(names = "--out", paramLabel = "FILE", description = "Write the result there too.")
  private @Nullable Path out;

  @Override
  public Integer call() {
    Report report = new Report("engine", spec.commandLine().getParseResult().originalArgs());
    var options =
        new OptionsBuilder()
            .include("dev\\.selfsame\\.bench\\.part\\..*")
            .forks(forks)
            .jvmArgs("-Xmx512m", "-XX:+UseSerialGC")
            .warmupIterations(runs)
            .warmupTime(TimeValue.seconds(seconds))
            .measurementIterations(runs)
            .measurementTime(TimeValue.seconds(seconds))
            .timeUnit(TimeUnit.NANOSECONDS)
            .verbosity(VerboseMode.SILENT)
            .build();
    Collection<RunResult> results;
    try {
      Progress.say("Measuring; about %d s", 7L * forks * runs * seconds * 2);
      results = new Runner(options).run();
    } catch (RunnerException e) {
      throw new Failed("JMH failed: " + e.getMessage(), e);
    }
    report.table("what", "ns/op", "± 99.9 %");
    for (RunResult result : results) {
      var score = result.getPrimaryResult();
      String row = result.getParams().getParam("row");
      report.row(
          score.getLabel() + (row == null ? "" : " " + row),
          Report.thousands(score.getScore()),
          Double.isNaN(score.getScoreError()) ? "–" : Report.thousands(score.getScoreError()));
    }
    report.end();
    report.publish(out);
    return 0;
  }
}
