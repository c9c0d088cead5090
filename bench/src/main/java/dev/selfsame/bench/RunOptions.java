package dev.selfsame.bench;

import picocli.CommandLine.Option;

/** How large the store is and how long it is loaded, for commands that measure one store. */
final class RunOptions {

  @Option(
      names = "--users",
      defaultValue = "1000000",
      paramLabel = "N",
      description = "In the store at the start (${DEFAULT-VALUE}).")
  long users;

  @Option(
      names = "--seconds",
      defaultValue = "15",
      paramLabel = "S",
      description = "Of each run (${DEFAULT-VALUE}).")
  double seconds;

  @Option(
      names = "--runs",
      defaultValue = "3",
      paramLabel = "N",
      description = "Measured runs, of each kind (${DEFAULT-VALUE}).")
  int runs;

  @Option(
      names = "--warmup",
      defaultValue = "10",
      paramLabel = "S",
      description = "Seconds of load before them (${DEFAULT-VALUE}).")
  double warmup;
}
