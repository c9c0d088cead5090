package dev.selfsame.cli;

import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Runs the hub on a directory of its own for some seconds, under load, and ends. The launcher lets
 * Java watch that: what it saw makes the starts and first minutes of that build faster.
 */
@Command(
    name = "rehearse",
    hidden = true,
    description = "Run the hub under load for some seconds, for Java to watch; the launcher's own.")
final class RehearseCommand implements Callable<Integer> {
  private static final Duration LONGEST = Duration.ofSeconds(60);

  private final Program program;
  @Spec private CommandSpec spec;

  @Option(
      names = "--data",
      required = true,
      paramLabel = "DIR",
      description = "A new directory, which may be removed afterwards.")
  private Path data;

  @Option(
      names = "--events",
      defaultValue = "300000",
      description = "How many events are sent (default: ${DEFAULT-VALUE}).")
  private int events;

  @Option(
      names = "--alone",
      defaultValue = "40000",
      description = "How many more, each in a request of its own (default: ${DEFAULT-VALUE}).")
  private int alone;

  @Option(
      names = "--look-ups",
      defaultValue = "40000",
      description = "How many users are looked up (default: ${DEFAULT-VALUE}).")
  private int lookUps;

  @Option(
      names = "--notes",
      defaultValue = "10000",
      description = "How many notes are sent (default: ${DEFAULT-VALUE}).")
  private int notes;

  @Option(
      names = "--people",
      defaultValue = "40000",
      description =
          "How many people of a tool land, with a row each of another table (default:"
              + " ${DEFAULT-VALUE}).")
  private int people;

  RehearseCommand(Program program) {
    this.program = program;
  }

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    try (Program.Running running =
        program.start(
            new Program.Start(data, null, "127.0.0.1:0", 0, null, null, null, true), line -> {})) {
      URI hub = URI.create(running.url());
      String writeKey =
          Objects.requireNonNull(
              running.newWriteKey(), "The rehearsal needs a directory that is new");
      String token =
          Objects.requireNonNull(running.newToken(), "The rehearsal needs a directory that is new");
      RehearsedLoad load = new RehearsedLoad(hub, LONGEST);
      // A batch's work is resolving and writing, a lone event's and a look-up's is HTTP: Java is to
      // know all of it.
      long taken = load.batches(writeKey, events) + load.alone(writeKey, alone);
      long asked = load.lookUps(token, lookUps);
      long noted = load.notes(token, notes);
      // The command lands as the server does, and is over before Java has learned how.
      long landed = load.rows(token, people);
      out.println(
          "Rehearsed with %d events, %d look-ups, %d notes and %d rows"
              .formatted(taken, asked, noted, landed));
      out.flush();
    }
    return 0;
  }
}
