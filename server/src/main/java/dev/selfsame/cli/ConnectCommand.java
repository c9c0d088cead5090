package dev.selfsame.cli;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Tells how a tool that speaks SQL gets at the published tables. */
@Command(
    name = "connect",
    description =
        "Print the URL under which psql, Metabase, dbt and the like read the published tables. It"
            + " holds a password.",
    mixinStandardHelpOptions = true)
final class ConnectCommand implements Callable<Integer> {
  @Mixin private SpacedOptions hub;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    boolean external = hub.databaseUrl != null && !hub.databaseUrl.isBlank();
    if (!external && ServerFile.running(hub.data) == null) {
      throw new Failure(
          Problem.NOT_FOUND,
          "No server runs on %s, so there is nothing to connect to. Start it with: selfsame serve --data %s"
              .formatted(hub.data, hub.data));
    }
    try (OpenHub open = OpenHub.of(hub, spec.commandLine().getErr())) {
      PrintWriter out = spec.commandLine().getOut();
      out.println(open.database().readerAddress(hub.space()).full());
      out.flush();
    }
    return 0;
  }
}
