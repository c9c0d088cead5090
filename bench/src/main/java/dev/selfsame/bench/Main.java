package dev.selfsame.bench;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command {@code bench}: every benchmark is a command of its own. */
@Command(
    name = "bench",
    description = "Measures Selfsame. Results are Markdown on stdout; progress is on stderr.",
    mixinStandardHelpOptions = true,
    subcommands = {
      LiveCommand.class,
      SingleCommand.class,
      ScaleCommand.class,
      EngineCommand.class,
      StartCommand.class,
      BackupCommand.class,
      CsvCommand.class,
      LandCommand.class,
      WarehouseCommand.class,
      PublishCommand.class,
      ReviewCommand.class,
      PagesCommand.class,
      LookupCommand.class
    })
public final class Main implements Runnable {

  private Main() {}

  public static void main(String[] args) {
    System.exit(execute(args));
  }

  /** Exit codes: 0 done, 1 failed, 2 usage. */
  static int execute(String... args) {
    return new CommandLine(new Main())
        .setExecutionExceptionHandler((failure, command, result) -> {
          if (failure instanceof Failed) {
            System.err.println(failure.getMessage());
          } else {
            failure.printStackTrace();
          }
          return 1;
        })
        .execute(args);
  }

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        new CommandLine(this), "Name a benchmark; --help lists them.");
  }
}
