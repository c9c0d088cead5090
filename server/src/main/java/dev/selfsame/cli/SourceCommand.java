package dev.selfsame.cli;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.intake.Intake;
import dev.selfsame.intake.IntakeSettings;
import dev.selfsame.intake.Pipeline;
import dev.selfsame.intake.Preview;
import dev.selfsame.source.warehouse.LeftRows;
import dev.selfsame.source.warehouse.Mapping;
import dev.selfsame.source.warehouse.QueryPreview;
import dev.selfsame.source.warehouse.RunResult;
import dev.selfsame.source.warehouse.SyncSettings;
import dev.selfsame.source.warehouse.Syncs;
import dev.selfsame.store.ReaderQuery.Column;
import dev.selfsame.store.TraitColumns;
import dev.selfsame.store.TransferProgress.Unit;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Sources that ask a warehouse. */
@Command(
    name = "source",
    description =
        "Users from a query on a warehouse: add, preview, configure, enable and run sources.",
    mixinStandardHelpOptions = true,
    subcommands = {
      SourceCommand.Add.class,
      SourceCommand.ListAll.class,
      SourceCommand.Show.class,
      SourceCommand.Configure.class,
      SourceCommand.Enable.class,
      SourceCommand.Pause.class,
      SourceCommand.Run.class,
      SourceCommand.Cancel.class,
      SourceCommand.Log.class
    })
final class SourceCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "Say add, list, preview, configure, enable, pause, run, cancel or log.");
  }

  /** For all but running: no claim is made. */
  private static Syncs syncs(HubOptions hub, OpenHub open) {
    return syncs(
        hub,
        open,
        submissions -> {
          throw new IllegalStateException("Nothing is run. Indicates a bug");
        });
  }

  private static Syncs syncs(HubOptions hub, OpenHub open, Intake intake) {
    return new Syncs(
        open.database(),
        hub.space(),
        ConnectionCommand.connections(hub, open),
        intake,
        () -> Preview.open(hub.space(), open.database().sessions("preview")),
        SyncSettings.DEFAULT,
        InstantSource.system());
  }

  /** One thing that is done with the sources, beside a running server or without. */
  abstract static class Step implements Callable<Integer> {
    @Mixin private SpacedOptions hub;
    @Spec private CommandSpec spec;

    /** Refuses words that cannot be meant, before a database is started for them. */
    void check() {}

    abstract void act(Syncs syncs, PrintWriter out);

    final CommandSpec spec() {
      return spec;
    }

    @Override
    public final Integer call() {
      check();
      PrintWriter out = spec.commandLine().getOut();
      try (OpenHub open = OpenHub.of(hub, spec.commandLine().getErr());
          Syncs syncs = syncs(hub, open)) {
        act(syncs, out);
      }
      return 0;
    }
  }

  /** One that is done with a source that there is. */
  abstract static class StepWithOne extends Step {
    @Parameters(paramLabel = "NAME", description = "The source.")
    private String name;

    final String name() {
      return name;
    }
  }

  /** Adds one, or gives it another query. */
  @Command(
      name = "add",
      description = "Add a source and the query that it asks.",
      mixinStandardHelpOptions = true)
  static final class Add extends Step {
    @Parameters(paramLabel = "NAME", description = "What to call it.")
    private String name;

    @Option(
        names = "--connection",
        required = true,
        paramLabel = "NAME",
        description = "The database to ask.")
    private String connection;

    @Option(
        names = "--query",
        paramLabel = "SQL",
        description =
            "One SELECT; $LAST_SYNC_TIMESTAMP in it stands for the time up to which rows were"
                + " read.")
    private @Nullable String query;

    @Option(names = "--query-file", paramLabel = "FILE", description = "A file with the query.")
    private @Nullable Path queryFile;

    @Option(
        names = "--replace",
        description = "Give the source of that name this connection and query.")
    private boolean replace;

    private @Nullable String sql;

    @Override
    void check() {
      sql = sql();
    }

    @Override
    void act(Syncs syncs, PrintWriter out) {
      syncs.add(name, connection, Objects.requireNonNull(sql), replace);
      out.println("Added %s. Next: selfsame source preview %s".formatted(name, name));
    }

    private String sql() {
      if ((query == null) == (queryFile == null)) {
        throw new ParameterException(
            spec().commandLine(), "Give the query with --query or with --query-file.");
      }
      if (query != null) {
        return query;
      }
      try {
        return Files.readString(queryFile);
      } catch (IOException e) {
        throw new Failure(
            Problem.FILE_UNUSABLE,
            "The file %s cannot be read: %s".formatted(queryFile, e.getMessage()),
            0,
            e);
      }
    }
  }

  /** Lists them. */
  @Command(
      name = "list",
      description = "List the sources that ask a warehouse.",
      mixinStandardHelpOptions = true)
  static final class ListAll extends Step {
    private static final List<Column> COLUMNS =
        List.of(
            new Column("name", "text"),
            new Column("connection", "text"),
            new Column("external_id", "text"),
            new Column("mode", "text"),
            new Column("schedule", "text"),
            new Column("next_run", "text"),
            new Column("read_up_to", "text"));

    @Override
    void act(Syncs syncs, PrintWriter out) {
      TablePrinter printer = new TablePrinter(out);
      printer.columns(COLUMNS);
      for (Syncs.Shown each : syncs.list()) {
        Mapping mapping = each.mapping();
        printer.row(
            new @Nullable String[] {
              each.name(),
              each.connection(),
              mapping == null ? "(not configured)" : mapping.externalId(),
              mode(each),
              schedule(each),
              each.paused() || each.due() == null ? null : each.due().toString(),
              each.watermark() == null ? null : each.watermark().toString()
            });
      }
      printer.end();
    }

    private static String mode(Syncs.Shown sync) {
      return (sync.updateOnly() ? "update only" : "create") + (sync.shadow() ? ", shadow" : "");
    }

    private static String schedule(Syncs.Shown sync) {
      return sync.schedule() == null
          ? "by hand"
          : sync.schedule()
              + (sync.paused() ? ", paused" : "")
              + (sync.failures() > 0 ? ", failing" : "");
    }
  }

  /** Shows what the query answers. */
  @Command(
      name = "preview",
      description = "Ask for the first rows, and say what the columns look like; writes nothing.",
      mixinStandardHelpOptions = true)
  static final class Show extends StepWithOne {
    @Option(
        names = "--rows",
        paramLabel = "N",
        defaultValue = "1",
        description = "So many rows (${DEFAULT-VALUE}; up to 100).")
    private int rows;

    @Override
    void act(Syncs syncs, PrintWriter out) {
      QueryPreview preview = syncs.preview(name(), rows);
      TablePrinter columns = new TablePrinter(out);
      columns.columns(
          List.of(
              new Column("column", "text"),
              new Column("type", "text"),
              new Column("looks_like", "text"),
              new Column("sample", "text")));
      for (QueryPreview.Column each : preview.columns()) {
        columns.row(
            new @Nullable String[] {
              each.name(), each.type(), each.looksLike(), text(each.sample())
            });
      }
      columns.end();
      if (rows > 1) {
        out.println();
        print(out, preview);
      }
      out.println(
          "%d ms; %s"
              .formatted(
                  preview.millis(),
                  preview.incremental()
                      ? "asks for what is new ($LAST_SYNC_TIMESTAMP)"
                      : "asks for all rows each time"));
    }

    private static void print(PrintWriter out, QueryPreview preview) {
      TablePrinter table = new TablePrinter(out);
      table.columns(
          preview.columns().stream().map(each -> new Column(each.name(), "text")).toList());
      for (ObjectNode row : preview.rows()) {
        List<@Nullable String> values = new ArrayList<>();
        preview.columns().forEach(column -> values.add(text(row.get(column.name()))));
        table.row(values.toArray(new @Nullable String[0]));
      }
      table.end();
    }

    private static @Nullable String text(@Nullable JsonNode value) {
      return value == null ? null : value.isString() ? value.asString() : value.toString();
    }
  }

  /** Says what the columns mean. */
  @Command(
      name = "configure",
      description = "Say what the columns mean; the next run reads from the beginning.",
      mixinStandardHelpOptions = true)
  static final class Configure extends StepWithOne {
    @Option(
        names = "--external-id",
        required = true,
        paramLabel = "COLUMN",
        description = "Your own id of the user, the same as in your other tools.")
    private String externalId;

    @Option(names = "--update-only", description = "Update users that there are; create nobody.")
    private boolean updateOnly;

    @Option(
        names = "--fallback",
        paramLabel = "COLUMN",
        description = "An id that a user has until it has an external one.")
    private @Nullable String fallback;

    @Option(
        names = "--fallback-is-email",
        description = "The fallback column holds emails: it also names who has the email.")
    private boolean fallbackIsEmail;

    @Option(names = "--name", paramLabel = "COLUMN", description = "The user's name.")
    private @Nullable String nameColumn;

    @Option(names = "--email", paramLabel = "COLUMN", description = "The user's email.")
    private @Nullable String email;

    @Option(
        names = "--accounts",
        paramLabel = "COLUMN",
        description = "The user's account, or an array of them, by external id.")
    private @Nullable String accounts;

    @Option(
        names = "--replace-accounts",
        description =
            "A row takes its user off the accounts that it named before and no longer does.")
    private boolean replaceAccounts;

    @Option(names = "--account-name", paramLabel = "COLUMN", description = "The account's name.")
    private @Nullable String accountName;

    @Option(
        names = "--updated-at",
        paramLabel = "COLUMN",
        description = "When the row's values were last changed.")
    private @Nullable String updatedAt;

    @Option(
        names = "--trait",
        paramLabel = "COLUMN",
        description = "A column that becomes a trait of the user; may be said several times.")
    private List<String> traits = List.of();

    @Override
    void act(Syncs syncs, PrintWriter out) {
      Mapping mapping =
          new Mapping(
              externalId,
              fallback,
              fallbackIsEmail,
              nameColumn,
              email,
              accounts,
              accountName,
              updatedAt,
              traits,
              replaceAccounts);
      syncs.configure(name(), mapping, updateOnly, Operator.actor());
      out.println("Configured %s. Next: selfsame source run %s".formatted(name(), name()));
    }
  }

  /** Has one run by itself. */
  @Command(
      name = "enable",
      description = "Say how a source runs; while a server is up, it runs by itself.",
      mixinStandardHelpOptions = true)
  static final class Enable extends StepWithOne {
    @Option(
        names = {"--every", "--cron"},
        paramLabel = "WHEN",
        description =
            "How often (15m, 6h, 1d), or a cron expression of five fields in UTC (\"0 6 * * *\")."
                + " Left out: by hand alone.")
    private @Nullable String when;

    @Option(
        names = "--left-rows",
        paramLabel = "WHAT",
        defaultValue = "keep",
        description =
            "Of rows that a whole answer no longer has: keep them, report how many they are, or"
                + " mark them (${DEFAULT-VALUE}).")
    private String leftRows;

    @Option(names = "--shadow", description = "Runs say what they would do, and do nothing.")
    private boolean shadow;

    @Override
    void act(Syncs syncs, PrintWriter out) {
      Syncs.Shown shown =
          syncs.operate(name(), when, false, LeftRows.of(leftRows), shadow, Operator.actor());
      out.println(
          shown.due() == null
              ? "%s runs by hand: selfsame source run %s".formatted(name(), name())
              : "%s runs next at %s".formatted(name(), shown.due()));
    }
  }

  /** Has one run by hand alone, until it is enabled again. */
  @Command(
      name = "pause",
      description = "Keep a source from running by itself; its schedule stays.",
      mixinStandardHelpOptions = true)
  static final class Pause extends StepWithOne {
    @Option(names = "--resume", description = "Let it run by itself again.")
    private boolean resume;

    @Override
    void act(Syncs syncs, PrintWriter out) {
      Syncs.Shown is = syncs.get(name());
      syncs.operate(name(), is.schedule(), !resume, is.leftRows(), is.shadow(), Operator.actor());
      out.println("%s %s".formatted(resume ? "Resumed" : "Paused", name()));
    }
  }

  /** Ends the run of one. */
  @Command(
      name = "cancel",
      description = "End the run of a source that is under way; the next one reads the same rows.",
      mixinStandardHelpOptions = true)
  static final class Cancel extends StepWithOne {
    @Override
    void act(Syncs syncs, PrintWriter out) {
      syncs.cancel(name(), Operator.actor());
      out.println("The run of %s is about to end".formatted(name()));
    }
  }

  /** Runs one, and waits for its end. */
  @Command(
      name = "run",
      description = "Ask the query, and apply its rows by the rules.",
      mixinStandardHelpOptions = true)
  static final class Run implements Callable<Integer> {
    @Mixin private SpacedOptions hub;
    @Spec private CommandSpec spec;

    @Parameters(paramLabel = "NAME", description = "The source.")
    private String name;

    @Option(names = "--full", description = "Ask from the beginning, whatever was read before.")
    private boolean full;

    @Override
    public Integer call() {
      Syncs.Run run;
      try (OpenHub open = OpenHub.of(hub, spec.commandLine().getErr());
          ProgressLine progress = new ProgressLine(spec.commandLine().getErr());
          Pipeline intake =
              new Pipeline(
                  hub.space(),
                  open.database().sessions("sync"),
                  IntakeSettings.DEFAULT,
                  new TraitColumns(open.database())::ensure)) {
        intake.start();
        try (Syncs syncs = syncs(hub, open, intake)) {
          // How many rows there are nobody knows.
          progress.step("Applying rows", Unit.ROWS, 0);
          run =
              syncs.run(
                  name, full, Operator.actor(), result -> progress.at(result.rows()), () -> false);
        }
      }
      print(spec.commandLine().getOut(), run.result());
      return 0;
    }

    private static void print(PrintWriter out, RunResult result) {
      if (result.shadow()) {
        out.println("Nothing was done. This is what the run would have done:");
      }
      line(out, "rows", result.rows(), listed(result.codes()));
      line(out, "created", result.created(), "");
      line(out, "updated", result.updated(), "");
      line(
          out,
          "unchanged",
          result.unchanged(),
          String.format(Locale.ROOT, "%,d said what they had said", result.same()));
      line(out, "merged", result.merged(), "");
      line(out, "skipped", sum(result.skipped()), listed(result.skipped()));
      line(out, "rejected", sum(result.rejected()), listed(result.rejected()));
      if (result.repeated() > 0) {
        line(out, "repeated", result.repeated(), "whose id came again: both were applied");
      }
      if (result.left() != null) {
        line(out, "left", result.left(), "that the answer no longer has");
      }
      if (result.back() > 0) {
        line(out, "back", result.back(), "that had left");
      }
      if (result.flagged() > 0) {
        line(out, "flagged", result.flagged(), "for a person to look at");
      }
      for (RunResult.Sample sample : result.samples()) {
        out.println("row %d: %s, %s".formatted(sample.row(), sample.outcome(), sample.reason()));
      }
      out.println(
          result.watermark() == null
              ? "The next run asks for all rows again."
              : "The next run asks for rows since %s.".formatted(result.watermark()));
      out.flush();
    }

    private static long sum(Map<String, Long> counts) {
      return counts.values().stream().mapToLong(Long::longValue).sum();
    }

    private static void line(PrintWriter out, String what, long count, String note) {
      out.println(String.format(Locale.ROOT, "%-10s %,12d  %s", what, count, note).stripTrailing());
    }

    private static String listed(Map<String, Long> counts) {
      return new TreeMap<>(counts)
          .entrySet().stream()
              .map(each -> String.format(Locale.ROOT, "%s %,d", each.getKey(), each.getValue()))
              .collect(Collectors.joining(", "));
    }
  }

  /** Lists the runs. */
  @Command(
      name = "log",
      description = "List the latest runs of a source.",
      mixinStandardHelpOptions = true)
  static final class Log extends StepWithOne {
    private static final List<Column> COLUMNS =
        List.of(
            new Column("started_at", "text"),
            new Column("state", "text"),
            new Column("rows", "int8"),
            new Column("created", "int8"),
            new Column("updated", "int8"),
            new Column("merged", "int8"),
            new Column("seconds", "numeric"),
            new Column("by", "text"),
            new Column("error", "text"));

    @Option(
        names = "--limit",
        paramLabel = "N",
        defaultValue = "20",
        description = "So many at most (${DEFAULT-VALUE}).")
    private int limit;

    @Override
    void act(Syncs syncs, PrintWriter out) {
      TablePrinter printer = new TablePrinter(out);
      printer.columns(COLUMNS);
      for (Syncs.Run run : syncs.runs(name(), Math.clamp(limit, 1, 1_000))) {
        RunResult result = run.result();
        printer.row(
            new @Nullable String[] {
              run.startedAt().toString(),
              run.state().code(),
              Long.toString(result.rows()),
              Long.toString(result.created()),
              Long.toString(result.updated()),
              Long.toString(result.merged()),
              String.format(Locale.ROOT, "%.1f", result.millis() / 1_000.0),
              run.actor(),
              run.error() == null ? null : run.error().code() + ": " + run.error().detail()
            });
      }
      printer.end();
    }
  }
}
