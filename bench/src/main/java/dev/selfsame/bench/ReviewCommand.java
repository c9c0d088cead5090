package dev.selfsame.bench;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What people wait for who review users: merging by hand and undoing it, a user with very many
 * claims, and the pages of flags, merges and bars of a large store; over REST, one call at a time.
 */
@Command(
    name = "review",
    description = "Milliseconds of merging, undoing, and of the pages of those who review.",
    mixinStandardHelpOptions = true)
final class ReviewCommand implements Callable<Integer> {

  /** So many pages of so many are turned to get to a deep one. */
  private static final int PAGES = 100;

  private static final int LONG_PAGE = 1_000;

  @Mixin private Options options;
  @Spec private CommandSpec spec;

  @Option(
      names = "--users",
      defaultValue = "5000000",
      paramLabel = "N",
      description = "Of the large store (${DEFAULT-VALUE}).")
  private long users;

  @Option(
      names = "--small",
      defaultValue = "100000",
      paramLabel = "N",
      description = "Of the store that its pages are compared with (${DEFAULT-VALUE}).")
  private long small;

  @Option(
      names = "--merges",
      defaultValue = "500000",
      paramLabel = "N",
      description = "Of the large store, at most a tenth of its users (${DEFAULT-VALUE}).")
  private long merges;

  @Option(
      names = "--claims",
      defaultValue = "150000",
      paramLabel = "N",
      description = "Of the user with very many (${DEFAULT-VALUE}).")
  private int claims;

  @Option(
      names = "--identifiers",
      defaultValue = "500",
      paramLabel = "N",
      description = "Of that user and of those that are merged, 8 to 500 (${DEFAULT-VALUE}).")
  private int identifiers;

  @Option(
      names = "--runs",
      defaultValue = "20",
      paramLabel = "N",
      description = "Measured calls of each kind, after as many that are not (${DEFAULT-VALUE}).")
  private int runs;

  private final ReviewTimes pairs = new ReviewTimes();
  private final ReviewTimes big = new ReviewTimes();
  private int restored;

  @Override
  public Integer call() {
    Report report = new Report("review", spec.commandLine().getParseResult().originalArgs());
    ReviewTimes onSmall = new ReviewTimes();
    ReviewTimes onLarge = new ReviewTimes();
    String counts;
    Memory memory;
    try (Trial trial = new Trial(options);
        Rest rest = new Rest(trial.hub())) {
      report.say("%s.", trial.database().facts());
      connectStripe(trial);
      pages(trial, rest, Cases.of(small, merges), onSmall);
      Cases cases = Cases.of(users, merges);
      counts = pages(trial, rest, cases, onLarge);
      disconnectStripe(trial);
      pairs(rest);
      ManyNames many = big(rest);
      bigPages(rest, many);
      memory = trial.memory();
    }
    report.say(
        "**Two users** of %d identifiers each, and two of the store's, who have 2: merged by hand"
            + " and parted again.",
        identifiers);
    pairs.report(report, "call");
    report.say(
        "**One user** with %s claims and %d identifiers.", Report.thousands(claims), identifiers);
    big.report(report, "call");
    report.say("**Pages** of 100, with %s users. %s", Report.thousands(users), counts);
    onLarge.report(report, "page");
    report.table("ratio", "of the medians");
    ratio(report, "merging %d identifiers each to 2 each", pairs, "merge");
    ratio(report, "undoing %d identifiers each to 2 each", pairs, "undo");
    for (String page : PAGES_COMPARED) {
      report.row(
          "%s: %s users to %s".formatted(page, Report.thousands(users), Report.thousands(small)),
          Report.decimals(onLarge.median(page) / onSmall.median(page), 2));
    }
    report.end();
    report.say(
        "%s users were parted by an undo, and each was exactly what it had been: fields and"
            + " identifiers.",
        Report.thousands(restored));
    report.say("%s", memory.sentence());
    report.publish(options.out);
    return 0;
  }

  private static final List<String> PAGES_COMPARED =
      List.of(
          "flags: same_email, first",
          "flags: missing_billing_id, first",
          "flags: all kinds, first",
          "merges: first",
          "merges: of one user",
          "merges: by M1, first",
          "bars: first");

  private void ratio(Report report, String words, ReviewTimes times, String act) {
    report.row(
        words.formatted(identifiers),
        Report.decimals(
            times.median("%s, %d each".formatted(act, identifiers))
                / times.median(act + ", 2 each"),
            2));
  }

  // ---- pages ----

  /** A billing provider: who has no id of it is a flag. */
  private static void connectStripe(Trial trial) {
    trial
        .database()
        .execute(
            "INSERT INTO selfsame.source (space, number, name, channel, settings) VALUES (1, 90,"
                + " 'stripe', 'billing', '{\"id_type\": \"stripe_id\"}')");
  }

  private static void disconnectStripe(Trial trial) {
    trial.database().execute("DELETE FROM selfsame.source WHERE number = 90");
  }

  private String pages(Trial trial, Rest rest, Cases cases, ReviewTimes into) {
    trial.put(cases);
    String one =
        trial
            .database()
            .text(
                "SELECT survivor FROM selfsame.merge WHERE undone_at IS NULL ORDER BY position"
                    + " LIMIT 1");
    String flagged = trial.database().text("SELECT part FROM selfsame.flag_user LIMIT 1");
    Map<String, String> pages = new LinkedHashMap<>();
    pages.put("flags: same_email", "/api/flags?kind=same_email&state=open");
    pages.put("flags: missing_billing_id", "/api/flags?kind=missing_billing_id&state=open");
    pages.put("flags: billing_id_in_use", "/api/flags?kind=billing_id_in_use&state=open");
    pages.put("flags: all kinds", "/api/flags");
    pages.put("flags: closed", "/api/flags?state=closed");
    pages.put("flags: of one user", "/api/flags?user=" + flagged);
    pages.put("merges", "/api/merges");
    pages.put("merges: of one user", "/api/merges?user=" + one);
    pages.put("merges: by C6", "/api/merges?rule=C6");
    pages.put("merges: by M1", "/api/merges?rule=M1");
    pages.put("merges: by K10, of which there are none", "/api/merges?rule=K10");
    pages.put("merges: undone", "/api/merges?state=undone");
    pages.put("merges: undone, by M1", "/api/merges?state=undone&rule=M1");
    pages.put("bars", "/api/bars");
    pages.put("bars: of one user", "/api/bars?user=" + one);
    pages.forEach((what, path) -> {
      Progress.say("%s", what);
      boolean whole = path.contains("user=") || path.contains("K10") || path.contains("&rule=");
      String name = whole ? what : what + (what.contains(":") ? ", first" : ": first");
      repeat(() -> rest.get(path), name, ReviewTimes.PAGE, into);
      Deep deep = deep(rest, path);
      if (deep.next() != null) {
        String page = deep.next();
        repeat(
            () -> rest.get(page),
            "%s %s from the %sth on"
                .formatted(what, what.contains(":") ? "," : ":", Report.thousands(deep.passed()))
                .replace(" ,", ",")
                .replace(" :", ":"),
            ReviewTimes.PAGE,
            into);
      }
    });
    return counted(trial, rest);
  }

  /** What there is, as the hub counts it; recounted, where that is quick. */
  private static String counted(Trial trial, Rest rest) {
    List<String> told = new ArrayList<>();
    rest.get("/api/flags?limit=1")
        .json()
        .path("counts")
        .forEachEntry(
            (kind, count) -> told.add("%s %s".formatted(Report.thousands(count.asLong()), kind)));
    HubDatabase database = trial.database();
    return "Open flags: %s; %s merges, %s of them undone, %s bars."
        .formatted(
            String.join(", ", told),
            Report.thousands(database.number("SELECT count(*) FROM selfsame.merge")),
            Report.thousands(
                database.number("SELECT count(*) FROM selfsame.merge WHERE undone_at IS NOT NULL")),
            Report.thousands(database.number("SELECT count(*) FROM selfsame.bar")));
  }

  private record Deep(@Nullable String next, long passed) {}

  /** A page of the usual length, behind as many as can be turned soon. */
  private static Deep deep(Rest rest, String path) {
    String next = path + (path.contains("?") ? "&" : "?") + "limit=" + LONG_PAGE;
    long passed = 0;
    String last = null;
    for (int page = 0; page < PAGES; page++) {
      JsonNode answer = rest.get(next).json();
      JsonNode link = answer.path("links").path("next");
      if (!link.isString()) {
        break;
      }
      passed += answer.path("data").size();
      next = link.asString();
      last = next;
    }
    return new Deep(last == null ? null : last.replace("limit=" + LONG_PAGE, "limit=100"), passed);
  }

  private interface Call {
    Rest.Answer make();
  }

  private void repeat(Call call, String what, double wanted, ReviewTimes into) {
    for (int run = -runs; run < runs; run++) {
      Rest.Answer answer = call.make();
      if (run >= 0) {
        into.add(what, wanted, answer);
      }
    }
  }

  // ---- merging and undoing ----

  private void pairs(Rest rest) {
    Progress.say("Making %d users of %d identifiers", 4 * runs, identifiers);
    for (int run = -runs; run < runs; run++) {
      String of = "%d-%d".formatted(identifiers, run + runs);
      ManyNames one = new ManyNames("a" + of, identifiers, 0);
      ManyNames other = new ManyNames("b" + of, identifiers, 0);
      one.send(rest);
      other.send(rest);
      String a = user(rest, one.externalId());
      String b = user(rest, other.externalId());
      need(rest, a, identifiers);
      need(rest, b, identifiers);
      mergeAndPart(rest, a, b, run < 0 ? null : pairs, ", %d each".formatted(identifiers));
      StringBuilder id = new StringBuilder();
      People.externalId(id, 10L * (run + runs) + 105);
      String c = user(rest, id.toString());
      id.setLength(0);
      People.externalId(id, 10L * (run + runs) + 106);
      mergeAndPart(rest, c, user(rest, id.toString()), run < 0 ? null : pairs, ", 2 each");
    }
  }

  /** Both ways first as a dry run; then both users must be what they were. */
  private void mergeAndPart(
      Rest rest, String a, String b, @Nullable ReviewTimes into, String which) {
    String was = shown(rest, a) + shown(rest, b);
    Rest.Answer foreseen =
        rest.post("/api/users/merge", Map.of("users", List.of(a, b), "dryRun", true));
    Rest.Answer merged = rest.post("/api/users/merge", Map.of("users", List.of(a, b)));
    String undo = "/api/merges/" + merged.data().path("mergeId").asString() + "/undo";
    Rest.Answer undoing = rest.post(undo, Map.of("dryRun", true));
    Rest.Answer undone = rest.post(undo, Map.of());
    String is = shown(rest, a) + shown(rest, b);
    if (!is.equals(was)) {
      throw new Failed("The undo left\n%s\nfor\n%s".formatted(is, was));
    }
    if (into != null) {
      restored += 2;
      into.add("merge, dry run" + which, ReviewTimes.ACT, foreseen);
      into.add("merge" + which, ReviewTimes.ACT, merged);
      into.add("undo, dry run" + which, ReviewTimes.ACT, undoing);
      into.add("undo" + which, ReviewTimes.ACT, undone);
    }
  }

  private static String user(Rest rest, String externalId) {
    JsonNode found = rest.get("/api/users?externalId=" + externalId).data();
    if (found.size() != 1) {
      throw new Failed("%d users have the external id %s".formatted(found.size(), externalId));
    }
    return found.path(0).path("id").asString();
  }

  private static void need(Rest rest, String user, int identifiers) {
    int has = rest.get("/api/users/" + user).data().path("identifiers").size();
    if (has != identifiers) {
      throw new Failed("The user has %d identifiers; expected %d".formatted(has, identifiers));
    }
  }

  /** All of a user but when it was changed, in an order of its own. */
  private static String shown(Rest rest, String user) {
    JsonNode data = rest.get("/api/users/" + user).data();
    TreeSet<String> lines = new TreeSet<>();
    data.forEachEntry((field, value) -> {
      if (!field.equals("updatedAt") && !field.equals("identifiers")) {
        lines.add(field + " " + value);
      }
    });
    data.path("identifiers").forEach(identifier -> lines.add(identifier.toString()));
    return String.join("\n", lines) + "\n";
  }

  // ---- a user with very many claims ----

  /** An import's user without an id, whom the first of the claims adopts (K4). */
  private ManyNames big(Rest rest) {
    Progress.say("Making a user of %,d claims", claims);
    ManyNames many = new ManyNames("big", identifiers, claims);
    rest.imports("name,email\n%s,%s\n".formatted(IMPORTED, many.firstEmail()));
    many.send(rest);
    return many;
  }

  private static final String IMPORTED = "Imported";

  private void bigPages(Rest rest, ManyNames many) {
    String id = user(rest, many.externalId());
    need(rest, id, identifiers);
    // Somebody with the same email.
    rest.track(
        "{\"batch\":[{\"type\":\"identify\",\"userId\":\"beside\",\"traits\":{\"email\":\"%s\",\"name\":\"Beside\"}}]}"
            .formatted(many.email()));
    String beside = user(rest, "beside");
    String timeline = "/api/users/" + id + "/timeline";
    repeat(() -> rest.get("/api/users/" + id), "the user", ReviewTimes.PAGE, big);
    repeat(() -> rest.get(timeline), "timeline, first page", ReviewTimes.PAGE, big);
    turned(rest, timeline, many.claims() + 1);
    Progress.say("Merging, undoing and moving");
    for (int run = -runs; run < runs; run++) {
      mergeAndPart(rest, id, beside, run < 0 ? null : big, " with another");
      move(rest, many.formerEmail(), id, beside, run < 0 ? null : big);
      move(rest, many.formerEmail(), beside, id, run < 0 ? null : big);
    }
    Progress.say("Explaining");
    repeat(
        () -> rest.get("/api/explain?a=%s&b=%s".formatted(id, beside)),
        "explain it and another",
        ReviewTimes.ACT,
        big);
    repeat(
        () ->
            rest.get(
                "/api/explain?a=%s&b=%s"
                    .formatted(
                        encoded("external_id:" + many.externalId()),
                        encoded("external_id:id-0-big"))),
        "explain two of its identifiers",
        ReviewTimes.ACT,
        big);
    repeat(() -> rest.get("/api/users/" + id + "/fields"), "fields", ReviewTimes.ACT, big);
    repeat(() -> rest.get("/api/users/" + id + "/graph"), "graph", ReviewTimes.ACT, big);
    repeat(() -> rest.get("/api/flags?user=" + id), "its flags", ReviewTimes.PAGE, big);
    repeat(() -> rest.get("/api/merges?user=" + id), "its merges", ReviewTimes.PAGE, big);
    JsonNode merge = rest.post("/api/users/merge", Map.of("users", List.of(id, beside))).data();
    String merged = merge.path("user").path("id").asString();
    repeat(
        () -> rest.get("/api/users/" + merged + "/timeline"),
        "timeline, merged, first page",
        ReviewTimes.PAGE,
        big);
    repeat(
        () ->
            rest.get(
                "/api/explain?a=%s&b=%s"
                    .formatted(encoded("external_id:beside"), encoded("external_id:id-0-big"))),
        "explain why both are one",
        ReviewTimes.ACT,
        big);
    repeat(
        () -> rest.get("/api/users/" + merged + "/graph"), "graph, merged", ReviewTimes.ACT, big);
    rest.post("/api/merges/" + merge.path("mergeId").asString() + "/undo", Map.of());
    adoption(rest, id, many);
  }

  /** Takes the user apart, as the last that is done with it. */
  private void adoption(Rest rest, String id, ManyNames many) {
    Progress.say("Undoing the adoption");
    String links = "/api/merges?kind=link&user=" + id;
    repeat(() -> rest.get(links), "its adoptions and links", ReviewTimes.ACT, big);
    JsonNode adoption = rest.get(links).data().path(0);
    if (!adoption.path("code").asString().equals("K4")) {
      throw new Failed("The user was not adopted: " + adoption);
    }
    JsonNode whole = rest.get("/api/users/" + id).data();
    String undo = "/api/merges/" + adoption.path("id").asString() + "/undo";
    for (int run = 0; run < ADOPTION_RUNS; run++) {
      Rest.Answer foreseen = rest.post(undo, Map.of("dryRun", true));
      big.add("undo of its adoption, dry run", ReviewTimes.ALL_CLAIMS, foreseen);
      parted(foreseen.data().path("users"), whole, many);
    }
    Rest.Answer undone = rest.post(undo, Map.of());
    big.add("undo of its adoption", ReviewTimes.ALL_CLAIMS, undone);
    parted(undone.data().path("users"), whole, many);
    JsonNode own = rest.get("/api/users?externalId=" + many.externalId()).data().path(0);
    parted(
        JsonMapper.shared()
            .createArrayNode()
            .add(rest.get("/api/users/" + id).data())
            .add(rest.get("/api/users/" + own.path("id").asString()).data()),
        whole,
        many);
  }

  private static final int ADOPTION_RUNS = 3;

  /** The first must be what was imported, the second all that the claims said. */
  private static void parted(JsonNode users, JsonNode whole, ManyNames many) {
    JsonNode left = users.path(0);
    JsonNode own = users.path(1);
    boolean stays =
        left.path("id").equals(whole.path("id"))
            && left.path("name").asString().equals(IMPORTED)
            && left.path("email").asString().equals(many.firstEmail())
            && values(left).equals(Set.of(many.firstEmail()));
    boolean goes = !own.path("id").equals(whole.path("id")) && values(own).equals(values(whole));
    for (String field : List.of("externalId", "email", "name", "billingId")) {
      goes &= own.path(field).equals(whole.path(field));
    }
    if (!stays || !goes) {
      throw new Failed("The undo of the adoption left\n%s\nof\n%s".formatted(users, whole));
    }
  }

  private static Set<String> values(JsonNode user) {
    Set<String> values = new TreeSet<>();
    user.path("identifiers").forEach(each -> values.add(each.path("value").asString()));
    return values;
  }

  private static String encoded(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8);
  }

  /** The page in the middle and the last; all of them must have every claim. */
  private void turned(Rest rest, String timeline, int claims) {
    String next = timeline + "?limit=" + LONG_PAGE;
    List<String> pages = new ArrayList<>();
    long lines = 0;
    while (true) {
      JsonNode answer = rest.get(next).json();
      lines += answer.path("data").size();
      JsonNode link = answer.path("links").path("next");
      if (!link.isString()) {
        break;
      }
      next = link.asString();
      pages.add(next.replace("limit=" + LONG_PAGE, "limit=100"));
    }
    if (lines != claims) {
      throw new Failed("The timeline has %,d lines; expected %,d".formatted(lines, claims));
    }
    if (!pages.isEmpty()) {
      String middle = pages.get(pages.size() / 2);
      String last = pages.getLast();
      repeat(() -> rest.get(middle), "timeline, in the middle", ReviewTimes.PAGE, big);
      repeat(() -> rest.get(last), "timeline, at its end", ReviewTimes.PAGE, big);
    }
  }

  private static void move(
      Rest rest, String email, String from, String to, @Nullable ReviewTimes into) {
    Map<String, Object> body = Map.of("type", "email", "value", email, "to", to);
    Rest.Answer moved = rest.post("/api/users/" + from + "/identifiers/move", body);
    if (into != null) {
      into.add("moving an identifier", ReviewTimes.ACT, moved);
    }
  }
}
