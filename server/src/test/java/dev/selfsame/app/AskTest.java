package dev.selfsame.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.cli.Program;
import dev.selfsame.cli.SelfsameCommand;
import dev.selfsame.testing.TestDatabase;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The built-in questions on the demo's data, by command, over REST, and as the guide shows them.
 */
final class AskTest {
  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();
  @TempDir static Path data;
  @TempDir Path directory;
  private static final String TOKEN = "a-token-of-mine-000";
  private static final Path GUIDE = Path.of("..", "docs", "ask.md");
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static Hub running;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeAll
  static void tell() {
    running =
        Hub.start(
            new Program.Start(data, hub.address().full(), "127.0.0.1:0", 0, null, null, null, true),
            Map.of("SELFSAME_WRITE_KEY", "a-key-of-mine-0000", "SELFSAME_TOKEN", TOKEN),
            line -> {});
  }

  @AfterAll
  static void stop() {
    running.close();
  }

  // ---- Counted by hand from demo.jsonl ----

  /**
   * 28 tickets that are not deleted: of Ada 2, David 1 (his by R1c, first Chloe's), Elif 3, Greta
   * 2, Igor 1, Kofi 3, Marek 2, Oscar 1, Quentin 3, Sven 2, Uma 1, Ziggy 1, Queen 1, Kanye 1, Lucia
   * 1 (her address in another case), Walter 2 (in Zendesk alone), and 1 of nobody.
   */
  @Test
  void tickets_by_source() {
    assertThat(asked("tickets-by-source"))
        .containsExactly(
            "referral_source,tickets,people",
            "friend,7,4",
            "podcast,7,4",
            "search,5,3",
            "conference,4,3",
            "(not given),2,1",
            "newsletter,2,1",
            "(unknown requester),1,1");
  }

  /**
   * Business: Elif 3, Kofi 3, Quentin 3, Marek 2 (since November). Basic: Sven 2 (since November),
   * Igor, Oscar, Kanye, Lucia. Team: Ada 2, Queen. None: Greta 2, Walter 2, Uma, David (he ended
   * his). Ziggy has two plans.
   */
  @Test
  void tickets_by_plan() {
    assertThat(asked("tickets-by-plan"))
        .containsExactly(
            "plan,tickets,people",
            "Business,11,4",
            "(no plan),6,4",
            "Basic,6,5",
            "Team,3,2",
            "(several),1,1",
            "(unknown requester),1,1");
  }

  /**
   * No ticket: Ben 597, Femi 38 (19 of 57 refunded), Hana 597, Jamila 147, Priya 147, Rosa 38 (a
   * charge failed), Tomas 199, Leaf Tea 147, Chloe 57: 1967 by 9. Compared around Greta's first
   * ticket, 8 October, the eighth of sixteen: Ben, Femi, Leaf Tea and Chloe, who paid before 8
   * September: 199 + 19 + 49 + 19 before, 199 + 0 + 49 + 19 after. One ticket: David 49, Igor,
   * Oscar, Lucia and Kanye 57 each, Queen 147, Ziggy 744 as two customers; all but David compared.
   * More: Ada 147, Elif, Kofi and Quentin 597 each, Marek 297, Sven 117; compared Ada (49, 49) and
   * Marek (49, then 199).
   */
  @Test
  void support_and_revenue() {
    assertThat(asked("support-and-revenue"))
        .containsExactly(
            "tickets,currency,people,revenue_per_person,compared,month_before,month_after",
            "no ticket,EUR,9,218.56,4,71.50,66.75",
            "1 ticket,EUR,7,166.86,6,62.17,62.17",
            "2 to 3,EUR,6,392.00,2,49.00,124.00");
  }

  /**
   * September: Ada (twice, once in capitals), Ben, Chloe, Lucia, Ziggy and Queen open; Ben came
   * before only, Lucia never. Vera's address has two users. October: Ada, Ben, Elif, Marek; only
   * Marek comes. Queen's visit is a screen of the app.
   */
  @Test
  void campaign_visits() {
    int users = Integer.parseInt(hub.rows("SELECT count(*) FROM users").getFirst());
    assertThat(users).isEqualTo(36);
    assertThat(asked("campaign-visits"))
        .containsExactly(
            "campaign,openers,visited,percent_of_openers,percent_of_users,unknown",
            "September news,6,4,66.7,11.1,1",
            "October news,4,1,25.0,2.8,1",
            "(any of them),8,5,62.5,13.9,2");
  }

  @Test
  void without_subscriptions_the_plan_is_that_of_the_latest_charge() {
    List<String> kept =
        hub.rows("SELECT id || '=' || status FROM stripe.subscriptions WHERE id IS NOT NULL");
    assertThat(kept).isNotEmpty();
    hub.sql(
        "CREATE TABLE selfsame.kept AS SELECT * FROM stripe.subscriptions; TRUNCATE"
            + " stripe.subscriptions");
    try {
      // David still counts by the one charge that he paid.
      assertThat(asked("tickets-by-plan")).contains("Team,4,3", "Business,11,4", "(no plan),5,3");
    } finally {
      hub.sql(
          "INSERT INTO stripe.subscriptions SELECT * FROM selfsame.kept; DROP TABLE selfsame.kept");
    }
  }

  // ---- The command ----

  @Test
  void lists_what_there_is_and_says_which_files_are_not_usable() throws IOException {
    assertThat(run("ask", "--data", directory.toString())).isZero();
    assertThat(out.toString())
        .startsWith("campaign-visits      Who opens a campaign and then visits?\n")
        .hasLineCount(4);
    Path own = Files.createDirectory(directory.resolve("questions"));
    Files.writeString(own.resolve("users.sql"), "-- title: How many?\nSELECT count(*) FROM users");
    Files.writeString(own.resolve("tickets-by-plan.sql"), "-- title: Mine\nSELECT 1");
    Files.writeString(own.resolve("bad.sql"), "SELECT 1");
    out.getBuffer().setLength(0);
    assertThat(run("ask", "--data", directory.toString())).isEqualTo(1);
    assertThat(out.toString())
        .contains("tickets-by-plan      Mine  (own, instead of the built-in one)\n")
        .contains("users                How many?  (own)\n");
    assertThat(err.toString()).contains("bad.sql, line 1: the title is missing").hasLineCount(1);
  }

  @Test
  void a_table_with_bars_beside_it_or_beneath() {
    assertThat(ask("tickets-by-plan", "--width", "60")).isZero();
    assertThat(out.toString())
        .contains("Business                  11       4  ██████████████████████\n")
        .contains("Team                       3       2  ")
        .contains("(6 rows)")
        .contains("Every ticket counts once");
    out.getBuffer().setLength(0);
    assertThat(ask("tickets-by-plan", "--width", "40")).isZero();
    assertThat(out.toString())
        .contains("Business                  11       4\n")
        .contains("Business             11  ███████████████\n");
    assertThat(out.toString().lines()).allMatch(line -> line.length() <= 40);
    out.getBuffer().setLength(0);
    assertThat(ask("support-and-revenue", "--width", "60")).isZero();
    assertThat(out.toString())
        .contains("2 to 3, EUR · month_after")
        .contains("no ticket, EUR · month_before");
  }

  @Test
  void json_a_file_of_the_chart_and_the_question_itself() throws IOException {
    assertThat(ask("tickets-by-plan", "--json")).isZero();
    assertThat(new JsonMapper().readTree(out.toString()).get(0).toString())
        .isEqualTo("{\"plan\":\"Business\",\"tickets\":11,\"people\":4}");
    Path svg = directory.resolve("chart.svg");
    Path png = directory.resolve("chart.PNG");
    assertThat(ask("tickets-by-plan", "--csv", "--chart", svg.toString())).isZero();
    assertThat(Files.readString(svg)).startsWith("<svg ").contains("(unknown requester)");
    assertThat(ask("tickets-by-plan", "--csv", "--chart", png.toString())).isZero();
    assertThat(Files.readAllBytes(png)).startsWith(0x89, 'P', 'N', 'G');
    out.getBuffer().setLength(0);
    assertThat(run("ask", "tickets-by-plan", "--sql", "--data", directory.toString())).isZero();
    assertThat(out.toString()).startsWith("-- title: How many tickets come from each plan?\n");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void what_is_wrong_is_said_in_a_line() throws IOException {
    Files.writeString(directory.resolve("slow.sql"), "-- title: Slow\nSELECT pg_sleep(10)");
    Files.writeString(directory.resolve("secret.sql"), "-- title: S\nSELECT *\nFROM selfsame.part");
    Files.writeString(directory.resolve("typo.sql"), "-- title: T\nSELECT *\nFROM userz;");
    Files.writeString(directory.resolve("drop.sql"), "-- title: D\nDROP TABLE zendesk.users");
    Files.writeString(
        directory.resolve("column.sql"), "-- title: C\n-- chart: bar\n-- y: m\nSELECT 'a' x, 1 n");
    String own = "--questions=" + directory;
    assertThat(ask("tickets-by-plans")).isEqualTo(1);
    assertThat(ask("slow", own, "--timeout", "1")).isEqualTo(1);
    assertThat(ask("secret", own)).isEqualTo(3);
    assertThat(ask("typo", own)).isEqualTo(1);
    assertThat(ask("drop", own)).isEqualTo(3);
    assertThat(ask("column", own)).isEqualTo(1);
    assertThat(ask("slow", own, "--chart", "x.svg")).isEqualTo(1);
    assertThat(ask("tickets-by-plan", "--csv", "--chart", directory + "/no/chart.svg"))
        .isEqualTo(1);
    assertThat(err.toString().lines())
        .satisfiesExactly(
            line -> assertThat(line).contains("did you mean tickets-by-plan?"),
            line -> assertThat(line).contains("took longer than 1 s and was stopped"),
            line -> assertThat(line).contains("permission denied for schema selfsame"),
            line -> assertThat(line).contains("\"userz\" does not exist (line 3, column 6)"),
            line -> assertThat(line).contains("A statement that starts with DROP is not run"),
            line -> assertThat(line).contains("needs a column m, and the answer has x, n."),
            line -> assertThat(line).contains("The question slow has no chart"),
            line -> assertThat(line).contains("chart.svg cannot be written"));
    assertThat(ask("tickets-by-plan", "--csv", "--json")).isEqualTo(2);
    assertThat(ask("tickets-by-plan", "--chart", "x.gif")).isEqualTo(2);
    assertThat(ask("tickets-by-plan", "--timeout", "0")).isEqualTo(2);
    assertThat(run("ask", "--csv")).isEqualTo(2);
  }

  @Test
  void an_answer_has_an_end_and_says_so() throws IOException {
    Files.writeString(
        directory.resolve("many.sql"),
        "-- title: Many\n-- chart: line\nSELECT n AS x, n FROM generate_series(1, 10001) n");
    assertThat(ask("many", "--questions=" + directory, "--csv")).isZero();
    assertThat(out.toString().lines()).hasSize(10_001);
    assertThat(err.toString()).contains("There are more than 10000 rows; these are the first.");
  }

  // ---- REST ----

  @Test
  void rest_lists_tells_answers_and_draws() throws Exception {
    assertThat(json("/api/questions").get("data"))
        .hasSize(4)
        .first()
        .isEqualTo(
            new JsonMapper()
                .readTree(
                    """
                    {"name": "campaign-visits", "title": "Who opens a campaign and then visits?", "chart": "bar",
                     "origin": "builtIn", "problem": null}
                    """));
    JsonNode question = json("/api/questions/tickets-by-plan").get("data");
    assertThat(question.propertyNames())
        .containsExactly("name", "title", "about", "origin", "chart", "x", "y", "unit", "sql");
    assertThat(question.get("sql").asString()).startsWith("-- title: How many tickets");
    JsonNode answer = json("/api/questions/tickets-by-plan/answer");
    assertThat(answer.get("links").get("self").asString())
        .isEqualTo("/api/questions/tickets-by-plan/answer");
    JsonNode told = answer.get("data");
    assertThat(told.propertyNames())
        .containsExactly("name", "title", "columns", "rows", "more", "tookMillis");
    assertThat(told.get("columns").get(0).toString())
        .isEqualTo("{\"name\":\"plan\",\"type\":\"text\"}");
    assertThat(told.get("rows").get(0).toString()).isEqualTo("[\"Business\",11,4]");
    assertThat(told.get("more").asBoolean()).isFalse();
    HttpResponse<String> svg = get("/api/questions/tickets-by-plan/chart.svg", TOKEN);
    assertThat(svg.headers().firstValue("Content-Type")).hasValue("image/svg+xml; charset=utf-8");
    assertThat(svg.headers().firstValue("Content-Security-Policy")).isPresent();
    assertThat(svg.body()).startsWith("<svg ").contains("Business: 11");
    HttpResponse<String> png = get("/api/questions/tickets-by-plan/chart.png", TOKEN);
    assertThat(png.statusCode()).isEqualTo(200);
    assertThat(png.headers().firstValue("Content-Type").orElse("")).startsWith("image/png");
  }

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          /api/questions/tickets-by-plans,          404, unknown_question
          /api/questions/bad,                       400, question_invalid
          /api/questions/none/chart.svg,            404, no_chart
          /api/questions/none/chart.png,            404, no_chart
          /api/questions/secret/answer,             403, statement_refused
          /api/questions/typo/answer,               400, statement_failed
          /api/questions?limit=1,                   400, invalid_parameter
          /api/questions/tickets-by-plan/chart.gif, 404, not_found
          """)
  void rest_refuses_by_name(String path, int status, String code) throws Exception {
    Path own = Files.createDirectories(data.resolve("questions"));
    try {
      Files.writeString(own.resolve("bad.sql"), "-- titel: A\nSELECT 1");
      Files.writeString(own.resolve("none.sql"), "-- title: A\nSELECT 1");
      Files.writeString(own.resolve("secret.sql"), "-- title: A\nSELECT * FROM selfsame.part");
      Files.writeString(own.resolve("typo.sql"), "-- title: A\nSELECT * FROM userz");
      HttpResponse<String> response = get(path, TOKEN);
      assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
      assertThat(response.body()).contains("\"code\":\"" + code + "\"");
      assertThat(json("/api/questions").get("data").get(0).get("problem").asString())
          .contains("bad.sql, line 1: there is no key titel; did you mean title?");
    } finally {
      for (String name : List.of("bad", "none", "secret", "typo")) {
        Files.delete(own.resolve(name + ".sql"));
      }
    }
    assertThat(get("/api/questions", "no-token-of-ours").statusCode()).isEqualTo(401);
  }

  // ---- The guide ----

  /**
   * docs/ask.md: each fence marked {@code sql} is run; where the fence after it is plain, it holds
   * what comes of it. A table that names two answers holds what both say.
   */
  @Test
  void the_guide_says_what_comes_of_its_queries() throws IOException {
    String guide = Files.readString(GUIDE);
    Pattern pairs = Pattern.compile("```sql\n(.*?)```\n\n```\n(.*?)```", Pattern.DOTALL);
    Matcher matcher = pairs.matcher(guide);
    StringBuilder written = new StringBuilder();
    int count = 0;
    while (matcher.find()) {
      count++;
      matcher.appendReplacement(
          written,
          Matcher.quoteReplacement(
              "```sql\n" + matcher.group(1) + "```\n\n```\n" + said(matcher.group(1)) + "```"));
    }
    matcher.appendTail(written);
    assertThat(count).isGreaterThanOrEqualTo(8);
    if (Boolean.getBoolean("rewrite")) {
      Files.writeString(GUIDE, written);
    }
    assertThat(guide).isEqualTo(written.toString());
  }

  @Test
  void the_guides_tables_hold_both_answers() throws IOException {
    String guide = Files.readString(GUIDE);
    Pattern tables = Pattern.compile("<!-- ([a-z-]+) beside the one above -->\n((?:\\|.*\n)+)");
    Matcher matcher = tables.matcher(guide);
    StringBuilder written = new StringBuilder();
    int count = 0;
    while (matcher.find()) {
      count++;
      String before = guide.substring(0, matcher.start());
      int start = before.lastIndexOf("```sql\n") + "```sql\n".length();
      String theirs = before.substring(start, before.indexOf("```", start));
      matcher.appendReplacement(
          written,
          Matcher.quoteReplacement(
              "<!-- %s beside the one above -->\n%s"
                  .formatted(matcher.group(1), beside(theirs, matcher.group(1)))));
    }
    matcher.appendTail(written);
    assertThat(count).isEqualTo(2);
    if (Boolean.getBoolean("rewrite")) {
      Files.writeString(GUIDE, written);
    }
    assertThat(guide).isEqualTo(written.toString());
  }

  @Test
  void the_guides_pictures_are_drawn_from_the_demo() throws IOException {
    for (String question : List.of("support-and-revenue", "campaign-visits")) {
      Path drawn = directory.resolve(question + ".svg");
      assertThat(ask(question, "--csv", "--chart", drawn.toString())).isZero();
      Path kept = Path.of("..", "docs", "images", question + ".svg");
      if (Boolean.getBoolean("rewrite")) {
        Files.copy(drawn, kept, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      }
      assertThat(kept).hasSameTextualContentAs(drawn);
    }
  }

  private String beside(String theirs, String question) {
    Map<String, String[]> rows = new LinkedHashMap<>();
    for (String line : asked(question).stream().skip(1).toList()) {
      String[] cells = line.split(",", -1);
      rows.put(cells[0], new String[] {"–", cells[1]});
    }
    for (String line : csv("query", "--format=csv", theirs).stream().skip(1).toList()) {
      String[] cells = line.split(",", -1);
      rows.computeIfAbsent(cells[0].isEmpty() ? "NULL" : cells[0], key -> new String[] {"", "–"})[
              0] =
          cells[1];
    }
    return "| | repaired | `ask "
        + question
        + "` |\n|---|---|---|\n"
        + rows.entrySet().stream()
            .map(row ->
                "| %s | %s | %s |\n".formatted(row.getKey(), row.getValue()[0], row.getValue()[1]))
            .collect(Collectors.joining());
  }

  /** What the command prints. */
  private String said(String sql) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    if (run("query", sql) == 0) {
      return out.toString();
    }
    String said = err.toString().replaceFirst("^selfsame: ", "");
    if (!said.startsWith("A statement that starts with")) {
      return said;
    }
    // The command's own word; the page is about PostgreSQL's.
    try {
      hub.rows(sql);
      throw new AssertionError("PostgreSQL takes it: " + sql);
    } catch (IllegalStateException e) {
      return String.valueOf(e.getMessage()).lines().findFirst().orElse("").replace("ERROR: ", "")
          + "\n";
    }
  }

  // ---- Pieces ----

  private List<String> asked(String question) {
    return csv("ask", question, "--csv");
  }

  private List<String> csv(String... words) {
    out.getBuffer().setLength(0);
    assertThat(run(words)).as(() -> err.toString()).isZero();
    return out.toString().lines().toList();
  }

  private int ask(String... words) {
    List<String> all = new ArrayList<>(List.of("ask"));
    all.addAll(List.of(words));
    return run(all.toArray(String[]::new));
  }

  private int run(String... words) {
    List<String> all = new ArrayList<>(List.of(words));
    all.add(1, "--database-url=" + hub.address().full());
    return SelfsameCommand.commandLine(
            (start, progress) -> {
              throw new AssertionError("not started");
            })
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(all.toArray(String[]::new));
  }

  private static JsonNode json(String path) throws IOException, InterruptedException {
    HttpResponse<String> response = get(path, TOKEN);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return new JsonMapper().readTree(response.body());
  }

  private static HttpResponse<String> get(String path, String token)
      throws IOException, InterruptedException {
    return CLIENT.send(
        HttpRequest.newBuilder(URI.create(running.url() + path))
            .header("Authorization", "Bearer " + token)
            .build(),
        BodyHandlers.ofString());
  }
}
