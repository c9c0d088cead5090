package dev.selfsame.bench;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.postgresql.PGConnection;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/**
 * How long a warehouse's source takes over rows that are all new, that all say what they said, and
 * of which some changed, with the warehouse in the hub's own PostgreSQL.
 */
@Command(
    name = "warehouse",
    description = "Seconds of a warehouse source's runs: new rows, unchanged ones, some changed.",
    mixinStandardHelpOptions = true)
final class WarehouseCommand implements Callable<Integer> {
  private static final long FULL = 1_000_000;
  private static final double NEW_FLOOR = 100;
  private static final double UNCHANGED_FLOOR = 40;
  private static final double CHANGED_FLOOR = 3;
  private static final long HEAP = 512;

  private static final String DATABASE = "shop";
  private static final String COLUMNS = "user_id, email, name, plan, loaded";
  private static final String QUERY =
      "SELECT user_id, email, name, plan FROM people WHERE loaded > $LAST_SYNC_TIMESTAMP";
  private static final String READ =
      "COPY (SELECT user_id, email, name, plan FROM people) TO STDOUT (FORMAT binary)";

  @Mixin private Options options;
  @Spec private CommandSpec spec;

  @Option(
      names = "--rows",
      defaultValue = "1000000",
      paramLabel = "N",
      description = "That are new, and then unchanged (${DEFAULT-VALUE}).")
  private long rows;

  @Option(
      names = "--large",
      defaultValue = "5000000",
      paramLabel = "N",
      description = "Of the table of which some change (${DEFAULT-VALUE}).")
  private long large;

  @Option(
      names = "--changes",
      defaultValue = "1000",
      paramLabel = "N",
      description = "Rows that change between two runs (${DEFAULT-VALUE}).")
  private long changes;

  @Option(
      names = "--runs",
      defaultValue = "3",
      paramLabel = "N",
      description = "Of each kind (${DEFAULT-VALUE}).")
  private int runs;

  /** A run, by the clock of who asked for it. */
  private record Run(double seconds, JsonNode result, Usage usage, double plain) {
    double rate() {
      return rows() / seconds;
    }

    long rows() {
      return result.path("rows").asLong();
    }

    double micros(double cpu) {
      return cpu * 1e6 / Math.max(1, rows());
    }
  }

  @Override
  public Integer call() {
    Report report = new Report("warehouse", spec.commandLine().getParseResult().originalArgs());
    List<Run> created = new ArrayList<>();
    List<Run> unchanged = new ArrayList<>();
    List<Run> changed = new ArrayList<>();
    Run first;
    Memory memory;
    try (Trial trial = new Trial(options);
        Rest rest = new Rest(trial.hub())) {
      report.say("%s.", trial.database().facts());
      trial.database().execute("CREATE DATABASE " + DATABASE);
      try (Connection connection = HubDatabase.connect(trial.hub().data(), DATABASE)) {
        HubDatabase shop = new HubDatabase(connection);
        shop.execute(
            "CREATE TABLE people (user_id text PRIMARY KEY, email text, name text, plan text,"
                + " loaded timestamptz NOT NULL); CREATE INDEX ON people (loaded)");
        people(shop, 1, rows);
        connect(rest, trial.hub().data(), connection);
        for (int run = 1; run <= runs; run++) {
          created.add(created(trial, rest, run));
          unchanged.add(unchanged(trial, rest, shop, run));
        }
        people(shop, rows + 1, large);
        first = run(trial, rest, true, "The whole of the large table", Double.NaN);
        expect(first, "created", large - rows);
        Run settled = run(trial, rest, false, "The next run", Double.NaN);
        expect(settled, "rows", 0);
        for (int run = 1; run <= runs; run++) {
          changed.add(changed(trial, rest, shop, run));
        }
      } catch (SQLException e) {
        throw new Failed("The warehouse failed: " + e.getMessage(), e);
      }
      memory = trial.memory();
    }
    report.table(
        "run",
        "rows",
        "seconds",
        "rows/s",
        "COPY s",
        "of COPY",
        "CPU µs/row PostgreSQL",
        "hub",
        "others");
    for (int run = 0; run < runs; run++) {
      row(report, "new " + (run + 1), created.get(run));
    }
    for (int run = 0; run < runs; run++) {
      row(report, "unchanged " + (run + 1), unchanged.get(run));
    }
    row(report, "the large table's first", first);
    for (int run = 0; run < runs; run++) {
      row(report, "some changed " + (run + 1), changed.get(run));
    }
    report.end();
    if (rows >= FULL) {
      report.table("floor", "wanted", "median", "");
      floor(report, Report.thousands(rows) + " new rows", NEW_FLOOR, created);
      floor(report, Report.thousands(rows) + " unchanged rows", UNCHANGED_FLOOR, unchanged);
      floor(
          report,
          "%s changes in %s rows".formatted(Report.thousands(changes), Report.thousands(large)),
          CHANGED_FLOOR,
          changed);
      report.row(
          "heap",
          "under %d MB".formatted(HEAP),
          "%d MB".formatted(memory.heapPeak()),
          Report.met(memory.heapPeak() < HEAP));
      report.end();
    }
    report.say("%s", memory.sentence());
    report.publish(options.out);
    return 0;
  }

  /** So many people, who came into the warehouse long ago. */
  private static void people(HubDatabase shop, long from, long to) {
    Progress.say("Filling the warehouse with %,d rows", to - from + 1);
    shop.execute(
        ("INSERT INTO people (%s) SELECT 'u' || md5(n::text), md5('e' || n) || '@example.com', 'Ann"
                + " ' || n, CASE n %% 3 WHEN 0 THEN 'pro' END, now() - interval '1 day' FROM"
                + " generate_series(%d::bigint, %d) n")
            .formatted(COLUMNS, from, to));
    shop.execute("VACUUM (ANALYZE) people");
    shop.execute("CHECKPOINT");
  }

  private static void connect(Rest rest, Path data, Connection shop) throws SQLException {
    rest.post(
        "/api/connections",
        Map.of(
            "name",
            DATABASE,
            "url",
            shop.getMetaData().getURL().replaceFirst("[?].*", ""),
            "user",
            "selfsame",
            "password",
            HubDatabase.password(data)));
    rest.post("/api/syncs", Map.of("name", "people", "connection", DATABASE, "query", QUERY));
    configure(rest);
  }

  /** The next run begins from the start. */
  private static void configure(Rest rest) {
    rest.put(
        "/api/syncs/people/mapping",
        Map.of(
            "externalId", "user_id", "email", "email", "name", "name", "traits", List.of("plan")));
  }

  private Run created(Trial trial, Rest rest, int number) {
    trial.put(0);
    trial.database().execute("TRUNCATE selfsame.sync_row");
    configure(rest);
    Clones clones = new Clones(trial.database());
    long after = trial.database().position();
    Run run = run(trial, rest, true, "New rows, %d of %d".formatted(number, runs), Double.NaN);
    expect(run, "created", rows);
    long parts = trial.database().number("SELECT count(*) FROM selfsame.part");
    if (parts != rows) {
      throw new Failed("%d users were to be made; there are %d".formatted(rows, parts));
    }
    Progress.say("COPY of its rows");
    double copied = clones.copy(after, trial.database().position()).best();
    Progress.say("COPY: %.1f s", copied);
    clones.drop();
    return new Run(run.seconds(), run.result(), run.usage(), copied);
  }

  private Run unchanged(Trial trial, Rest rest, HubDatabase shop, int number) {
    Run run =
        run(trial, rest, true, "Unchanged rows, %d of %d".formatted(number, runs), Double.NaN);
    expect(run, "same", rows);
    double read = read(shop);
    Progress.say("COPY of the answer: %.1f s", read);
    return new Run(run.seconds(), run.result(), run.usage(), read);
  }

  /** Seconds of PostgreSQL's own way to hand out the same rows. */
  private static double read(HubDatabase shop) {
    long start = System.nanoTime();
    try {
      shop.connection()
          .unwrap(PGConnection.class)
          .getCopyAPI()
          .copyOut(READ, OutputStream.nullOutputStream());
    } catch (IOException | SQLException e) {
      throw new Failed("COPY could not be measured: " + e.getMessage(), e);
    }
    return (System.nanoTime() - start) / 1e9;
  }

  private Run changed(Trial trial, Rest rest, HubDatabase shop, int number) {
    shop.execute(
        ("UPDATE people SET name = name || ' %1$d', loaded = now() WHERE user_id IN (SELECT 'u' ||"
                + " md5((1 + (n * 7919 + %1$d) %% %2$d)::text) FROM generate_series(1, %3$d) n)")
            .formatted(number, large, changes));
    Run run = run(trial, rest, false, "Some changed, %d of %d".formatted(number, runs), Double.NaN);
    expect(run, "updated", changes);
    return run;
  }

  private Run run(Trial trial, Rest rest, boolean full, String what, double plain) {
    Progress.say("%s", what);
    Long postmaster = Hub.postmaster(trial.hub().data());
    if (postmaster == null) {
      throw new Failed("There is no hub to measure. It said:\n" + trial.hub().lastLines());
    }
    long own = ProcessHandle.current().pid();
    Usage before = Usage.now(trial.hub().pid(), postmaster, own);
    long start = System.nanoTime();
    String place =
        "/api/syncs/people/runs/"
            + rest.post("/api/syncs/people/runs" + (full ? "?full=true" : ""), Map.of())
                .data()
                .path("id")
                .asString();
    JsonNode run = rest.get(place).data();
    while (run.path("state").asString().equals("running")) {
      pause();
      run = rest.get(place).data();
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    Usage usage = Usage.now(trial.hub().pid(), postmaster, own).since(before);
    if (!run.path("state").asString().equals("done")) {
      throw new Failed("The run did not come to its end: " + run);
    }
    Run done = new Run(seconds, run.path("result"), usage, plain);
    Progress.say("%.1f s, %,.0f rows/s", seconds, done.rate());
    return done;
  }

  private static void pause() {
    try {
      Thread.sleep(50);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Failed("Interrupted", e);
    }
  }

  private static void expect(Run run, String count, long expected) {
    long found = run.result().path(count).asLong();
    if (found != expected) {
      throw new Failed("Of %s there were to be %d: %s".formatted(count, expected, run.result()));
    }
  }

  private static void row(Report report, String what, Run run) {
    boolean compared = !Double.isNaN(run.plain());
    report.row(
        what,
        Report.thousands(run.rows()),
        Report.decimals(run.seconds(), run.seconds() < 10 ? 2 : 1),
        Report.thousands(run.rate()),
        compared ? Report.decimals(run.plain(), 1) : "",
        compared ? Report.decimals(run.plain() / run.seconds(), 3) : "",
        Report.decimals(run.micros(run.usage().postgres()), 1),
        Report.decimals(run.micros(run.usage().hub()), 1),
        Report.decimals(run.micros(run.usage().others()), 1));
  }

  private static void floor(Report report, String what, double floor, List<Run> runs) {
    double median = Report.median(runs.stream().mapToDouble(Run::seconds).toArray());
    report.row(
        what,
        "under %.0f s".formatted(floor),
        Report.decimals(median, floor < 10 ? 2 : 1) + " s",
        Report.met(median < floor));
  }
}
