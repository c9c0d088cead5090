package dev.selfsame.api;

import dev.selfsame.ask.AskSettings;
import dev.selfsame.ask.Chart;
import dev.selfsame.ask.JsonValue;
import dev.selfsame.ask.PngChart;
import dev.selfsame.ask.Question;
import dev.selfsame.ask.Questions;
import dev.selfsame.ask.Reply;
import dev.selfsame.ask.SvgChart;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.http.Area;
import dev.selfsame.http.Role;
import dev.selfsame.store.Database;
import dev.selfsame.store.ReaderQuery;
import dev.selfsame.store.StoreSettings;
import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.util.RawValue;

/** {@code /api/questions}: saved questions, their answers, and charts of them. */
public final class QuestionsApi implements Area {

  private static final String PATH = "/api/questions";
  private static final String NAME = "name";
  private static final int BUSY_SECONDS = 2;

  record Entry(
      String name,
      @Nullable String title,
      @Nullable String chart,
      @Nullable String origin,
      @Nullable String problem) {}

  record Whole(
      String name,
      String title,
      String about,
      String origin,
      String chart,
      List<String> x,
      List<String> y,
      @Nullable String unit,
      String sql) {}

  record Answered(
      String name,
      String title,
      List<ReaderQuery.Column> columns,
      List<List<@Nullable RawValue>> rows,
      boolean more,
      long tookMillis) {}

  private final Questions questions;
  private final Database database;
  private final Duration limit;
  private final AskSettings settings;
  private final Semaphore places;

  public QuestionsApi(
      Questions questions, Database database, StoreSettings store, AskSettings settings) {
    this.questions = questions;
    this.database = database;
    this.limit = Duration.ofSeconds(store.querySeconds());
    this.settings = settings;
    this.places = new Semaphore(settings.atOnce());
  }

  @Override
  public String prefix() {
    return PATH;
  }

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    String one = PATH + "/{" + NAME + "}";
    routes.get(PATH, Answer.checked(this::list), Role.READ);
    routes.get(one, Answer.checked(this::question), Role.READ);
    routes.get(one + "/answer", Answer.checked(this::answer), Role.READ);
    routes.get(one + "/chart.svg", Answer.checked(this::svg), Role.READ);
    routes.get(one + "/chart.png", Answer.checked(this::png), Role.READ);
  }

  private void list(Context ctx) {
    Parameters.of(ctx, List.of());
    List<Entry> entries = new ArrayList<>();
    for (Questions.Listed each : questions.list()) {
      Question question = each.question();
      entries.add(
          question == null
              ? new Entry(each.name(), null, null, null, each.problem())
              : new Entry(
                  each.name(), question.title(), question.chart().word(), origin(question), null));
    }
    send(ctx, entries, PATH);
  }

  private void question(Context ctx) {
    Question question = asked(ctx);
    send(
        ctx,
        new Whole(
            question.name(),
            question.title(),
            question.about(),
            origin(question),
            question.chart().word(),
            question.x(),
            question.y(),
            question.unit(),
            question.sql()),
        PATH + "/" + question.name());
  }

  private static String origin(Question question) {
    return switch (question.origin()) {
      case BUILT_IN -> "builtIn";
      case OWN -> "own";
      case OWN_INSTEAD -> "ownInsteadOfBuiltIn";
    };
  }

  private void answer(Context ctx) {
    Reply reply = reply(asked(ctx));
    List<List<@Nullable RawValue>> rows = new ArrayList<>();
    for (@Nullable String[] row : reply.rows()) {
      List<@Nullable RawValue> values = new ArrayList<>(row.length);
      for (int i = 0; i < row.length; i++) {
        values.add(new RawValue(JsonValue.of(row[i], reply.columns().get(i).type())));
      }
      rows.add(values);
    }
    Question question = reply.question();
    send(
        ctx,
        new Answered(
            question.name(),
            question.title(),
            reply.columns(),
            rows,
            reply.more(),
            reply.took().toMillis()),
        PATH + "/" + question.name() + "/answer");
  }

  private void svg(Context ctx) {
    String svg = SvgChart.of(chart(ctx));
    ctx.contentType("image/svg+xml; charset=utf-8")
        .header("Cache-Control", "no-store")
        // Opened by itself it is a page of this address: it runs nothing and loads nothing.
        .header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
        .result(svg);
  }

  private void png(Context ctx) {
    byte[] png = PngChart.of(chart(ctx));
    ctx.contentType("image/png").header("Cache-Control", "no-store").result(png);
  }

  private Chart chart(Context ctx) {
    Question question = asked(ctx);
    Chart.check(question);
    return Chart.of(reply(question));
  }

  private Question asked(Context ctx) {
    Parameters.of(ctx, List.of());
    return questions.named(ctx.pathParam(NAME));
  }

  private Reply reply(Question question) {
    if (!places.tryAcquire()) {
      throw new Failure(
          Problem.TOO_BUSY,
          "%d questions are being answered, and no more at once; try again."
              .formatted(settings.atOnce()),
          BUSY_SECONDS,
          null);
    }
    try {
      return Reply.to(question, database.readerQuery(), limit, settings.maxRows());
    } finally {
      places.release();
    }
  }

  private static void send(Context ctx, Object data, String self) {
    Answer.send(ctx, new Answer.Data(data, new Answer.Links(self, null)));
  }
}
