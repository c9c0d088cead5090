package dev.selfsame.dashboard;

import dev.selfsame.connection.Connections;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.http.Caller;
import dev.selfsame.http.Role;
import dev.selfsame.source.warehouse.LeftRows;
import dev.selfsame.source.warehouse.Mapping;
import dev.selfsame.source.warehouse.QueryPreview;
import dev.selfsame.source.warehouse.Syncs;
import dev.selfsame.store.SyncLog;
import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Users from a warehouse in three steps: the query, what its columns mean, and runs. */
final class WarehousePage implements Page {

  static final String PATH = "/warehouse";

  private static final int ROWS = 20;
  private static final int RUNS = 20;
  private static final int LONGEST_CELL = 80;

  /** What a person can put right on the page that it is on. */
  private static final Set<Problem> OF_THE_FORM =
      Set.of(
          Problem.CONNECTION_INVALID,
          Problem.CONNECTION_EXISTS,
          Problem.SOURCE_INVALID,
          Problem.SOURCE_EXISTS,
          Problem.SOURCE_NOT_CONFIGURED,
          Problem.RUN_UNDER_WAY,
          Problem.NO_RUN,
          Problem.WAREHOUSE_UNREACHABLE,
          Problem.WAREHOUSE_LOGIN,
          Problem.WAREHOUSE_TLS,
          Problem.WAREHOUSE_DRIVER,
          Problem.WAREHOUSE_QUERY,
          Problem.WAREHOUSE_WRITES,
          Problem.WAREHOUSE_TIMEOUT,
          Problem.SECRET_KEY);

  private final Html html;
  private final Connections connections;
  private final Syncs syncs;

  WarehousePage(Html html, DashboardServices services) {
    this.html = html;
    this.connections = services.connections();
    this.syncs = services.syncs();
  }

  /** What each column may be, in the order of the form. */
  enum Meaning {
    EXTERNAL_ID("externalId", "External ID", "id", "Your own ID of the user. Needed"),
    FALLBACK("fallback", "Fallback ID", "", "An ID that a user has until it has an external one"),
    NAME("name", "Name", "name", ""),
    EMAIL("email", "Email", "email", ""),
    ACCOUNTS("accounts", "Accounts", "account", "One ID, or an array of them"),
    ACCOUNT_NAME("accountName", "Account's name", "account_name", "Where a row has one account"),
    UPDATED_AT("updatedAt", "Changed at", "updated_at", "When the row's values last changed");

    private final String field;
    private final String title;
    private final String looksLike;
    private final String hint;

    Meaning(String field, String title, String looksLike, String hint) {
      this.field = field;
      this.title = title;
      this.looksLike = looksLike;
      this.hint = hint;
    }

    String field() {
      return field;
    }

    String title() {
      return title;
    }

    String hint() {
      return hint;
    }

    private @Nullable String of(Mapping mapping) {
      return switch (this) {
        case EXTERNAL_ID -> mapping.externalId();
        case FALLBACK -> mapping.fallback();
        case NAME -> mapping.name();
        case EMAIL -> mapping.email();
        case ACCOUNTS -> mapping.accounts();
        case ACCOUNT_NAME -> mapping.accountName();
        case UPDATED_AT -> mapping.updatedAt();
      };
    }
  }

  /**
   * The first step.
   *
   * @param entries what was typed
   * @param fault what is wrong; null: nothing
   */
  record NewView(
      Frame frame,
      List<Connections.Shown> connections,
      Map<String, String> entries,
      @Nullable Failure fault) {

    String entry(String name) {
      return entries.getOrDefault(name, "");
    }

    /** Whether the connection is to be a new one. */
    boolean fresh() {
      return connections.isEmpty() || entry("connection").isEmpty();
    }

    /** What is wrong with that entry; null: nothing. */
    @Nullable String fault(String entry) {
      if (fault == null) {
        return null;
      }
      String wrong =
          switch (fault.problem()) {
            case SOURCE_INVALID, SOURCE_EXISTS -> "name";
            case WAREHOUSE_QUERY, WAREHOUSE_WRITES, WAREHOUSE_TIMEOUT -> "query";
            case CONNECTION_EXISTS -> "as";
            case WAREHOUSE_LOGIN -> "user";
            default -> "url";
          };
      return wrong.equals(entry) ? fault.getMessage() : null;
    }
  }

  /**
   * The second step: what the query answers, and what it means.
   *
   * @param preview null: it could not be asked
   * @param chosen the column of each meaning, by the field's name
   * @param traits columns that become traits
   */
  record ColumnsView(
      Frame frame,
      Syncs.Shown sync,
      @Nullable QueryPreview preview,
      Map<String, String> chosen,
      Set<String> traits,
      boolean fallbackIsEmail,
      boolean replaceAccounts,
      boolean updateOnly,
      @Nullable String fault) {

    List<QueryPreview.Column> columns() {
      return preview == null ? List.of() : preview.columns();
    }

    List<ObjectNode> rows() {
      return preview == null ? List.of() : preview.rows();
    }

    boolean chose(Meaning meaning, String column) {
      return column.equals(chosen.get(meaning.field()));
    }

    /** A cell as far as a table shows it. */
    static String cell(@Nullable JsonNode value) {
      if (value == null || value.isNull()) {
        return "NULL";
      }
      String text = value.isString() ? value.asString() : value.toString();
      return text.codePointCount(0, text.length()) <= LONGEST_CELL
          ? text
          : text.substring(0, text.offsetByCodePoints(0, LONGEST_CELL)) + "…";
    }
  }

  /**
   * A source with its runs, the newest first.
   *
   * @param query as it was typed, or as it is
   * @param operation how it is to run, as it was typed; empty: as it does
   * @param wrong the entry that is refused
   */
  record View(
      Frame frame,
      Syncs.Shown sync,
      List<Syncs.Run> runs,
      String query,
      Map<String, String> operation,
      String wrong,
      @Nullable Failure refused) {

    /** What is wrong with an entry; {@code ""}: with what was asked for. Null: nothing. */
    @Nullable String fault(String entry) {
      return refused != null && wrong.equals(entry) ? refused.getMessage() : null;
    }

    /** How it runs, as it was typed or as it is. */
    String schedule() {
      String is = sync.schedule();
      return operation.getOrDefault("schedule", is == null ? "" : is);
    }

    LeftRows leftRows() {
      String typed = operation.get("leftRows");
      return typed == null ? sync.leftRows() : LeftRows.of(typed);
    }

    boolean shadow() {
      return operation.isEmpty() ? sync.shadow() : operation.containsKey("shadow");
    }

    /** When it runs next, in words. */
    String next() {
      Instant due = sync.due();
      return sync.schedule() == null || due == null
          ? "It runs by hand."
          : sync.paused()
              ? "It is paused."
              : "It runs next at %s, while a server is up.".formatted(Shown.time(due));
    }

    boolean running() {
      return !runs.isEmpty() && runs.getFirst().state() == SyncLog.State.RUNNING;
    }

    /** What the columns mean, as a list of titles and columns. */
    Map<String, String> meanings() {
      Map<String, String> shown = new LinkedHashMap<>();
      Mapping mapping = sync.mapping();
      if (mapping != null) {
        for (Meaning meaning : Meaning.values()) {
          String column = meaning.of(mapping);
          if (column != null) {
            shown.put(meaning.title(), column);
          }
        }
        if (!mapping.traits().isEmpty()) {
          shown.put("Traits", String.join(", ", mapping.traits()));
        }
      }
      return shown;
    }
  }

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.get(PATH, ctx -> form(ctx, Map.of(), null), Role.ADMIN);
    routes.post(PATH, this::add, Role.ADMIN);
    routes.get(PATH + "/{name}", this::show, Role.READ);
    routes.post(PATH + "/{name}/query", this::query, Role.ADMIN);
    routes.get(PATH + "/{name}/columns", this::columns, Role.ADMIN);
    routes.post(PATH + "/{name}/columns", this::configure, Role.ADMIN);
    routes.post(PATH + "/{name}/run", this::run, Role.WRITE);
    routes.post(PATH + "/{name}/cancel", this::cancel, Role.WRITE);
    routes.post(PATH + "/{name}/schedule", this::operate, Role.ADMIN);
  }

  private static String path(String name) {
    return PATH + "/" + Shown.path(name);
  }

  private void form(Context ctx, Map<String, String> entries, @Nullable Failure fault) {
    html.show(
        ctx,
        "warehouseNew",
        new NewView(
            html.frame(ctx, "Users from a warehouse", "/sources"),
            connections.list(),
            entries,
            fault));
  }

  private void add(Context ctx) {
    Map<String, String> entries = new HashMap<>();
    for (String name : List.of("name", "connection", "as", "url", "user", "sslmode", "query")) {
      entries.put(name, Form.entry(ctx, name).strip());
    }
    String connection = entries.getOrDefault("connection", "");
    String fresh = null;
    try {
      if (connection.isEmpty()) {
        connection = connect(ctx, entries);
        fresh = connection;
      }
      String name = entries.getOrDefault("name", "");
      String query = entries.getOrDefault("query", "");
      syncs.preview(connection, query, 1);
      syncs.add(name, connection, query, false);
      Html.go(ctx, path(name) + "/columns");
    } catch (Failure refused) {
      if (fresh != null) {
        connections.remove(fresh, Caller.actor(ctx));
      }
      if (!OF_THE_FORM.contains(refused.problem())) {
        throw refused;
      }
      ctx.status(400);
      form(ctx, entries, refused);
    }
  }

  /** Adds the connection that was typed, and tries it. */
  private String connect(Context ctx, Map<String, String> entries) {
    String mode = entries.getOrDefault("sslmode", "");
    String user = entries.getOrDefault("user", "");
    String name =
        connections
            .add(
                entries.getOrDefault("as", ""),
                entries.getOrDefault("url", ""),
                user.isEmpty() ? null : user,
                Form.entry(ctx, "password"),
                mode.isEmpty() ? Map.of() : Map.of("sslmode", mode),
                false,
                Caller.actor(ctx))
            .name();
    try {
      Connections.Tried unusedAnswer = connections.test(name);
      return name;
    } catch (Failure away) {
      connections.remove(name, Caller.actor(ctx));
      throw away;
    }
  }

  private void show(Context ctx) {
    show(ctx, null, Map.of(), "", null);
  }

  private void show(
      Context ctx,
      @Nullable String query,
      Map<String, String> operation,
      String wrong,
      @Nullable Failure refused) {
    Syncs.Shown sync = syncs.get(ctx.pathParam("name"));
    html.show(
        ctx,
        "warehouse",
        new View(
            html.frame(ctx, sync.name(), "/sources"),
            sync,
            syncs.runs(sync.name(), RUNS),
            query == null ? sync.query() : query,
            operation,
            wrong,
            refused));
  }

  private void query(Context ctx) {
    Syncs.Shown sync = syncs.get(ctx.pathParam("name"));
    String query = Form.entry(ctx, "query");
    try {
      syncs.preview(sync.connection(), query, 1);
      syncs.add(sync.name(), sync.connection(), query, true);
      Html.go(ctx, path(sync.name()) + "/columns");
    } catch (Failure refused) {
      refuse(ctx, refused, () -> show(ctx, query, Map.of(), "query", refused));
    }
  }

  private static void refuse(Context ctx, Failure refused, Runnable page) {
    if (!OF_THE_FORM.contains(refused.problem())) {
      throw refused;
    }
    ctx.status(400);
    page.run();
  }

  private void columns(Context ctx) {
    Syncs.Shown sync = syncs.get(ctx.pathParam("name"));
    Mapping mapping = sync.mapping();
    QueryPreview preview = null;
    String fault = null;
    try {
      preview = syncs.preview(sync.name(), ROWS);
    } catch (Failure refused) {
      if (!OF_THE_FORM.contains(refused.problem())) {
        throw refused;
      }
      ctx.status(400);
      fault = refused.getMessage();
    }
    Map<String, String> chosen = new HashMap<>();
    for (Meaning meaning : Meaning.values()) {
      String column = mapping == null ? guess(preview, meaning) : meaning.of(mapping);
      if (column != null) {
        chosen.put(meaning.field(), column);
      }
    }
    columns(
        ctx,
        sync,
        preview,
        chosen,
        mapping == null ? Set.of() : Set.copyOf(mapping.traits()),
        mapping != null && mapping.fallbackIsEmail(),
        mapping != null && Boolean.TRUE.equals(mapping.replaceAccounts()),
        sync.updateOnly(),
        fault);
  }

  private static @Nullable String guess(@Nullable QueryPreview preview, Meaning meaning) {
    if (preview == null) {
      return null;
    }
    return preview.columns().stream()
        .filter(column -> meaning.looksLike.equals(column.looksLike()))
        .map(QueryPreview.Column::name)
        .findFirst()
        .orElse(null);
  }

  private void columns(
      Context ctx,
      Syncs.Shown sync,
      @Nullable QueryPreview preview,
      Map<String, String> chosen,
      Set<String> traits,
      boolean fallbackIsEmail,
      boolean replaceAccounts,
      boolean updateOnly,
      @Nullable String fault) {
    html.show(
        ctx,
        "warehouseColumns",
        new ColumnsView(
            html.frame(ctx, sync.name(), "/sources"),
            sync,
            preview,
            chosen,
            traits,
            fallbackIsEmail,
            replaceAccounts,
            updateOnly,
            fault));
  }

  private void configure(Context ctx) {
    Syncs.Shown sync = syncs.get(ctx.pathParam("name"));
    Map<String, String> chosen = new HashMap<>();
    for (Meaning meaning : Meaning.values()) {
      String column = Form.entry(ctx, meaning.field());
      if (!column.isEmpty()) {
        chosen.put(meaning.field(), column);
      }
    }
    List<String> traits = new ArrayList<>(ctx.formParams("traits"));
    boolean fallbackIsEmail = !Form.entry(ctx, "fallbackIsEmail").isEmpty();
    boolean replaceAccounts = !Form.entry(ctx, "replaceAccounts").isEmpty();
    boolean updateOnly = !Form.entry(ctx, "updateOnly").isEmpty();
    try {
      String externalId = chosen.get(Meaning.EXTERNAL_ID.field());
      if (externalId == null) {
        throw new Failure(Problem.SOURCE_INVALID, "Choose the column that has the external ID");
      }
      Mapping mapping =
          new Mapping(
              externalId,
              chosen.get(Meaning.FALLBACK.field()),
              fallbackIsEmail,
              chosen.get(Meaning.NAME.field()),
              chosen.get(Meaning.EMAIL.field()),
              chosen.get(Meaning.ACCOUNTS.field()),
              chosen.get(Meaning.ACCOUNT_NAME.field()),
              chosen.get(Meaning.UPDATED_AT.field()),
              traits,
              replaceAccounts);
      syncs.configure(sync.name(), mapping, updateOnly, Caller.actor(ctx));
      Html.go(ctx, path(sync.name()) + "?done=saved");
    } catch (Failure refused) {
      refuse(
          ctx,
          refused,
          () -> {
            QueryPreview preview = null;
            try {
              preview = syncs.preview(sync.name(), ROWS);
            } catch (Failure away) {
              // What was refused first says it.
            }
            columns(
                ctx,
                sync,
                preview,
                chosen,
                Set.copyOf(traits),
                fallbackIsEmail,
                replaceAccounts,
                updateOnly,
                refused.getMessage());
          });
    }
  }

  private void run(Context ctx) {
    String name = ctx.pathParam("name");
    try {
      syncs.start(name, Form.entry(ctx, "full").equals("yes"), Caller.actor(ctx));
      Html.go(ctx, path(name));
    } catch (Failure refused) {
      refuse(ctx, refused, () -> show(ctx, null, Map.of(), "", refused));
    }
  }

  private void cancel(Context ctx) {
    String name = ctx.pathParam("name");
    try {
      Syncs.Run unusedRun = syncs.cancel(name, Caller.actor(ctx));
      Html.go(ctx, path(name));
    } catch (Failure refused) {
      refuse(ctx, refused, () -> show(ctx, null, Map.of(), "", refused));
    }
  }

  private void operate(Context ctx) {
    Syncs.Shown sync = syncs.get(ctx.pathParam("name"));
    String pausing = Form.entry(ctx, "pause");
    if (!pausing.isEmpty()) {
      syncs.operate(
          sync.name(),
          sync.schedule(),
          pausing.equals("yes"),
          sync.leftRows(),
          sync.shadow(),
          Caller.actor(ctx));
      Html.go(ctx, path(sync.name()) + "?done=saved");
      return;
    }
    Map<String, String> typed = new HashMap<>();
    for (String name : List.of("schedule", "leftRows")) {
      typed.put(name, Form.entry(ctx, name).strip());
    }
    if (!Form.entry(ctx, "shadow").isEmpty()) {
      typed.put("shadow", "yes");
    }
    String schedule = typed.getOrDefault("schedule", "");
    LeftRows leftRows = LeftRows.of(typed.getOrDefault("leftRows", ""));
    try {
      syncs.operate(
          sync.name(),
          schedule.isEmpty() ? null : schedule,
          false,
          leftRows,
          typed.containsKey("shadow"),
          Caller.actor(ctx));
      Html.go(ctx, path(sync.name()) + "?done=saved");
    } catch (Failure refused) {
      refuse(ctx, refused, () -> show(ctx, null, typed, "schedule", refused));
    }
  }

  /** What becomes of rows that left, as the form says it. */
  static String words(LeftRows leftRows) {
    return switch (leftRows) {
      case KEEP -> "Keep: nobody looks";
      case REPORT -> "Report: each run says how many";
      case MARK -> "Mark: they are gone until they are back";
    };
  }

  /** How long something took, as people say it. */
  static String took(long millis) {
    Duration time = Duration.ofMillis(millis);
    return time.toMinutes() > 0
        ? "%d min %d s".formatted(time.toMinutes(), time.toSecondsPart())
        : time.toSeconds() > 0
            ? "%d.%d s".formatted(time.toSeconds(), time.toMillisPart() / 100)
            : millis + " ms";
  }

  /** How many there are of all reasons together. */
  static long sum(Map<String, Long> counts) {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }
}
