package dev.selfsame.bench;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyOut;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/**
 * How long it takes to write who is who into another database of the hub's own PostgreSQL: first
 * all of it, then what some events changed.
 */
@Command(
    name = "publish",
    description = "Seconds of publishing: all rows, then what changed of some users.",
    mixinStandardHelpOptions = true)
final class PublishCommand implements Callable<Integer> {
  private static final long FULL = 1_000_000;
  private static final double CHANGED_FLOOR = 1;
  private static final long HEAP = 512;
  private static final int EVENTS = 100;

  private static final String DATABASE = "lake";
  private static final List<String> TABLES =
      List.of("users", "user_identities", "user_identifiers", "user_merges", "accounts");

  @Mixin private Options options;
  @Spec private CommandSpec spec;

  @Option(
      names = "--users",
      defaultValue = "1000000",
      paramLabel = "N",
      description = "In the hub (${DEFAULT-VALUE}).")
  private long users;

  @Option(
      names = "--changes",
      defaultValue = "1000",
      paramLabel = "N",
      description = "Users who change between two publishes (${DEFAULT-VALUE}).")
  private long changes;

  @Option(
      names = "--runs",
      defaultValue = "3",
      paramLabel = "N",
      description = "Of each kind (${DEFAULT-VALUE}).")
  private int runs;

  /** A publish, by the clock of who asked for it. */
  private record Run(double seconds, JsonNode result, Usage usage, double plain) {
    long rows() {
      long rows = 0;
      for (JsonNode each : result.path("rows")) {
        rows += each.asLong();
      }
      return rows;
    }
  }

  @Override
  public Integer call() {
    Report report = new Report("publish", spec.commandLine().getParseResult().originalArgs());
    List<Run> whole = new ArrayList<>();
    List<Run> changed = new ArrayList<>();
    Memory memory;
    try (Trial trial = new Trial(options);
        Rest rest = new Rest(trial.hub())) {
      report.say("%s.", trial.database().facts());
      trial.put(users);
      trial.database().execute("CREATE DATABASE " + DATABASE);
      try (Connection connection = HubDatabase.connect(trial.hub().data(), DATABASE)) {
        HubDatabase lake = new HubDatabase(connection);
        connect(rest, trial.hub().data(), connection);
        for (int run = 1; run <= runs; run++) {
          whole.add(whole(trial, rest, lake, run));
        }
        for (int run = 1; run <= runs; run++) {
          changed.add(changed(trial, rest, lake, run));
        }
      } catch (SQLException e) {
        throw new Failed("The other database failed: " + e.getMessage(), e);
      }
      memory = trial.memory();
    }
    report.table(
        "publish", "users", "rows", "seconds", "COPY s", "of COPY", "CPU s PostgreSQL", "hub");
    for (int run = 0; run < runs; run++) {
      row(report, "all " + (run + 1), whole.get(run));
    }
    for (int run = 0; run < runs; run++) {
      row(report, "changes " + (run + 1), changed.get(run));
    }
    report.end();
    if (users >= FULL) {
      report.table("floor", "wanted", "median", "");
      double median = Report.median(changed.stream().mapToDouble(Run::seconds).toArray());
      report.row(
          "%s changes beside %s users"
              .formatted(Report.thousands(changes), Report.thousands(users)),
          "under %.0f s".formatted(CHANGED_FLOOR),
          Report.decimals(median, 2) + " s",
          Report.met(median < CHANGED_FLOOR));
      report.row(
          "heap",
          "under %d MB".formatted(HEAP),
          "%d MB".formatted(memory.heapPeak()),
          Report.met(memory.heapPeak() < HEAP));
      report.end();
    }
    report.say("After each publish the tables had exactly the rows that the hub's views have.");
    report.say("%s", memory.sentence());
    report.publish(options.out);
    return 0;
  }

  private static void connect(Rest rest, Path data, Connection lake) throws SQLException {
    rest.post(
        "/api/connections",
        Map.of(
            "name",
            DATABASE,
            "url",
            lake.getMetaData().getURL().replaceFirst("[?].*", ""),
            "user",
            "selfsame",
            "password",
            HubDatabase.password(data)));
    rest.post("/api/publications", Map.of("name", "who", "connection", DATABASE));
  }

  private Run whole(Trial trial, Rest rest, HubDatabase lake, int number) {
    for (String table : TABLES) {
      lake.execute("DROP TABLE IF EXISTS " + table);
    }
    Run run = run(trial, rest, true, "All rows, %d of %d".formatted(number, runs));
    if (!run.result().path("full").asBoolean() || run.result().path("users").asLong() != users) {
      throw new Failed("All of %d users were to be written: %s".formatted(users, run.result()));
    }
    same(trial, lake);
    Progress.say("COPY of its rows");
    double copied = copy(lake, trial.hub().data());
    Progress.say("COPY: %.1f s", copied);
    return new Run(run.seconds(), run.result(), run.usage(), copied);
  }

  /** Seconds of PostgreSQL's own way to read the same rows and write them again, without a key. */
  private static double copy(HubDatabase lake, Path data) {
    for (String table : TABLES) {
      lake.execute(
          "DROP TABLE IF EXISTS plain_%1$s; CREATE TABLE plain_%1$s (LIKE %1$s)".formatted(table));
    }
    double seconds;
    try (Connection reading = HubDatabase.connect(data, DATABASE)) {
      long start = System.nanoTime();
      for (String table : TABLES) {
        CopyOut out =
            reading
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyOut("COPY %s TO STDOUT".formatted(table));
        CopyIn in =
            lake.connection()
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyIn("COPY plain_%s FROM STDIN".formatted(table));
        for (byte[] piece = out.readFromCopy(); piece != null; piece = out.readFromCopy()) {
          in.writeToCopy(piece, 0, piece.length);
        }
        in.endCopy();
      }
      seconds = (System.nanoTime() - start) / 1e9;
    } catch (SQLException e) {
      throw new Failed("COPY could not be measured: " + e.getMessage(), e);
    }
    for (String table : TABLES) {
      lake.execute("DROP TABLE plain_" + table);
    }
    return seconds;
  }

  private Run changed(Trial trial, Rest rest, HubDatabase lake, int number) {
    long position = trial.database().position();
    StringBuilder events = new StringBuilder();
    long said = 0;
    // Spread over all of them; who came by an import has no userId to be called by.
    for (long i = 0; said < changes; i++) {
      long person = 1 + (i * 7_919 + number) % users;
      if (!People.imported(person)) {
        events.append(events.isEmpty() ? "" : ",").append("{\"type\":\"identify\",\"userId\":\"");
        People.externalId(events, person);
        events.append("\",\"traits\":{\"name\":\"Published ").append(number).append("\"}}");
        said++;
        if (said % EVENTS == 0 || said == changes) {
          rest.track("{\"batch\":[" + events + "]}");
          events.setLength(0);
        }
      }
    }
    Run run = run(trial, rest, false, "What changed, %d of %d".formatted(number, runs));
    long since = run.result().path("since").asLong();
    if (since != position || run.result().path("users").asLong() != changes) {
      throw new Failed("%d users had changed: %s".formatted(changes, run.result()));
    }
    same(trial, lake);
    return run;
  }

  private static void same(Trial trial, HubDatabase lake) {
    for (String table : TABLES) {
      String sum =
          "SELECT count(*) || ' ' || coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) FROM public.%s t"
              .formatted(table);
      String wanted = trial.database().text(sum);
      String found = lake.text(sum);
      if (!found.equals(wanted)) {
        throw new Failed("%s was to be %s and is %s".formatted(table, wanted, found));
      }
    }
  }

  private Run run(Trial trial, Rest rest, boolean full, String what) {
    Progress.say("%s", what);
    Long postmaster = Hub.postmaster(trial.hub().data());
    if (postmaster == null) {
      throw new Failed("There is no hub to measure. It said:\n" + trial.hub().lastLines());
    }
    long own = ProcessHandle.current().pid();
    Usage before = Usage.now(trial.hub().pid(), postmaster, own);
    long start = System.nanoTime();
    String place =
        "/api/publications/who/runs/"
            + rest.post("/api/publications/who/runs" + (full ? "?full=true" : ""), Map.of())
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
      throw new Failed("The publish did not come to its end: " + run);
    }
    Run done = new Run(seconds, run.path("result"), usage, Double.NaN);
    Progress.say("%.2f s, %,d rows", seconds, done.rows());
    return done;
  }

  private static void pause() {
    try {
      Thread.sleep(10);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Failed("Interrupted", e);
    }
  }

  private static void row(Report report, String what, Run run) {
    boolean compared = !Double.isNaN(run.plain());
    report.row(
        what,
        Report.thousands(run.result().path("users").asLong()),
        Report.thousands(run.rows()),
        Report.decimals(run.seconds(), run.seconds() < 10 ? 2 : 1),
        compared ? Report.decimals(run.plain(), 1) : "",
        compared ? Report.decimals(run.plain() / run.seconds(), 3) : "",
        Report.decimals(run.usage().postgres(), 2),
        Report.decimals(run.usage().hub(), 2));
  }
}
