package dev.selfsame.cli;

import dev.selfsame.connection.Connections;
import dev.selfsame.connection.Drivers;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.secret.Secrets;
import dev.selfsame.store.ReaderQuery.Column;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The other databases that sources may ask. */
@Command(
    name = "connection",
    description = "Add, list, test and remove connections to databases that sources may ask.",
    mixinStandardHelpOptions = true,
    subcommands = {
      ConnectionCommand.Add.class,
      ConnectionCommand.ListAll.class,
      ConnectionCommand.Test.class,
      ConnectionCommand.Remove.class
    })
final class ConnectionCommand implements Runnable {

  /** The environment variable that a password may stand in. */
  static final String PASSWORD = "SELFSAME_CONNECTION_PASSWORD";

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Say add, list, test or remove.");
  }

  static Connections connections(HubOptions hub, OpenHub open) {
    return new Connections(
        open.database(),
        hub.space(),
        Secrets.of(hub.data, System.getenv()),
        new Drivers(hub.data.resolve("drivers")),
        InstantSource.system());
  }

  /** Adds one, and tries it. */
  @Command(
      name = "add",
      description = "Add a connection, and try it; its password is kept encrypted.",
      mixinStandardHelpOptions = true)
  static final class Add implements Callable<Integer> {
    @Mixin private SpacedOptions hub;
    @Spec private CommandSpec spec;

    @Parameters(paramLabel = "NAME", description = "What to call it.")
    private String name;

    @Option(
        names = "--url",
        required = true,
        paramLabel = "URL",
        description =
            "postgresql://host:5432/database, mysql://…, mariadb://…, duckdb:/path/file.db, or the"
                + " JDBC address of a driver in DIR/drivers. Without user and password.")
    private String url;

    @Option(names = "--user", paramLabel = "USER", description = "Whom to log in as.")
    private @Nullable String user;

    @Option(
        names = "--password-file",
        paramLabel = "FILE",
        description = "A file that holds the password; else it stands in " + PASSWORD + ".")
    private @Nullable Path passwordFile;

    @Option(
        names = "--option",
        paramLabel = "NAME=VALUE",
        description =
            "sslmode (disable, prefer, require, verify-ca, verify-full), sslrootcert; of another"
                + " driver, what it knows.")
    private Map<String, String> options = Map.of();

    @Option(names = "--replace", description = "Put it in place of the one of that name.")
    private boolean replace;

    @Override
    public Integer call() {
      try (OpenHub open = OpenHub.of(hub, spec.commandLine().getErr())) {
        Connections connections = connections(hub, open);
        connections.add(name, url, user, password(), options, replace, Operator.actor());
        spec.commandLine().getOut().println("Added " + name);
        spec.commandLine().getOut().flush();
        Connections.Tried tried = connections.test(name);
        spec.commandLine().getOut().println("It answers within %d ms".formatted(tried.millis()));
      }
      return 0;
    }

    private @Nullable String password() {
      if (passwordFile == null) {
        return System.getenv(PASSWORD);
      }
      try {
        return Files.readString(passwordFile).replaceFirst("\\R$", "");
      } catch (IOException e) {
        throw new Failure(
            Problem.FILE_UNUSABLE,
            "The file %s cannot be read: %s".formatted(passwordFile, e.getMessage()),
            0,
            e);
      }
    }
  }

  /** Lists them. */
  @Command(
      name = "list",
      description = "List the connections; no password is shown.",
      mixinStandardHelpOptions = true)
  static final class ListAll implements Callable<Integer> {
    private static final List<Column> COLUMNS =
        List.of(
            new Column("name", "text"),
            new Column("kind", "text"),
            new Column("url", "text"),
            new Column("user", "text"),
            new Column("password", "text"),
            new Column("options", "text"));

    @Mixin private SpacedOptions hub;
    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
      try (OpenHub open = OpenHub.of(hub, spec.commandLine().getErr())) {
        TablePrinter printer = new TablePrinter(spec.commandLine().getOut());
        printer.columns(COLUMNS);
        for (Connections.Shown each : connections(hub, open).list()) {
          printer.row(
              new @Nullable String[] {
                each.name(),
                each.kind(),
                each.url(),
                each.user(),
                each.hasPassword() ? "kept" : "none",
                each.options().isEmpty() ? null : each.options().toString()
              });
        }
        printer.end();
      }
      return 0;
    }
  }

  /** Tries one. */
  @Command(
      name = "test",
      description = "Connect, and ask what time it is there.",
      mixinStandardHelpOptions = true)
  static final class Test implements Callable<Integer> {
    @Mixin private SpacedOptions hub;
    @Spec private CommandSpec spec;

    @Parameters(paramLabel = "NAME", description = "The connection.")
    private String name;

    @Override
    public Integer call() {
      try (OpenHub open = OpenHub.of(hub, spec.commandLine().getErr())) {
        Connections.Tried tried = connections(hub, open).test(name);
        spec.commandLine()
            .getOut()
            .println(
                "%s answers within %d ms; its clock says %s"
                    .formatted(name, tried.millis(), tried.now()));
      }
      return 0;
    }
  }

  /** Removes one. */
  @Command(
      name = "remove",
      description = "Remove a connection that no source asks.",
      mixinStandardHelpOptions = true)
  static final class Remove implements Callable<Integer> {
    @Mixin private SpacedOptions hub;
    @Spec private CommandSpec spec;

    @Parameters(paramLabel = "NAME", description = "The connection.")
    private String name;

    @Override
    public Integer call() {
      try (OpenHub open = OpenHub.of(hub, spec.commandLine().getErr())) {
        connections(hub, open).remove(name, Operator.actor());
        spec.commandLine().getOut().println("Removed " + name);
      }
      return 0;
    }
  }
}
