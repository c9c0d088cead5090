package dev.selfsame.cli;

import dev.selfsame.store.StoredSpaces;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The spaces of the installation: makes and lists them. */
@Command(
    name = "spaces",
    description = "Make and list spaces: users that have nothing to do with each other.",
    mixinStandardHelpOptions = true,
    subcommands = {SpacesCommand.Create.class, SpacesCommand.ListAll.class})
final class SpacesCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Say create or list.");
  }

  /** Makes one. */
  @Command(
      name = "create",
      description = "Make a space; running servers serve it within a second.",
      mixinStandardHelpOptions = true)
  static final class Create implements Callable<Integer> {
    @Mixin private HubOptions hub;
    @Spec private CommandSpec spec;

    @Parameters(
        paramLabel = "NAME",
        description = "1 to 40 of a-z, 0-9 and _, the first of them a letter.")
    private String name;

    @Override
    public Integer call() {
      try (OpenHub open = OpenHub.of(hub, spec.commandLine().getErr())) {
        new StoredSpaces(open.database()).create(name, Operator.actor(), Instant.now());
        PrintWriter out = spec.commandLine().getOut();
        out.println(
            "The space %1$s is there. Make its keys with: selfsame keys create --space %1$s"
                .formatted(name));
        out.flush();
        return 0;
      }
    }
  }

  /** Lists all. */
  @Command(
      name = "list",
      description = "List the spaces, and how many users each has.",
      mixinStandardHelpOptions = true)
  static final class ListAll implements Callable<Integer> {
    @Mixin private HubOptions hub;
    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
      try (OpenHub open = OpenHub.of(hub, spec.commandLine().getErr())) {
        TablePrinter table = new TablePrinter(spec.commandLine().getOut());
        table.titled("name", "users", "created");
        for (StoredSpaces.Space space : new StoredSpaces(open.database()).list()) {
          table.row(
              new @Nullable String[] {
                space.name(),
                Long.toString(space.users()),
                space.createdAt() == null ? null : space.createdAt().toString()
              });
        }
        table.end();
        return 0;
      }
    }
  }
}
