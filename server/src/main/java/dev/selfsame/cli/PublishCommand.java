package dev.selfsame.cli;

import dev.selfsame.publish.FileFormat;
import dev.selfsame.publish.Publications;
import dev.selfsame.publish.PublishResult;
import dev.selfsame.publish.PublishSettings;
import dev.selfsame.publish.Target;
import dev.selfsame.store.ReaderQuery.Column;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Who is who, written into the company's own databases and directories. */
@Command(
    name = "publish",
    description = "Write who is who into a database or a directory of your own.",
    mixinStandardHelpOptions = true,
    subcommands = {
      PublishCommand.Add.class,
      PublishCommand.ListAll.class,
      PublishCommand.Run.class,
      PublishCommand.Log.class,
      PublishCommand.Remove.class
    })
final class PublishCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Say add, list, run, log or remove.");
  }

  private static Publications publications(HubOptions hub, OpenHub open) {
    return new Publications(
        open.database(),
        hub.space(),
        ConnectionCommand.connections(hub, open),
        hub.data.resolve("publishing"),
        PublishSettings.DEFAULT,
        InstantSource.system());
  }

  /** One thing that is done with the publications, beside a running server or without. */
  abstract static class Step implements Callable<Integer> {
    @Mixin private SpacedOptions hub;
    @Spec private CommandSpec spec;

    /** Refuses words that cannot be meant, before a database is started for them. */
    void check() {}

    abstract void act(Publications publications, PrintWriter out);

    final CommandSpec spec() {
      return spec;
    }

    @Override
    public final Integer call() {
      check();
      PrintWriter out = spec.commandLine().getOut();
      try (OpenHub open = OpenHub.of(hub, spec.commandLine().getErr());
          Publications publications = publications(hub, open)) {
        act(publications, out);
      }
      out.flush();
      return 0;
    }
  }

  /** Adds one, or says anew where one goes. */
  @Command(
      name = "add",
      description = "Add a publication; its first run writes all rows.",
      mixinStandardHelpOptions = true)
  static final class Add extends Step {
    @Parameters(paramLabel = "NAME", description = "What to call it.")
    private String name;

    @Option(
        names = "--connection",
        paramLabel = "NAME",
        description = "The database to write to, as tables.")
    private @Nullable String connection;

    @Option(
        names = "--schema",
        paramLabel = "SCHEMA",
        description = "The schema of the tables; made if it is not there.")
    private @Nullable String schema;

    @Option(
        names = "--prefix",
        paramLabel = "TEXT",
        defaultValue = "",
        description = "Put before the tables' names.")
    private String prefix;

    @Option(
        names = "--directory",
        paramLabel = "DIR",
        description = "The directory to write to, as files; new or empty.")
    private @Nullable Path directory;

    @Option(
        names = "--format",
        paramLabel = "FORMAT",
        defaultValue = "parquet",
        description = "Of files: parquet or csv (${DEFAULT-VALUE}).")
    private String format;

    @Option(
        names = "--every",
        paramLabel = "SECONDS",
        description = "While a server is up, publish so often what changed.")
    private @Nullable Integer every;

    @Option(
        names = "--after-syncs",
        description = "While a server is up, publish after each run of a warehouse source.")
    private boolean afterSyncs;

    @Option(names = "--replace", description = "Put it in place of the one of that name.")
    private boolean replace;

    private @Nullable Target target;

    @Override
    void check() {
      target = target();
    }

    private Target target() {
      if ((connection == null) == (directory == null)) {
        throw new ParameterException(
            spec().commandLine(), "Say where to: --connection NAME or --directory DIR.");
      }
      if (connection != null) {
        return new Target.Tables(connection, schema, prefix);
      }
      return new Target.Files(directory.toAbsolutePath(), FileFormat.of(format));
    }

    @Override
    void act(Publications publications, PrintWriter out) {
      if (target != null) {
        publications.add(name, target, every, afterSyncs, replace, Operator.actor());
      }
      out.println("Added %s. Next: selfsame publish run %s".formatted(name, name));
    }
  }

  /** Lists them. */
  @Command(name = "list", description = "List the publications.", mixinStandardHelpOptions = true)
  static final class ListAll extends Step {
    private static final List<Column> COLUMNS =
        List.of(
            new Column("name", "text"),
            new Column("to", "text"),
            new Column("when", "text"),
            new Column("position", "int8"),
            new Column("published_at", "text"));

    @Override
    void act(Publications publications, PrintWriter out) {
      TablePrinter printer = new TablePrinter(out);
      printer.columns(COLUMNS);
      for (Publications.Shown each : publications.list()) {
        printer.row(
            new @Nullable String[] {
              each.name(),
              place(each),
              when(each),
              each.position() == null ? null : each.position().toString(),
              each.publishedAt() == null ? null : each.publishedAt().toString()
            });
      }
      printer.end();
    }

    private static String place(Publications.Shown each) {
      if (each.directory() != null) {
        return each.directory() + ", " + each.format();
      }
      return each.connection()
          + (each.schema() == null ? "" : ", schema " + each.schema())
          + (each.prefix() == null ? "" : ", prefix " + each.prefix());
    }

    private static String when(Publications.Shown each) {
      String clock = each.everySeconds() == null ? "" : "every %d s".formatted(each.everySeconds());
      String syncs = each.afterSyncs() ? "after syncs" : "";
      String both = clock + (clock.isEmpty() || syncs.isEmpty() ? "" : ", ") + syncs;
      return (both.isEmpty() ? "by hand" : both) + (each.failures() > 0 ? ", failing" : "");
    }
  }

  /** Runs one, and waits for its end. */
  @Command(
      name = "run",
      description = "Write what changed since the last publish; at first, all rows.",
      mixinStandardHelpOptions = true)
  static final class Run extends Step {
    @Parameters(paramLabel = "NAME", description = "The publication.")
    private String name;

    @Option(
        names = "--full",
        description = "Write all rows, and make tables anew that somebody changed or dropped.")
    private boolean full;

    @Override
    void act(Publications publications, PrintWriter out) {
      PublishResult result = publications.run(name, full, Operator.actor()).result();
      result
          .rows()
          .forEach((table, rows) ->
              out.println(String.format(Locale.ROOT, "%-18s %,12d rows", table, rows)));
      out.println(
          result.rows().isEmpty()
              ? "Nothing has changed since position %d.".formatted(result.position())
              : String.format(
                  Locale.ROOT,
                  "%s, up to position %d, in %.1f s",
                  result.full()
                      ? "All rows"
                      : String.format(Locale.ROOT, "What changed of %,d users", result.users()),
                  result.position(),
                  result.millis() / 1_000.0));
    }
  }

  /** Lists the runs. */
  @Command(
      name = "log",
      description = "List the latest runs of a publication.",
      mixinStandardHelpOptions = true)
  static final class Log extends Step {
    private static final List<Column> COLUMNS =
        List.of(
            new Column("started_at", "text"),
            new Column("state", "text"),
            new Column("what", "text"),
            new Column("users", "int8"),
            new Column("position", "int8"),
            new Column("seconds", "numeric"),
            new Column("by", "text"),
            new Column("error", "text"));

    @Parameters(paramLabel = "NAME", description = "The publication.")
    private String name;

    @Option(
        names = "--limit",
        paramLabel = "N",
        defaultValue = "20",
        description = "So many at most (${DEFAULT-VALUE}).")
    private int limit;

    @Override
    void act(Publications publications, PrintWriter out) {
      TablePrinter printer = new TablePrinter(out);
      printer.columns(COLUMNS);
      for (Publications.Run run : publications.runs(name, Math.clamp(limit, 1, 100))) {
        PublishResult result = run.result();
        printer.row(
            new @Nullable String[] {
              run.startedAt().toString(),
              run.state().code(),
              result.position() == null
                  ? null
                  : result.full() ? "all" : result.rows().isEmpty() ? "nothing" : "changes",
              Long.toString(result.users()),
              result.position() == null ? null : result.position().toString(),
              String.format(Locale.ROOT, "%.1f", result.millis() / 1_000.0),
              run.actor(),
              run.error() == null ? null : run.error().code() + ": " + run.error().message()
            });
      }
      printer.end();
    }
  }

  /** Removes one. */
  @Command(
      name = "remove",
      description = "Remove a publication; what it published stays where it is.",
      mixinStandardHelpOptions = true)
  static final class Remove extends Step {
    @Parameters(paramLabel = "NAME", description = "The publication.")
    private String name;

    @Override
    void act(Publications publications, PrintWriter out) {
      publications.remove(name, Operator.actor());
      out.println("Removed " + name);
    }
  }
}
