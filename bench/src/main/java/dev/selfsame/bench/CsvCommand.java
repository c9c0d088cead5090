package dev.selfsame.bench;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.postgresql.PGConnection;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * How long the import of a CSV file beside an idle server takes, against COPY of exactly the rows
 * that it left; how long an export takes, against COPY of the same columns; and the import of what
 * was exported, which changes nothing.
 */
@Command(
    name = "csv",
    description = "Seconds of an import and of an export, and their ratio to COPY.",
    mixinStandardHelpOptions = true)
final class CsvCommand implements Callable<Integer> {
  private static final double IMPORT_FLOOR = 75;
  private static final double EXPORT_FLOOR = 10;

  /** What {@code selfsame export} asks for. */
  private static final String EXPORTED =
      "COPY (SELECT id, external_id, name, email, billing_id, created_at FROM selfsame.live_user"
          + " WHERE space = 1 ORDER BY id) TO STDOUT (FORMAT csv)";

  @Mixin private Options options;
  @Spec private CommandSpec spec;

  @Option(
      names = "--rows",
      defaultValue = "1000000",
      paramLabel = "N",
      description = "Of the file to import, and users to export (${DEFAULT-VALUE}).")
  private long rows;

  @Option(
      names = "--runs",
      defaultValue = "3",
      paramLabel = "N",
      description = "Imports and exports (${DEFAULT-VALUE}).")
  private int runs;

  /** A command of the program, and what it cost beside itself. */
  private record Run(Invocation command, long rows, Usage usage, long wal, long after, long until) {
    double rate() {
      return rows / command.seconds();
    }

    double micros(double seconds) {
      return seconds * 1e6 / rows;
    }

    double others() {
      return Math.max(0, usage.others() - command.cpu());
    }
  }

  @Override
  public Integer call() {
    Report report = new Report("csv", spec.commandLine().getParseResult().originalArgs());
    List<Run> imports = new ArrayList<>();
    List<Clones.Copied> copied = new ArrayList<>();
    List<Run> exports = new ArrayList<>();
    List<Double> plain = new ArrayList<>();
    List<Run> again = new ArrayList<>();
    Sheet sheet;
    try (Trial trial = new Trial(options)) {
      report.say("%s.", trial.database().facts());
      Progress.say("Writing a file of %,d rows", rows);
      sheet = Sheet.write(trial.beside("sheet.csv"), rows);
      for (int run = 1; run <= runs; run++) {
        trial.put(0);
        Clones clones = new Clones(trial.database());
        Progress.say("Import %d of %d", run, runs);
        Run one = run(trial, "import", sheet.path());
        checkImport(trial.database(), one, sheet);
        imports.add(one);
        Progress.say("COPY of its rows");
        Clones.Copied copy = clones.copy(one.after(), one.until());
        copied.add(copy);
        Progress.say("COPY: %.1f s", copy.best());
        clones.drop();
      }
      trial.put(rows);
      Path exported = trial.beside("exported.csv");
      for (int run = 1; run <= runs; run++) {
        Progress.say("Export %d of %d", run, runs);
        exports.add(run(trial, "export", exported));
        checkExport(exported);
        plain.add(copyTo(trial.database(), trial.beside("plain.csv")));
        Progress.say("COPY: %.1f s", plain.getLast());
        Progress.say("Import of what was exported");
        Run one = run(trial, "import", exported);
        checkLedger(trial.database(), one, Map.of("C1 unchanged", rows));
        again.add(one);
      }
    }
    head(report);
    for (int run = 0; run < runs; run++) {
      row(report, "import", run, imports.get(run), copied.get(run).best());
    }
    for (int run = 0; run < runs; run++) {
      row(report, "export", run, exports.get(run), plain.get(run));
    }
    for (int run = 0; run < runs; run++) {
      row(report, "import of the export", run, again.get(run), Double.NaN);
    }
    report.end();
    copies(report, copied);
    report.table("floor", "wanted", "median", "");
    floor(report, "import", IMPORT_FLOOR, imports);
    floor(report, "export", EXPORT_FLOOR, exports);
    report.end();
    report.say(
        "Rows of the file by rule and outcome: %s. After each import the ledger held exactly these,"
            + " and as many parts as users were created; of the exported users each was unchanged.",
        words(sheet.expected()));
    report.publish(options.out);
    return 0;
  }

  private Run run(Trial trial, String command, Path file) {
    Long postmaster = Hub.postmaster(trial.hub().data());
    if (postmaster == null) {
      throw new Failed("There is no hub to measure. It said:\n" + trial.hub().lastLines());
    }
    HubDatabase database = trial.database();
    long after = database.position();
    long walBefore = database.walBytes();
    long own = ProcessHandle.current().pid();
    Usage before = Usage.now(trial.hub().pid(), postmaster, own);
    Invocation done =
        Invocation.run(
            options,
            trial.beside("said"),
            command,
            file.toString(),
            "--data",
            trial.hub().data().toString());
    Usage usage = Usage.now(trial.hub().pid(), postmaster, own).since(before);
    long wal = database.walBytes() - walBefore;
    Run run = new Run(done, rows, usage, wal, after, database.position());
    Progress.say(
        "%.1f s, %,.0f rows/s, CPU µs/row: PostgreSQL %.1f, %s %.1f",
        done.seconds(), run.rate(), run.micros(usage.postgres()), command, run.micros(done.cpu()));
    return run;
  }

  private static void checkImport(HubDatabase database, Run run, Sheet sheet) {
    checkLedger(database, run, sheet.expected());
    long parts = database.number("SELECT count(*) FROM selfsame.part");
    if (parts != sheet.created()) {
      throw new Failed("The import made %d parts; expected %d".formatted(parts, sheet.created()));
    }
  }

  /** Each row was decided by the rule that it was made for, and nothing else was written. */
  private static void checkLedger(HubDatabase database, Run run, Map<String, Long> expected) {
    Map<String, Long> found =
        database.counts(
            "SELECT rule || ' ' || coalesce(reason, outcome), count(*) FROM selfsame.ledger WHERE"
                + " position > %d AND position <= %d GROUP BY 1"
                    .formatted(run.after(), run.until()));
    if (run.until() - run.after() != run.rows() || !found.equals(expected)) {
      throw new Failed(
          "The import took %d positions for %d rows, decided as %s; expected %s. It said:\n%s"
              .formatted(
                  run.until() - run.after(),
                  run.rows(),
                  new TreeMap<>(found),
                  new TreeMap<>(expected),
                  run.command().said()));
    }
  }

  private void checkExport(Path exported) {
    try (Stream<String> lines = Files.lines(exported)) {
      long users = lines.count() - 1;
      if (users != rows) {
        throw new Failed("The export has %d users; expected %d".formatted(users, rows));
      }
    } catch (IOException e) {
      throw new Failed("The export could not be read: " + e.getMessage(), e);
    }
  }

  /** Seconds of PostgreSQL's own way to make a CSV file of the same columns. */
  private static double copyTo(HubDatabase database, Path file) {
    long start = System.nanoTime();
    try (OutputStream to = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16)) {
      database.connection().unwrap(PGConnection.class).getCopyAPI().copyOut(EXPORTED, to);
    } catch (IOException | SQLException e) {
      throw new Failed("COPY could not be measured: " + e.getMessage(), e);
    }
    return (System.nanoTime() - start) / 1e9;
  }

  private static void head(Report report) {
    report.table(
        "run",
        "seconds",
        "rows/s",
        "COPY s",
        "of COPY",
        "CPU µs/row PostgreSQL",
        "command",
        "hub",
        "others",
        "WAL B/row",
        "heap MB",
        "process MB");
  }

  private static void row(Report report, String what, int run, Run of, double copy) {
    boolean compared = !Double.isNaN(copy);
    Memory memory = of.command().memory();
    report.row(
        what + " " + (run + 1),
        Report.decimals(of.command().seconds(), 1),
        Report.thousands(of.rate()),
        compared ? Report.decimals(copy, 1) : "",
        compared ? Report.decimals(copy / of.command().seconds(), 3) : "",
        Report.decimals(of.micros(of.usage().postgres()), 1),
        Report.decimals(of.micros(of.command().cpu()), 1),
        Report.decimals(of.micros(of.usage().hub()), 1),
        Report.decimals(of.micros(of.others()), 1),
        Report.thousands((double) of.wal() / of.rows()),
        memory.heapPeak(),
        memory.rssPeak() < 0 ? "?" : memory.rssPeak());
  }

  private void copies(Report report, List<Clones.Copied> copied) {
    report.table(
        "import",
        "rows copied: parts",
        "identifiers",
        "ledger",
        "COPY s, one transaction",
        "2,000 rows each");
    for (int run = 0; run < runs; run++) {
      Clones.Copied copy = copied.get(run);
      report.row(
          run + 1,
          Report.thousands(copy.rows().get(0)),
          Report.thousands(copy.rows().get(1)),
          Report.thousands(copy.rows().get(2)),
          Report.decimals(copy.one(), 1),
          Report.decimals(copy.many(), 1));
    }
    report.end();
  }

  private static void floor(Report report, String what, double floor, List<Run> runs) {
    double seconds =
        Report.median(runs.stream().mapToDouble(run -> run.command().seconds()).toArray());
    report.row(
        what,
        "under %.0f s".formatted(floor),
        Report.decimals(seconds, 1) + " s",
        Report.met(seconds < floor));
  }

  private static String words(Map<String, Long> counts) {
    return String.join(
        ", ",
        counts.entrySet().stream()
            .map(count -> count.getKey() + " " + Report.thousands(count.getValue()))
            .toList());
  }
}
