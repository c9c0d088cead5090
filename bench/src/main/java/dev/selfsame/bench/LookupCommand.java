package dev.selfsame.bench;

import dev.selfsame.bench.load.Calls;
import dev.selfsame.bench.load.Calls.Call;
import dev.selfsame.bench.load.Calls.Seen;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Look-ups of one user each: as many as go, and beside notes and identify events. */
@Command(
    name = "lookup",
    description = "Look-ups a second: alone, and beside notes and events.",
    mixinStandardHelpOptions = true)
final class LookupCommand implements Callable<Integer> {

  private static final double ALONE_FLOOR = 8_000;
  private static final double BESIDE = 4_000;
  private static final long P99_MICROS = 20_000;
  private static final int NOTES = 1_000;
  private static final int EVENTS = 1_000;

  private static final String BY_ID = "`GET /api/users`, an external id";

  /** Spreads numbers that follow one another over all people. */
  private static final long STRIDE = 1_000_003;

  @Mixin private Options options;
  @Mixin private RunOptions measured;
  @Spec private CommandSpec spec;

  @Option(
      names = "--callers",
      defaultValue = "32",
      paramLabel = "N",
      description = "Connections that look up (${DEFAULT-VALUE}).")
  private int callers;

  @Option(
      names = "--share",
      defaultValue = "1",
      paramLabel = "PART",
      description = "Of the rates beside notes and events, for a try (${DEFAULT-VALUE}).")
  private double share;

  @Override
  public Integer call() {
    options.batch = 1;
    Report report = new Report("lookup", spec.commandLine().getParseResult().originalArgs());
    Map<String, Seen> alone = new LinkedHashMap<>();
    Seen lookups;
    Seen notes;
    Trial.Run events;
    Memory memory;
    try (Trial trial = new Trial(options)) {
      report.say("%s.", trial.database().facts());
      trial.fill(measured.users);
      Calls calls = new Calls("127.0.0.1", trial.hub().port(), callers);
      Map<String, LongFunction<Call>> kinds = kinds();
      for (Map.Entry<String, LongFunction<Call>> kind : kinds.entrySet()) {
        Progress.say("%s: warming up, then measured", kind.getKey());
        calls.closed(measured.warmup, kind.getValue());
        alone.put(kind.getKey(), calls.closed(measured.seconds, kind.getValue()));
        Progress.say("%,.0f/s", Objects.requireNonNull(alone.get(kind.getKey())).rate());
      }
      Progress.say("Beside notes and events");
      Calls writers = new Calls("127.0.0.1", trial.hub().port(), callers);
      // Events change emails meanwhile.
      LongFunction<Call> looked = Objects.requireNonNull(kinds.get(BY_ID));
      both(measured.warmup, trial, calls, writers, looked);
      Together together = both(measured.seconds, trial, calls, writers, looked);
      lookups = together.lookups();
      notes = together.notes();
      events = together.events();
      memory = trial.memory();
    }
    report.say("%s users, each look-up another of them.", Report.thousands(measured.users));
    report.table("alone", "look-ups/s", "wanted", "", "p50 ms", "p99 ms", "wanted", "", "max ms");
    alone.forEach((what, seen) ->
        report.row(
            what,
            Report.thousands(seen.rate()),
            "at least 8,000",
            Report.met(seen.rate() >= ALONE_FLOOR),
            Report.millis(seen.p50()),
            Report.millis(seen.p99()),
            "under 20",
            Report.met(seen.p99() < P99_MICROS),
            Report.millis(seen.max())));
    report.end();
    report.table("beside one another", "a second", "wanted", "", "p50 ms", "p99 ms", "max ms");
    beside(report, "look-ups", lookups, BESIDE);
    beside(report, "insights that make notes", notes, NOTES);
    report.row(
        "identify events",
        Report.thousands(events.measured().rate()),
        "at least " + Report.thousands(EVENTS * share),
        Report.met(events.measured().rate() >= EVENTS * share * 0.99),
        Report.millis(events.measured().p50()),
        Report.millis(events.measured().p99()),
        Report.millis(events.measured().max()));
    report.end();
    report.say("%s", memory.sentence());
    report.publish(options.out);
    return 0;
  }

  private void beside(Report report, String what, Seen seen, double wanted) {
    report.row(
        what,
        Report.thousands(seen.rate()),
        "at least " + Report.thousands(wanted * share),
        // As many as were due; and none waited longer than the run.
        Report.met(seen.rate() >= wanted * share * 0.99 && seen.max() < measured.seconds * 1e6),
        Report.millis(seen.p50()),
        Report.millis(seen.p99()),
        Report.millis(seen.max()));
  }

  private record Together(Seen lookups, Seen notes, Trial.Run events) {}

  private Together both(
      double seconds, Trial trial, Calls calls, Calls writers, LongFunction<Call> looked) {
    String run = Long.toString(System.nanoTime());
    CompletableFuture<Seen> notes =
        CompletableFuture.supplyAsync(
            () -> writers.open(seconds, NOTES * share, number -> note(run, number)));
    CompletableFuture<Seen> lookups =
        CompletableFuture.supplyAsync(() -> calls.open(seconds, BESIDE * share, looked));
    Trial.Run events = trial.open(seconds, Math.round(EVENTS * share));
    return new Together(lookups.join(), notes.join(), events);
  }

  private Map<String, LongFunction<Call>> kinds() {
    Map<String, LongFunction<Call>> kinds = new LinkedHashMap<>();
    kinds.put(
        "`GET /api/lookup`, an email",
        number -> {
          String email = email(spread(number));
          return Call.get("/api/lookup?email=" + email, Hub.TOKEN, "\"email\":\"" + email);
        });
    kinds.put(
        BY_ID,
        number -> {
          String id = externalId(number);
          return Call.get("/api/users?externalId=" + id, Hub.TOKEN, "\"externalId\":\"" + id + '"');
        });
    kinds.put(
        "Profile API, traits",
        number ->
            Call.get(
                "/v1/spaces/default/collections/users/profiles/user_id:"
                    + externalId(number)
                    + "/traits",
                Hub.TOKEN,
                "\"email\":\"" + email(person(number))));
    return kinds;
  }

  private static Call note(String run, long number) {
    return Call.post(
        "/api/insights/bench/notes",
        Hub.TOKEN,
        "{\"title\":\"Note %d\",\"content\":\"It is slow.\",\"user\":{\"email\":\"writer%d@bench.example\"},\"source\":{\"record_id\":\"%s-%d\"}}"
            .formatted(number, number % 10_000, run, number),
        201,
        "\"title\":\"Note " + number);
  }

  /** People count from 1. */
  private long spread(long number) {
    return 1 + Math.floorMod(number * STRIDE, measured.users);
  }

  /** Somebody with a user id who is there from the start. */
  private long person(long number) {
    long person = spread(number);
    return People.imported(person) ? person - 1 : person;
  }

  private String externalId(long number) {
    StringBuilder id = new StringBuilder();
    People.externalId(id, person(number));
    return id.toString();
  }

  private static String email(long person) {
    StringBuilder email = new StringBuilder();
    People.email(email, person, 0);
    return email.toString();
  }
}
