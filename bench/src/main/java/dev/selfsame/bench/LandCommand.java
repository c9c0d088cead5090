package dev.selfsame.bench;

import dev.selfsame.bench.PlainTables.Timed;
import dev.selfsame.bench.land.Company;
import dev.selfsame.bench.land.Export;
import dev.selfsame.bench.land.Exports;
import dev.selfsame.bench.land.IdentityCount;
import dev.selfsame.bench.land.OwnerCount;
import dev.selfsame.bench.land.Revenue;
import dev.selfsame.bench.land.TicketCount;
import dev.selfsame.bench.land.Truth;
import dev.selfsame.bench.land.Truth.Grouping;
import dev.selfsame.bench.land.Truth.Standard;
import dev.selfsame.bench.land.Visits;
import dev.selfsame.store.DatabaseAddress;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * How long it takes to land five tools' exports and to ask across them, against what one writes
 * oneself: in PostgreSQL and in DuckDB, over the same rows. Speed is half of it: of every answer it
 * is counted what is wrong.
 */
@Command(
    name = "land",
    description =
        "Seconds to land the exports of five tools and to ask across them, and what is wrong with"
            + " the answers; the same with SQL over plain tables.",
    mixinStandardHelpOptions = true)
final class LandCommand implements Callable<Integer> {
  private static final long FULL = 1_000_000;
  private static final double LANDING_FLOOR = 240;
  private static final double QUESTION_FLOOR = 2;

  /** The tools' views from a record to its user. */
  private static final Map<Export, String> RECORDS = new LinkedHashMap<>();

  static {
    RECORDS.put(Export.SEGMENT_USERS, "SELECT segment_id, user_id FROM segment_users");
    RECORDS.put(Export.ZENDESK_USERS, "SELECT zendesk_id, user_id FROM zendesk_users");
    RECORDS.put(Export.STRIPE_CUSTOMERS, "SELECT stripe_id, user_id FROM stripe_users");
    RECORDS.put(Export.SALESFORCE_LEADS, "SELECT salesforce_id, user_id FROM salesforce_users");
    RECORDS.put(Export.INTERCOM_USERS, "SELECT intercom_id, user_id FROM intercom_users");
    RECORDS.put(Export.MAILCHIMP_MEMBERS, "SELECT mailchimp_id, user_id FROM mailchimp_users");
  }

  @Mixin private Options options;
  @Spec private CommandSpec spec;

  @Option(
      names = "--users",
      defaultValue = "1000000",
      paramLabel = "N",
      description = "Rows of segment.users (${DEFAULT-VALUE}).")
  private long users;

  @Option(
      names = "--tickets",
      paramLabel = "N",
      description = "Rows of zendesk.tickets (twice as many as users).")
  private @Nullable Integer tickets;

  @Option(
      names = "--cap",
      defaultValue = "300",
      paramLabel = "S",
      description =
          "Seconds after which a statement over plain tables is stopped (${DEFAULT-VALUE}).")
  private double cap;

  @Option(
      names = "--seed",
      defaultValue = "1",
      paramLabel = "N",
      description = "Of the made-up company (${DEFAULT-VALUE}).")
  private long seed;

  @Option(names = "--parquet", description = "Land files of Parquet, not of CSV.")
  private boolean parquet;

  /** The landing of one file, a process of its own, and what it cost beside itself. */
  private record Landed(Export export, long rows, Invocation command, Usage usage, long wal) {
    double micros(double seconds) {
      return seconds * 1e6 / rows;
    }
  }

  /** A table of identities, however made. */
  private record Identities(
      String way,
      String seconds,
      IdentityCount.@Nullable Defects people,
      IdentityCount.@Nullable Defects users) {}

  /** An answer, however found; its defects are words. */
  private record Answered(
      String question, String way, String seconds, String people, String rules) {}

  private final List<Identities> identities = new ArrayList<>();
  private final List<Answered> tallied = new ArrayList<>();
  private final List<Answered> figures = new ArrayList<>();
  private final Map<String, Double> ours = new LinkedHashMap<>();

  /** In what the hub's answers are not what the rules decide; empty is what is wanted. */
  private final List<String> differences = new ArrayList<>();

  @Override
  public Integer call() {
    Report report = new Report("land", spec.commandLine().getParseResult().originalArgs());
    int asked = tickets == null ? Math.toIntExact(2 * users) : tickets;
    Company company = new Company(seed, users, asked);
    try (Trial trial = new Trial(options)) {
      report.say("%s.", trial.database().facts());
      Path directory = trial.beside("exports");
      Progress.say("Writing the exports of a company with %,d users, %,d tickets", users, asked);
      Map<Export, Long> rows = Exports.write(company, directory);
      Progress.say("Deciding what is true");
      Truth truth = new Truth(company);
      EnumMap<Export, Double> duckLoads = new EnumMap<>(Export.class);
      try (PlainTables duck = PlainTables.duckDb(cap)) {
        Progress.say("DuckDB reads them, and writes them as Parquet");
        for (Export export : Export.values()) {
          duckLoads.put(export, duck.load(export, directory.resolve(export.csv())));
          duck.writeParquet(export, directory.resolve(export.parquet()));
        }
        List<Landed> landed = land(trial, directory, rows);
        Memory hub = trial.memory();
        check(trial, truth);
        askHub(trial, truth);
        EnumMap<Export, Double> copies = new EnumMap<>(Export.class);
        plain(trial, truth, directory, copies);
        Progress.say("The same in DuckDB");
        best(duck, "DuckDB", truth);
        landing(report, landed, copies, duckLoads, hub);
      }
      answers(report, truth);
    }
    floors(report);
    if (differences.isEmpty()) {
      report.say(
          "Every record is with the user that the rules give it, every decision is the rule's, and"
              + " each of the hub's answers is exact by the rules.");
    } else {
      report.say(
          "**The hub's answers are not what the rules decide:** %s.",
          String.join("; ", differences));
    }
    report.publish(options.out);
    differences.forEach(each -> Progress.say("Not by the rules: %s", each));
    return differences.isEmpty() ? 0 : 1;
  }

  private List<Landed> land(Trial trial, Path directory, Map<Export, Long> rows) {
    List<Landed> landed = new ArrayList<>();
    for (Export export : Export.values()) {
      long count = rows.getOrDefault(export, 0L);
      Path file = directory.resolve(parquet ? export.parquet() : export.csv());
      Progress.say("Landing %s, %,d rows", export.table(), count);
      Long postmaster = Hub.postmaster(trial.hub().data());
      if (postmaster == null) {
        throw new Failed("There is no hub to land in. It said:\n" + trial.hub().lastLines());
      }
      HubDatabase database = trial.database();
      long walBefore = database.walBytes();
      long own = ProcessHandle.current().pid();
      Usage before = Usage.now(trial.hub().pid(), postmaster, own);
      Invocation done =
          Invocation.run(
              options,
              trial.beside("said"),
              "land",
              export.table(),
              file.toString(),
              "--data",
              trial.hub().data().toString());
      Usage usage = Usage.now(trial.hub().pid(), postmaster, own).since(before);
      landed.add(new Landed(export, count, done, usage, database.walBytes() - walBefore));
      Progress.say("%.1f s, %,.0f rows/s", done.seconds(), count / done.seconds());
    }
    return landed;
  }

  /** Every decision and every record's user, against the rules. */
  private void check(Trial trial, Truth truth) {
    Progress.say("Comparing every decision and every record with the rules");
    Map<String, Long> found =
        new TreeMap<>(
            trial
                .database()
                .counts(
                    "SELECT source || ' ' || code || ' ' || outcome, count(*) FROM user_decisions"
                        + " GROUP BY 1"));
    if (!found.equals(truth.decisions())) {
      differences.add("decisions are %s, by the rules %s".formatted(found, truth.decisions()));
    }
    long users = trial.database().number("SELECT count(*) FROM users");
    if (users != truth.users()) {
      differences.add("there are %,d users, by the rules %,d".formatted(users, truth.users()));
    }
    OwnerCount owners = new OwnerCount(truth);
    RECORDS.forEach((export, sql) ->
        PlainTables.each(
            trial.database().connection(),
            sql,
            row -> owners.add(export, String.valueOf(row[0]), String.valueOf(row[1]))));
    OwnerCount.Defects records = owners.defects();
    if (!records.none()) {
      differences.add(
          "%,d records are with another user, %,d with none"
              .formatted(records.wrong(), records.lost()));
    }
  }

  private void askHub(Trial trial, Truth truth) {
    Progress.say("Asking the hub");
    IdentityCount people = new IdentityCount(truth, Standard.PERSON);
    IdentityCount byRules = new IdentityCount(truth, Standard.RULES);
    double[] seconds = new double[3];
    try (Connection reader = reader(trial)) {
      for (int run = 0; run < seconds.length; run++) {
        long start = System.nanoTime();
        PlainTables.each(reader, PlainSql.IDENTITIES, row -> {});
        seconds[run] = (System.nanoTime() - start) / 1e9;
      }
      PlainTables.each(
          reader,
          PlainSql.IDENTITIES,
          row -> {
            people.add(row);
            byRules.add(row);
          });
    } catch (SQLException e) {
      throw new Failed("The readers' login does not work: " + e.getMessage(), e);
    }
    identities.add(
        new Identities(
            "Selfsame: the view, read whole",
            Report.decimals(Report.median(seconds), 2),
            people.defects(),
            byRules.defects()));
    if (!byRules.defects().none()) {
      differences.add("user_identities: " + byRules.defects());
    }
    try (Questions questions = new Questions(trial.hub())) {
      tickets(questions, truth, Grouping.REFERRAL, "tickets-by-source", "referral_source");
      tickets(questions, truth, Grouping.PLAN, "tickets-by-plan", "plan");
      visits(questions, truth);
      revenue(questions, truth);
    }
  }

  private Connection reader(Trial trial) throws SQLException {
    String said =
        Invocation.run(
                options, trial.beside("said"), "connect", "--data", trial.hub().data().toString())
            .said();
    String url =
        said.lines().filter(line -> line.startsWith("postgresql://")).findFirst().orElse("");
    DatabaseAddress address = DatabaseAddress.parse(url);
    return DriverManager.getConnection(address.url(), address.user(), address.password());
  }

  private void tickets(
      Questions questions, Truth truth, Grouping grouping, String name, String column) {
    Questions.Answer answer = asked(questions, name);
    Map<String, Long> found = new TreeMap<>();
    for (List<@Nullable String> row : answer.columns(column, "tickets")) {
      found.merge(String.valueOf(row.get(0)), Long.valueOf(String.valueOf(row.get(1))), Long::sum);
    }
    Map<String, Long> expected = truth.answer(grouping);
    boolean exact = found.equals(expected);
    if (!exact) {
      differences.add("%s says %s, by the rules it is %s".formatted(name, found, expected));
    }
    TicketCount people = new TicketCount(truth, Standard.PERSON, grouping);
    TicketCount rules = new TicketCount(truth, Standard.RULES, grouping);
    for (int ticket = 1; ticket <= truth.tickets(); ticket++) {
      String group = truth.group(Standard.RULES, grouping, ticket);
      people.add(ticket, group);
      rules.add(ticket, group);
    }
    tallied.add(
        new Answered(
            title(grouping),
            "Selfsame: " + name,
            Report.decimals(answer.seconds(), 2),
            exact ? words(people.defects()) : "? | ? | ?",
            exact ? words(rules.defects()) : "? | ? | ?"));
  }

  private void visits(Questions questions, Truth truth) {
    Questions.Answer answer = asked(questions, "campaign-visits");
    Visits rules = Visits.of(truth, Standard.RULES);
    // Of one campaign and of any of them: here the same.
    for (List<@Nullable String> row : answer.columns("openers", "visited", "unknown")) {
      Visits found = visits(row);
      if (!found.equals(rules)) {
        differences.add("campaign-visits says %s, by the rules it is %s".formatted(found, rules));
      }
    }
    Visits found = visits(answer.columns("openers", "visited", "unknown").getFirst());
    figures.add(
        new Answered(
            "campaign and visits",
            "Selfsame: campaign-visits",
            Report.decimals(answer.seconds(), 2),
            Integer.toString(found.differing(Visits.of(truth, Standard.PERSON))),
            Integer.toString(found.differing(rules))));
  }

  private static Visits visits(List<@Nullable String> row) {
    return new Visits(
        Long.parseLong(String.valueOf(row.get(0))),
        Long.parseLong(String.valueOf(row.get(1))),
        Long.parseLong(String.valueOf(row.get(2))));
  }

  private void revenue(Questions questions, Truth truth) {
    Questions.Answer answer = asked(questions, "support-and-revenue");
    List<Revenue> found =
        answer
            .columns(
                "tickets",
                "people",
                "revenue_per_person",
                "compared",
                "month_before",
                "month_after")
            .stream()
            .map(Revenue::read)
            .toList();
    List<Revenue> rules = Revenue.of(truth, Standard.RULES);
    if (!found.equals(rules)) {
      differences.add("support-and-revenue says %s, by the rules it is %s".formatted(found, rules));
    }
    figures.add(
        new Answered(
            "support and revenue",
            "Selfsame: support-and-revenue",
            Report.decimals(answer.seconds(), 2),
            Integer.toString(Revenue.differing(found, Revenue.of(truth, Standard.PERSON))),
            Integer.toString(Revenue.differing(found, rules))));
  }

  private Questions.Answer asked(Questions questions, String name) {
    Questions.Answer answer = questions.ask(name);
    ours.put(name, answer.seconds());
    Progress.say("%s: %.2f s", name, answer.seconds());
    return answer;
  }

  /** The same rows in plain tables of the same PostgreSQL, in a database beside the hub's. */
  private void plain(Trial trial, Truth truth, Path directory, Map<Export, Double> copies) {
    trial.database().execute("CREATE DATABASE plain");
    try (PlainTables tables =
        PlainTables.postgres(HubDatabase.connect(trial.hub().data(), "plain"), cap)) {
      for (Export export : Export.values()) {
        Progress.say("COPY of %s", export.table());
        copies.put(export, tables.load(export, directory.resolve(export.csv())));
      }
      tables.table("charge", PlainSql.PLAN_NAMES);
      tables.execute("DROP TABLE stripe.charges");
      tables.execute("ALTER TABLE charge SET SCHEMA stripe");
      tables.execute("ALTER TABLE stripe.charge RENAME TO charges");
      tables.execute("VACUUM ANALYZE");
      guide(tables, truth, "PostgreSQL: the guide's, no index");
      PlainSql.GUIDE_INDEXES.forEach(tables::execute);
      tables.execute("ANALYZE");
      Timed indexed = guide(tables, truth, "PostgreSQL: the guide's, with indexes");
      identities(tables, truth, "PostgreSQL: its meaning, UNION for OR", PlainSql.UNION_IDENTITIES);
      if (indexed.over() && !exists(tables)) {
        Progress.say("There is no table of identities to ask");
      } else {
        guideQuestions(tables, truth, "PostgreSQL: the guide's, no index");
        PlainSql.GUIDE_QUESTION_INDEXES.forEach(tables::execute);
        tables.execute("ANALYZE");
        guideQuestions(tables, truth, "PostgreSQL: the guide's, with indexes");
      }
      best(tables, "PostgreSQL", truth);
    }
    trial.database().execute("DROP DATABASE plain");
  }

  private static boolean exists(PlainTables tables) {
    return tables.rows("pg_tables WHERE tablename = 'user_identities'") == 1;
  }

  private Timed guide(PlainTables tables, Truth truth, String way) {
    return identities(tables, truth, way, PlainSql.GUIDE_IDENTITIES);
  }

  private Timed identities(PlainTables tables, Truth truth, String way, String sql) {
    Progress.say("user_identities, %s", way);
    Timed timed = tables.table("user_identities", sql);
    Progress.say("%s s", timed.words());
    if (timed.over()) {
      identities.add(new Identities(way, timed.words(), null, null));
      return timed;
    }
    IdentityCount people = new IdentityCount(truth, Standard.PERSON);
    IdentityCount rules = new IdentityCount(truth, Standard.RULES);
    tables.each(
        PlainSql.IDENTITIES,
        row -> {
          people.add(row);
          rules.add(row);
        });
    identities.add(new Identities(way, timed.words(), people.defects(), rules.defects()));
    return timed;
  }

  private void guideQuestions(PlainTables tables, Truth truth, String way) {
    ask(tables, truth, way, Grouping.REFERRAL, PlainSql.GUIDE_BY_REFERRAL);
    ask(tables, truth, way, Grouping.PLAN, PlainSql.GUIDE_BY_PLAN);
  }

  private void best(PlainTables tables, String engine, Truth truth) {
    String way = engine + ": the best we know";
    identities(tables, truth, way, PlainSql.BEST_IDENTITIES);
    ask(tables, truth, way, Grouping.REFERRAL, PlainSql.BEST_BY_REFERRAL);
    ask(tables, truth, way, Grouping.PLAN, PlainSql.BEST_BY_PLAN);
    Timed timed = tables.ask(PlainSql.BEST_VISITS);
    Visits[] visits = new Visits[1];
    tables.each(PlainSql.BEST_VISITS, row -> visits[0] = visits(Arrays.asList(row)));
    figures.add(
        new Answered(
            "campaign and visits",
            way,
            timed.words(),
            Integer.toString(visits[0].differing(Visits.of(truth, Standard.PERSON))),
            Integer.toString(visits[0].differing(Visits.of(truth, Standard.RULES)))));
    timed = tables.ask(PlainSql.BEST_REVENUE);
    List<Revenue> revenue = new ArrayList<>();
    tables.each(PlainSql.BEST_REVENUE, row -> revenue.add(Revenue.read(Arrays.asList(row))));
    figures.add(
        new Answered(
            "support and revenue",
            way,
            timed.words(),
            Integer.toString(Revenue.differing(revenue, Revenue.of(truth, Standard.PERSON))),
            Integer.toString(Revenue.differing(revenue, Revenue.of(truth, Standard.RULES)))));
  }

  private void ask(
      PlainTables tables, Truth truth, String way, Grouping grouping, PlainSql.Question question) {
    Progress.say("%s, %s", title(grouping), way);
    Timed timed = tables.ask(question.answer());
    Progress.say("%s s", timed.words());
    if (timed.over()) {
      tallied.add(new Answered(title(grouping), way, timed.words(), "| |", "| |"));
      return;
    }
    TicketCount people = new TicketCount(truth, Standard.PERSON, grouping);
    TicketCount rules = new TicketCount(truth, Standard.RULES, grouping);
    tables.each(
        question.tickets(),
        row -> {
          int ticket = Integer.parseInt(String.valueOf(row[0]));
          people.add(ticket, row[1]);
          rules.add(ticket, row[1]);
        });
    tallied.add(
        new Answered(
            title(grouping), way, timed.words(), words(people.defects()), words(rules.defects())));
  }

  private static String title(Grouping grouping) {
    return grouping == Grouping.REFERRAL ? "tickets by referral source" : "tickets by plan";
  }

  private static String words(TicketCount.Defects defects) {
    return "%,d | %,d | %,d".formatted(defects.wrong(), defects.lost(), defects.doubled());
  }

  private double five;

  private void landing(
      Report report,
      List<Landed> landed,
      Map<Export, Double> copies,
      Map<Export, Double> duckLoads,
      Memory hub) {
    report.table(
        "landed",
        "rows",
        "seconds",
        "rows/s",
        "COPY s",
        "of COPY",
        "DuckDB s",
        "CPU µs/row PostgreSQL",
        "command",
        "WAL B/row",
        "heap MB",
        "process MB");
    for (Landed each : landed) {
      double copy = copies.getOrDefault(each.export(), Double.NaN);
      Memory memory = each.command().memory();
      report.row(
          each.export().table(),
          Report.thousands(each.rows()),
          Report.decimals(each.command().seconds(), 1),
          Report.thousands(each.rows() / each.command().seconds()),
          Report.decimals(copy, 2),
          Report.decimals(copy / each.command().seconds(), 3),
          Report.decimals(duckLoads.getOrDefault(each.export(), Double.NaN), 2),
          Report.decimals(each.micros(each.usage().postgres()), 1),
          Report.decimals(each.micros(each.command().cpu()), 1),
          Report.thousands((double) each.wal() / each.rows()),
          memory.heapPeak(),
          memory.rssPeak() < 0 ? "?" : memory.rssPeak());
    }
    five = sum(report, "**the five**", landed, copies, duckLoads, true);
    sum(report, "**the others**", landed, copies, duckLoads, false);
    report.end();
    report.say("%s", hub.sentence());
  }

  /** A line with the sums of the five tables, or of the others. */
  private static double sum(
      Report report,
      String name,
      List<Landed> landed,
      Map<Export, Double> copies,
      Map<Export, Double> duckLoads,
      boolean five) {
    double seconds = 0;
    double copy = 0;
    double duck = 0;
    double postgres = 0;
    double command = 0;
    long rows = 0;
    long wal = 0;
    long heap = 0;
    long process = -1;
    for (Landed each : landed) {
      if (Export.FIVE.contains(each.export()) == five) {
        seconds += each.command().seconds();
        copy += copies.getOrDefault(each.export(), Double.NaN);
        duck += duckLoads.getOrDefault(each.export(), Double.NaN);
        postgres += each.usage().postgres();
        command += each.command().cpu();
        rows += each.rows();
        wal += each.wal();
        heap = Math.max(heap, each.command().memory().heapPeak());
        process = Math.max(process, each.command().memory().rssPeak());
      }
    }
    report.row(
        name,
        Report.thousands(rows),
        Report.decimals(seconds, 1),
        Report.thousands(rows / seconds),
        Report.decimals(copy, 2),
        Report.decimals(copy / seconds, 3),
        Report.decimals(duck, 2),
        Report.decimals(postgres * 1e6 / rows, 1),
        Report.decimals(command * 1e6 / rows, 1),
        Report.thousands((double) wal / rows),
        heap,
        process < 0 ? "?" : process);
    return seconds;
  }

  private void answers(Report report, Truth truth) {
    report.say(
        "There are %s people, of whom the rules make %s users; %s tickets.",
        Report.thousands(truth.people()),
        Report.thousands(truth.users()),
        Report.thousands(truth.tickets()));
    report.table(
        "user_identities",
        "seconds",
        "rows",
        "people right",
        "rows doubled",
        "of two people",
        "records lost",
        "by the rules: users right",
        "rows doubled",
        "of two users",
        "records lost");
    for (Identities each : identities) {
      report.row(
          each.way(), each.seconds(), words(each.people(), true), words(each.users(), false));
    }
    report.end();
    table(report, tallied, "wrong", "lost", "doubled", "by the rules: wrong", "lost", "doubled");
    table(report, figures, "figures that differ", "by the rules");
  }

  private static void table(Report report, List<Answered> answers, String... defects) {
    List<String> columns = new ArrayList<>(List.of("question", "way", "seconds"));
    columns.addAll(List.of(defects));
    report.table(columns.toArray(String[]::new));
    answers.stream()
        .sorted(Comparator.comparing(Answered::question))
        .forEach(each ->
            report.row(each.question(), each.way(), each.seconds(), each.people(), each.rules()));
    report.end();
  }

  private static String words(IdentityCount.@Nullable Defects of, boolean rows) {
    if (of == null) {
      return rows ? "| | | |" : "| | |";
    }
    return "%s%,d | %,d | %,d | %,d"
        .formatted(
            rows ? "%,d | ".formatted(of.rows()) : "",
            of.right(),
            of.doubled(),
            of.mixed(),
            of.lost());
  }

  private void floors(Report report) {
    if (users < FULL) {
      return;
    }
    report.table("floor", "wanted", "seconds", "");
    floor(report, "landing the five tables", LANDING_FLOOR, five);
    ours.forEach((name, seconds) -> floor(report, name, QUESTION_FLOOR, seconds));
    report.end();
  }

  private static void floor(Report report, String what, double floor, double seconds) {
    report.row(
        what,
        "under %.0f s".formatted(floor),
        Report.decimals(seconds, floor < 10 ? 2 : 1) + " s",
        Report.met(seconds < floor));
  }
}
