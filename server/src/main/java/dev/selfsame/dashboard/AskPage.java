package dev.selfsame.dashboard;

import dev.selfsame.ask.Asking;
import dev.selfsame.ask.Chart;
import dev.selfsame.ask.ChartKind;
import dev.selfsame.ask.Question;
import dev.selfsame.ask.Questions;
import dev.selfsame.ask.Reply;
import dev.selfsame.ask.SvgChart;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.http.Caller;
import dev.selfsame.http.Role;
import dev.selfsame.member.Members;
import dev.selfsame.store.ReaderQuery.Column;
import dev.selfsame.store.ReaderQuery.Place;
import dev.selfsame.store.StoredAsked.Asked;
import io.javalin.http.Context;
import io.javalin.http.NotFoundResponse;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Questions in SQL: those that are kept, one's own, and their answers as a table and a chart. */
final class AskPage implements Page {

  private static final int MOST_ROWS = 1_000;
  private static final int MOST_CHARACTERS = 60_000;
  private static final int LONGEST_TITLE = 200;
  private static final int LONGEST_CELL = 120;
  private static final int LONGEST_WHOLE = 2_000;
  private static final int LONGEST_LINE = 160;

  /** What is quick enough is shown at once. */
  private static final Duration AT_ONCE = Duration.ofMillis(1_200);

  private static final Set<String> NUMBERS =
      Set.of("int2", "int4", "int8", "numeric", "float4", "float8", "oid", "money");

  private static final String FIRST =
      "SELECT * FROM user_identities ORDER BY user_id DESC LIMIT 100";

  /** A question that nobody gave a name. */
  private static final String UNNAMED = "answer";

  private final Html html;
  private final DashboardServices services;

  AskPage(Html html, DashboardServices services) {
    this.html = html;
    this.services = services;
  }

  /**
   * What is in the editor.
   *
   * @param question the kept one that it was taken from; null: none
   * @param name of the question to save, as it was typed
   * @param chart to save, as a word
   * @param faulty the entry that a fault is of: sql, name or title; null: there is none
   * @param fault what is wrong with it
   */
  record Entry(
      String sql,
      @Nullable Question question,
      String name,
      String title,
      String chart,
      @Nullable String faulty,
      @Nullable String fault) {

    @Nullable String fault(String entry) {
      return entry.equals(faulty) ? fault : null;
    }

    boolean saving() {
      return "name".equals(faulty) || "title".equals(faulty);
    }
  }

  /**
   * A value as the table shows it.
   *
   * @param text null: NULL
   * @param whole where the text is cut
   */
  record Cell(@Nullable String text, @Nullable String whole, boolean number) {}

  /** Where in the text the mistake is: its line, and what points at it. */
  record Mistake(int line, String text, String pointer) {}

  /**
   * A question that runs or ran.
   *
   * @param old it is not kept any more; there is its text alone
   * @param chart that is shown, as a word
   * @param alt the chart in words; null: there is none
   * @param noChart why there is none, though it was asked for
   */
  record Answer(
      String id,
      String state,
      boolean old,
      String took,
      @Nullable String problem,
      @Nullable String message,
      @Nullable Mistake mistake,
      List<Column> columns,
      List<List<Cell>> rows,
      int count,
      boolean more,
      String chart,
      @Nullable String alt,
      @Nullable String noChart) {

    boolean running() {
      return state.equals("running");
    }

    boolean cut() {
      return count > rows.size();
    }

    static List<String> charts() {
      return Arrays.stream(ChartKind.values()).map(ChartKind::word).toList();
    }

    static boolean number(Column column) {
      return NUMBERS.contains(column.type());
    }
  }

  /** What the page shows. */
  record View(
      Frame frame,
      List<Questions.Listed> questions,
      List<Asked> history,
      Entry entry,
      @Nullable Answer answer,
      long limitSeconds) {

    static String line(Asked asked) {
      String line =
          asked
              .sql()
              .lines()
              .filter(each -> !each.isBlank() && !each.startsWith("--"))
              .limit(3)
              .reduce("", (a, b) -> (a + " " + b.strip()).strip());
      return line.length() > LONGEST_CELL ? line.substring(0, LONGEST_CELL) + "…" : line;
    }

    static String outcome(Asked asked) {
      Integer rows = asked.rows();
      String outcome = asked.outcome();
      return rows != null
          ? rows == 1 ? "1 row" : Shown.count(rows) + " rows"
          : outcome == null ? "–" : outcome;
    }
  }

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.get("/ask", this::show, Role.READ);
    routes.post("/ask/runs", this::run, Role.READ);
    routes.get("/ask/runs/{id}", this::answer, Role.READ);
    routes.post("/ask/runs/{id}/cancel", this::cancel, Role.READ);
    routes.get("/ask/runs/{id}/chart.svg", this::chart, Role.READ);
    routes.get("/ask/runs/{id}/answer.csv", this::file, Role.READ);
    routes.post("/ask/questions", this::save, Role.WRITE);
  }

  private static UUID member(Context ctx) {
    Members.Signed signed = Objects.requireNonNull(ctx.attribute(Html.SIGNED));
    return signed.member().id();
  }

  private void show(Context ctx, Entry entry, @Nullable Answer answer) {
    html.show(
        ctx,
        "ask",
        new View(
            html.frame(ctx, "Ask", "/ask"),
            services.questions().list(),
            services.asking().asked().list(member(ctx)),
            entry,
            answer,
            services.asking().limit().toSeconds()));
  }

  private static Entry entry(String sql, @Nullable Question question) {
    return question == null
        ? new Entry(sql, null, "", "", ChartKind.NONE.word(), null, null)
        : new Entry(sql, question, "", question.title(), question.chart().word(), null, null);
  }

  private void show(Context ctx) {
    String name = Form.parameter(ctx, "question");
    Question question = name == null ? null : services.questions().named(name);
    show(ctx, entry(question == null ? FIRST : question.sql(), question), null);
  }

  // ---- running ----

  private void run(Context ctx) {
    String sql = sql(ctx);
    String name = Form.entry(ctx, "question");
    Question kept = name.isEmpty() ? null : services.questions().named(name);
    String fault =
        sql.isBlank()
            ? "A statement is expected"
            : sql.length() > MOST_CHARACTERS
                ? "It has %,d characters; expected at most %,d"
                    .formatted(sql.length(), MOST_CHARACTERS)
                : sql.indexOf('\0') >= 0 ? "It has a character that no text has (NUL)" : null;
    if (fault != null) {
      ctx.status(400);
      refused(ctx, kept, "sql", fault);
      return;
    }
    Asking.Run run;
    try {
      run = services.asking().ask(member(ctx), question(sql, kept));
    } catch (Failure failure) {
      if (failure.problem() != Problem.TOO_BUSY) {
        throw failure;
      }
      ctx.status(429).header("Retry-After", Integer.toString(failure.retryAfterSeconds()));
      refused(ctx, kept, "sql", String.valueOf(failure.getMessage()));
      return;
    }
    run.await(AT_ONCE);
    Html.go(ctx, "/ask/runs/" + run.id() + (kept == null ? "" : "?question=" + kept.name()));
  }

  /** Browsers send the ends of lines as CR LF. */
  private static String sql(Context ctx) {
    return Form.entry(ctx, "sql").replace("\r\n", "\n");
  }

  /** What is asked, with what its header says of a chart. */
  private static Question question(String sql, @Nullable Question kept) {
    if (kept != null && kept.sql().equals(sql)) {
      return kept;
    }
    String title = kept == null ? "Answer" : kept.title();
    ChartKind chart = kept == null ? ChartKind.NONE : kept.chart();
    try {
      Question draft = Questions.draft(UNNAMED, title, chart, sql);
      return with(draft, draft.chart(), sql);
    } catch (Failure notAsFile) {
      // What is wrong with a header matters to files alone.
      return new Question(
          UNNAMED, Question.Origin.OWN, title, "", chart, List.of(), List.of(), null, sql);
    }
  }

  private static Question with(Question question, ChartKind chart, String sql) {
    return new Question(
        question.name(),
        question.origin(),
        question.title(),
        question.about(),
        chart,
        question.x(),
        question.y(),
        question.unit(),
        sql);
  }

  private void refused(Context ctx, @Nullable Question kept, String faulty, String fault) {
    ChartKind chart = ChartKind.of(Form.entry(ctx, "chart"));
    show(
        ctx,
        new Entry(
            sql(ctx),
            kept,
            Form.entry(ctx, "name"),
            Form.entry(ctx, "title"),
            chart == null ? ChartKind.NONE.word() : chart.word(),
            faulty,
            fault),
        null);
  }

  private void cancel(Context ctx) {
    Asking.Run run = here(ctx);
    run.cancel();
    run.await(AT_ONCE);
    Html.go(ctx, "/ask/runs/" + run.id());
  }

  private Asking.Run here(Context ctx) {
    Asking.Run run = find(ctx);
    if (run == null) {
      throw new NotFoundResponse("This answer is not kept any more; run the question again");
    }
    return run;
  }

  private Asking.@Nullable Run find(Context ctx) {
    UUID id = Form.id(ctx.pathParam("id"));
    return id == null ? null : services.asking().find(member(ctx), id);
  }

  // ---- the answer ----

  private void answer(Context ctx) {
    Asking.Run run = find(ctx);
    String name = Form.parameter(ctx, "question");
    if (run == null) {
      UUID id = Form.id(ctx.pathParam("id"));
      Asked asked = id == null ? null : services.asking().asked().find(member(ctx), id);
      if (asked == null) {
        throw new NotFoundResponse("There is no such question any more");
      }
      show(ctx, entry(asked.sql(), null), old(asked));
      return;
    }
    if (ctx.header("HX-Request") != null) {
      run.looked();
    }
    Question kept = name == null ? null : named(name);
    Question asked = run.question();
    show(
        ctx,
        new Entry(
            asked.sql(),
            kept,
            "",
            asked.title().equals("Answer") ? "" : asked.title(),
            chart(ctx, asked).word(),
            null,
            null),
        view(run, chart(ctx, asked)));
  }

  /** Null where it is gone. */
  private @Nullable Question named(String name) {
    return services.questions().list().stream()
        .filter(each -> each.name().equals(name))
        .map(Questions.Listed::question)
        .findFirst()
        .orElse(null);
  }

  private static ChartKind chart(Context ctx, Question question) {
    String word = Form.parameter(ctx, "chart");
    ChartKind chart = word == null ? null : ChartKind.of(word);
    return chart == null ? question.chart() : chart;
  }

  private static Answer old(Asked asked) {
    Long took = asked.tookMillis();
    String outcome = asked.outcome();
    return new Answer(
        asked.id().toString(),
        outcome == null ? "unknown" : outcome,
        true,
        took == null ? "–" : seconds(Duration.ofMillis(took)),
        null,
        null,
        null,
        List.of(),
        List.of(),
        0,
        false,
        ChartKind.NONE.word(),
        null,
        null);
  }

  private static Answer view(Asking.Run run, ChartKind kind) {
    String id = run.id().toString();
    Asking.Outcome outcome = run.outcome();
    if (outcome == null) {
      long running = run.took().toSeconds();
      return shown(id, "running", running + " s", null, null, null);
    }
    String took = seconds(run.took());
    return switch (outcome) {
      case Asking.Cancelled cancelled ->
          shown(
              id,
              "cancelled",
              took,
              null,
              cancelled.left()
                  ? "It was stopped since nobody looked at it any more."
                  : "It was stopped.",
              null);
      case Asking.Failed failed ->
          shown(
              id,
              "failed",
              took,
              failed.problem().code(),
              failed.message(),
              mistake(run.question().sql(), failed.place()));
      case Asking.Answered answered -> answered(id, took, answered.reply(), kind);
    };
  }

  private static Answer shown(
      String id,
      String state,
      String took,
      @Nullable String problem,
      @Nullable String message,
      @Nullable Mistake mistake) {
    return new Answer(
        id, state, false, took, problem, message, mistake, List.of(), List.of(), 0, false, "none",
        null, null);
  }

  private static Answer answered(String id, String took, Reply reply, ChartKind kind) {
    List<List<Cell>> rows = new ArrayList<>();
    for (@Nullable String[] row : reply.rows().stream().limit(MOST_ROWS).toList()) {
      List<Cell> cells = new ArrayList<>(row.length);
      for (int i = 0; i < row.length; i++) {
        cells.add(cell(row[i], NUMBERS.contains(reply.columns().get(i).type())));
      }
      rows.add(cells);
    }
    String alt = null;
    String noChart = null;
    if (kind != ChartKind.NONE) {
      try {
        alt = chart(reply, kind).words();
      } catch (Failure failure) {
        noChart = failure.getMessage();
      }
    }
    return new Answer(
        id,
        "answered",
        false,
        took,
        null,
        null,
        null,
        reply.columns(),
        rows,
        reply.rows().size(),
        reply.more(),
        kind.word(),
        alt,
        noChart);
  }

  private static Chart chart(Reply reply, ChartKind kind) {
    return Chart.of(
        new Reply(
            with(reply.question(), kind, reply.question().sql()),
            reply.columns(),
            reply.rows(),
            reply.more(),
            reply.took()));
  }

  private static Cell cell(@Nullable String value, boolean number) {
    if (value == null || value.length() <= LONGEST_CELL) {
      return new Cell(value, null, number);
    }
    return new Cell(
        cut(value, LONGEST_CELL) + "…",
        value.length() <= LONGEST_WHOLE ? value : cut(value, LONGEST_WHOLE) + "…",
        number);
  }

  /** No more characters than this, and no half of one. */
  private static String cut(String text, int most) {
    return text.substring(0, Character.isHighSurrogate(text.charAt(most - 1)) ? most - 1 : most);
  }

  private static @Nullable Mistake mistake(String sql, @Nullable Place place) {
    if (place == null) {
      return null;
    }
    String[] lines = sql.split("\n", -1);
    int number = Math.min(place.line(), lines.length);
    String line = lines[number - 1].replace('\t', ' ');
    int column = place.line() > lines.length ? line.length() : place.column() - 1;
    // Of a long line what is around.
    int from = Math.max(0, column - LONGEST_LINE / 2);
    int to = Math.min(line.length(), from + LONGEST_LINE);
    return new Mistake(
        number,
        (from > 0 ? "…" : "")
            + line.substring(Math.min(from, to), to)
            + (to < line.length() ? "…" : ""),
        " ".repeat(column - from + (from > 0 ? 1 : 0)) + "^");
  }

  private static String seconds(Duration took) {
    return took.toMillis() < 1_000
        ? took.toMillis() + " ms"
        : String.format(Locale.ENGLISH, "%.1f s", took.toMillis() / 1_000.0);
  }

  private Reply reply(Context ctx) {
    if (here(ctx).outcome() instanceof Asking.Answered answered) {
      return answered.reply();
    }
    throw new NotFoundResponse("The question has no answer");
  }

  private void chart(Context ctx) {
    Reply reply = reply(ctx);
    String svg = SvgChart.of(chart(reply, chart(ctx, reply.question())));
    ctx.contentType("image/svg+xml; charset=utf-8")
        .header("Cache-Control", "no-store")
        .header("X-Content-Type-Options", "nosniff")
        // Opened by itself it is a page of this address: it runs nothing and loads nothing.
        .header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
        .result(svg);
  }

  private void file(Context ctx) throws IOException {
    Reply reply = reply(ctx);
    List<Column> columns = reply.columns();
    CsvFile file =
        new CsvFile(
            ctx, reply.question().name() + ".csv", columns.stream().map(Column::name).toList());
    for (@Nullable String[] row : reply.rows()) {
      @Nullable String[] cells = new @Nullable String[row.length];
      for (int i = 0; i < row.length; i++) {
        // A number below 0 is no formula.
        cells[i] = NUMBERS.contains(columns.get(i).type()) ? row[i] : CsvFile.guarded(row[i]);
      }
      file.row(cells);
    }
    file.end();
  }

  // ---- saving ----

  private void save(Context ctx) {
    String from = Form.entry(ctx, "question");
    Question kept = from.isEmpty() ? null : named(from);
    String title = Form.entry(ctx, "title").strip();
    ChartKind chart = ChartKind.of(Form.entry(ctx, "chart"));
    String sql = sql(ctx);
    if (sql.isBlank() || sql.length() > MOST_CHARACTERS) {
      ctx.status(400);
      refused(
          ctx,
          kept,
          "sql",
          "A statement of at most %,d characters is expected".formatted(MOST_CHARACTERS));
      return;
    }
    if (title.isEmpty() || title.length() > LONGEST_TITLE) {
      ctx.status(400);
      refused(
          ctx, kept, "title", "A title of 1 to %d characters is expected".formatted(LONGEST_TITLE));
      return;
    }
    String name = Form.entry(ctx, "name").strip();
    try {
      services.questions().save(name, title, chart == null ? ChartKind.NONE : chart, sql);
    } catch (Failure failure) {
      ctx.status(failure.problem() == Problem.QUESTION_EXISTS ? 409 : 400);
      refused(ctx, kept, "name", String.valueOf(failure.getMessage()));
      return;
    }
    services.asking().asked().noteSaved(name, Caller.actor(ctx), Instant.now());
    Html.go(ctx, "/ask?question=" + Form.encoded(name) + "&done=saved");
  }
}
