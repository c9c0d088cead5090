package dev.selfsame.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The dashboard's pages while events come in: how long each takes, and how heavy it is. */
@Command(
    name = "pages",
    description = "Milliseconds and kilobytes of the dashboard's pages, beside a load of events.",
    mixinStandardHelpOptions = true)
final class PagesCommand implements Callable<Integer> {

  private static final double P95_MILLIS = 100;
  private static final long MOST_BYTES = 150_000;
  private static final int BATCH = 100;

  @Mixin private Options options;
  @Spec private CommandSpec spec;

  @Option(
      names = "--users",
      defaultValue = "1000000",
      paramLabel = "N",
      description = "In the store (${DEFAULT-VALUE}).")
  private long users;

  @Option(
      names = "--rate",
      defaultValue = "5000",
      paramLabel = "N",
      description = "Events per second meanwhile (${DEFAULT-VALUE}).")
  private long rate;

  @Option(
      names = "--runs",
      defaultValue = "40",
      paramLabel = "N",
      description = "Looks at each page (${DEFAULT-VALUE}).")
  private int runs;

  @Option(
      names = "--warmup",
      defaultValue = "20",
      paramLabel = "S",
      description = "Seconds of load and of looks before them (${DEFAULT-VALUE}).")
  private double warmup;

  @Option(
      names = "--pause",
      defaultValue = "40",
      paramLabel = "MS",
      description = "Between two looks: a person reads (${DEFAULT-VALUE}).")
  private long pause;

  private static final class Times {
    private final List<Double> millis = new ArrayList<>();
    private long bytes;

    /** Not a number where nobody looked. */
    double at(double part) {
      if (millis.isEmpty()) {
        return Double.NaN;
      }
      double[] sorted = millis.stream().mapToDouble(Double::doubleValue).sorted().toArray();
      return sorted[(int) Math.ceil(part * sorted.length) - 1];
    }
  }

  @Override
  public Integer call() {
    options.batch = BATCH;
    Report report = new Report("pages", spec.commandLine().getParseResult().originalArgs());
    Map<String, Times> still = new LinkedHashMap<>();
    Map<String, Times> busy = new LinkedHashMap<>();
    Map<String, Long> weights = new LinkedHashMap<>();
    Trial.Run run;
    Memory memory;
    try (Trial trial = new Trial(options);
        Visitor visitor = new Visitor(trial.hub())) {
      report.say("%s.", trial.database().facts());
      trial.fill(users);
      trial
          .database()
          .execute(
              "INSERT INTO selfsame.source (space, number, name, channel, settings) VALUES (1, 90,"
                  + " 'stripe', 'billing', '{\"id_type\": \"stripe_id\"}')");
      fillCounts(trial.database());
      Map<String, String> pages = pages(trial);
      Progress.say("Looking at %d pages, warming up", pages.size());
      look(visitor, pages, new LinkedHashMap<>(), null);
      for (Map.Entry<String, String> page : pages.entrySet()) {
        weights.put(page.getKey(), weight(visitor, page.getValue()));
      }
      Progress.say("Looking %d times at each, nothing else going on", runs);
      for (int i = 0; i < runs; i++) {
        look(visitor, pages, still, null);
      }
      run = beside(trial, visitor, pages, busy);
      memory = trial.memory();
    }
    write(report, still, busy, weights, run, memory);
    report.publish(options.out);
    return 0;
  }

  /** A week in which every minute had ten kinds of decisions. */
  private static void fillCounts(HubDatabase database) {
    database.execute(
        """
        INSERT INTO selfsame.decision_count
          (space, source, minute, rule, outcome, count, first_position, last_position)
        SELECT 1, 1, now.minute - m, 'K' || k, CASE WHEN k = 10 THEN 'merged' ELSE 'updated' END, 1000 + m % 97 * k, 1, 1
        FROM (SELECT extract(epoch FROM now())::bigint / 60 - 5 AS minute) now, generate_series(1, 10080) m, generate_series(1, 10) k
        ON CONFLICT DO NOTHING
        """);
    database.execute("VACUUM (ANALYZE) selfsame.decision_count");
  }

  private Map<String, String> pages(Trial trial) {
    String user =
        trial
            .database()
            .text(
                "SELECT id FROM selfsame.part WHERE external_id IS NOT NULL ORDER BY"
                    + " created_position DESC LIMIT 1");
    String email =
        trial
            .database()
            .text("SELECT email FROM selfsame.part ORDER BY created_position DESC LIMIT 1");
    Map<String, String> pages = new LinkedHashMap<>();
    pages.put("Home, 1 hour", "/");
    pages.put("Home, 7 days", "/?range=week");
    pages.put("Users", "/users");
    pages.put("Users, found by an email", "/users?q=" + email.replace("@", "%40"));
    pages.put("Users, found by its beginning", "/users?q=" + email.substring(0, 3));
    pages.put("A user", "/users/" + user);
    pages.put("Review", "/review");
    pages.put("Merges", "/merges");
    pages.put("Segment", "/segment");
    pages.put("Segment, without a billing ID", "/segment/no-billing-id");
    pages.put("Sources", "/sources");
    pages.put("A source", "/sources/segment");
    pages.put("Identities", "/identities");
    pages.put("Companies", "/companies");
    pages.put("Notes", "/notes");
    pages.put("Landings", "/landings");
    pages.put("Settings", "/settings");
    pages.put("Policy", "/settings/policy");
    pages.put("Keys", "/settings/keys");
    pages.put("Audit", "/settings/audit");
    return pages;
  }

  private void look(
      Visitor visitor,
      Map<String, String> pages,
      Map<String, Times> into,
      @Nullable AtomicBoolean ended) {
    pages.forEach((what, path) -> {
      if (ended == null || !ended.get()) {
        Visitor.Shown shown = visitor.get(path);
        Times times = into.computeIfAbsent(what, each -> new Times());
        times.millis.add(shown.millis());
        times.bytes = Math.max(times.bytes, shown.bytes());
        pause();
      }
    });
  }

  private void pause() {
    try {
      Thread.sleep(Duration.ofMillis(pause));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Failed("Interrupted", e);
    }
  }

  /** Looks while events come in, after a while of both. */
  private Trial.Run beside(
      Trial trial, Visitor visitor, Map<String, String> pages, Map<String, Times> busy) {
    long perPage = pause + (long) P95_MILLIS / 2;
    double seconds = warmup + (double) runs * pages.size() * perPage / 1e3;
    Progress.say("Looking while %,d events a second come in, for %.0f s", rate, seconds);
    AtomicBoolean ended = new AtomicBoolean();
    long begin = System.nanoTime() + (long) (warmup * 1e9);
    CompletableFuture<Void> looking =
        CompletableFuture.runAsync(() -> {
          while (System.nanoTime() < begin && !ended.get()) {
            look(visitor, pages, new LinkedHashMap<>(), ended);
          }
          for (int i = 0; i < runs && !ended.get(); i++) {
            look(visitor, pages, busy, ended);
          }
        });
    Trial.Run run = trial.open(seconds, rate / BATCH);
    ended.set(true);
    try {
      looking.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof Failed failed ? failed : e;
    }
    return run;
  }

  /** Kilobytes on the way to a browser that has nothing of it yet. */
  private static long weight(Visitor visitor, String path) {
    Visitor.Shown page = visitor.get(path);
    long weight = page.bytes();
    Set<String> assets = new LinkedHashSet<>(page.assets());
    for (String asset : assets) {
      weight += visitor.get(asset).bytes();
    }
    return weight;
  }

  private void write(
      Report report,
      Map<String, Times> still,
      Map<String, Times> busy,
      Map<String, Long> weights,
      Trial.Run run,
      Memory memory) {
    report.say(
        "%s users; %s events/s were sent, p99 %s ms, each decided by its rule.",
        Report.thousands(users),
        Report.thousands(run.measured().rate()),
        Report.millis(run.measured().p99()));
    report.table(
        "page",
        "median ms, alone",
        "p95 ms, alone",
        "looks beside events",
        "median ms",
        "p95 ms",
        "wanted",
        "",
        "kB, with all it needs",
        "");
    still.forEach((what, alone) -> {
      // A machine that is busy with something else may not come to every page in time.
      Times times = busy.getOrDefault(what, new Times());
      double p95 = times.at(0.95);
      long bytes = Objects.requireNonNull(weights.get(what));
      report.row(
          what,
          Report.decimals(alone.at(0.5), 1),
          Report.decimals(alone.at(0.95), 1),
          times.millis.size(),
          Report.decimals(times.at(0.5), 1),
          Report.decimals(p95, 1),
          "under %.0f".formatted(P95_MILLIS),
          Report.met(p95 < P95_MILLIS),
          Report.decimals(bytes / 1e3, 1),
          Report.met(bytes < MOST_BYTES));
    });
    report.end();
    report.say("%s", memory.sentence());
  }
}
