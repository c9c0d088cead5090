package dev.selfsame.app;

import dev.selfsame.access.Access;
import dev.selfsame.access.BudgetedAccess;
import dev.selfsame.access.GivenSecrets;
import dev.selfsame.access.StoredAccess;
import dev.selfsame.api.OpenApi;
import dev.selfsame.api.QuestionsApi;
import dev.selfsame.api.SpacesApi;
import dev.selfsame.api.hook.NoteHooksApi;
import dev.selfsame.ask.Asking;
import dev.selfsame.ask.Questions;
import dev.selfsame.cli.Program;
import dev.selfsame.cli.ServerFile;
import dev.selfsame.connection.Drivers;
import dev.selfsame.dashboard.Dashboard;
import dev.selfsame.dashboard.DashboardServices;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.http.Area;
import dev.selfsame.http.Bodies;
import dev.selfsame.http.HttpServer;
import dev.selfsame.http.SpacedArea;
import dev.selfsame.lookup.Identities;
import dev.selfsame.member.Members;
import dev.selfsame.member.OpenId;
import dev.selfsame.postgres.EmbeddedPostgres;
import dev.selfsame.postgres.PostgresSettings;
import dev.selfsame.secret.Secrets;
import dev.selfsame.source.segment.Handover;
import dev.selfsame.source.segment.TrackingApi;
import dev.selfsame.source.segment.WebhookApi;
import dev.selfsame.store.ActLog;
import dev.selfsame.store.ActivityQueries;
import dev.selfsame.store.Database;
import dev.selfsame.store.DatabaseAddress;
import dev.selfsame.store.IdentityQueries;
import dev.selfsame.store.StoredGrants;
import dev.selfsame.store.StoredMembers;
import dev.selfsame.store.StoredSpaces;
import dev.selfsame.store.TraitColumns;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The running program: its parts in the order in which they need each other. They are closed in the
 * opposite order: no more requests, then what waits is written, then the connections and the
 * database.
 */
final class Hub implements Program.Running {
  private static final Logger log = LoggerFactory.getLogger(Hub.class);
  private static final String OPEN_ID_SECRET = "SELFSAME_OPENID_SECRET";
  private static final String FIRST_SOURCE = "segment";

  /** Something to take down, and what it is called when that fails. */
  private record Part(String name, AutoCloseable closing) {}

  private final Deque<Part> parts = new ArrayDeque<>();
  private final InstantSource clock = InstantSource.system();
  private final HubSettings settings;
  private @Nullable HttpServer http;
  private String url = "";
  private @Nullable String newWriteKey;
  private @Nullable String newToken;
  private @Nullable String signInLink;
  private boolean closed;

  private Hub(HubSettings settings) {
    this.settings = settings;
  }

  /**
   * Starts everything.
   *
   * @param environment where the secrets of this run may stand
   * @param progress is told what takes long
   */
  static Hub start(
      Program.Start start, Map<String, String> environment, Consumer<String> progress) {
    GivenSecrets given = GivenSecrets.from(environment);
    Hub hub =
        new Hub(
            HubSettings.read(start.settings())
                .listening(start.listen())
                .secured(start.tlsCert(), start.tlsKey()));
    try {
      hub.open(start, given, environment, progress);
      return hub;
    } catch (RuntimeException e) {
      hub.close();
      throw e;
    }
  }

  private void open(
      Program.Start start,
      GivenSecrets given,
      Map<String, String> environment,
      Consumer<String> progress) {
    removeServerFile(start.data());
    DatabaseAddress address = address(start, progress);
    Database database =
        opened("database", Database.open(address, settings.store(), clock.instant()));
    StoredGrants grants = new StoredGrants(database);
    StoredAccess access = new StoredAccess(grants, given, clock);
    makeFirstSecrets(grants, access, given);

    PrometheusMeterRegistry metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    TraitColumns traitColumns = new TraitColumns(database);
    OpenSpaces spaces =
        opened(
            "spaces",
            new OpenSpaces(
                new SpaceTools(
                    start.data(),
                    database,
                    settings,
                    new Bodies(settings.http().bodyMemory()),
                    Secrets.of(start.data(), environment),
                    new Drivers(start.data().resolve("drivers")),
                    BudgetedAccess.of(access, settings.budget()),
                    clock),
                traitColumns::ensure));
    OpenSpace first = spaces.first();
    Upkeep upkeep = opened("upkeep", new Upkeep(database, clock));
    measure(metrics, spaces, traitColumns);
    Handover handover =
        new Handover(space -> spaces.of(space).intake(), clock, settings.segment(), metrics);
    if (start.demo()) {
      progress.accept("Telling the demo's story");
      if (!new Demo(database, first.name(), first.pipeline(), first.merges(), first.lookup(), clock)
          .tell()) {
        progress.accept("This hub has users already: they stay as they are");
      }
      first.takeOver();
    }
    spaces.schedule();
    Bodies bodies = spaces.tools().bodies();
    Questions questions = questions(start.data());
    Asking asking =
        opened(
            "questions",
            new Asking(
                database,
                Duration.ofSeconds(settings.store().querySeconds()),
                settings.ask(),
                clock));
    Members members = new Members(new StoredMembers(database), clock);
    http =
        opened(
            "HTTP server",
            HttpServer.start(
                settings.http(),
                areas(
                    new TrackingApi(
                        access,
                        handover,
                        bodies,
                        settings.segment(),
                        settings.http().publicUrl(),
                        metrics),
                    spaces,
                    List.of(
                        new WebhookApi(access::hooks, handover, bodies, settings.hooks(), metrics),
                        new NoteHooksApi(
                            access::hooks,
                            space -> spaces.of(space).noteTaking(),
                            bodies,
                            settings.noteHooks()),
                        new SpacesApi(new StoredSpaces(database), bodies, clock),
                        new OpenApi(),
                        new SpacedArea(
                            new QuestionsApi(questions, database, settings.store(), settings.ask()),
                            space -> null),
                        new Dashboard(
                            members,
                            OpenId.of(settings.openId(), environment.get(OPEN_ID_SECRET), clock),
                            services(first, questions, asking),
                            settings.http().publicUrl()))),
                spaces.tools().access(),
                upkeep::obstacles,
                metrics));
    url = http.url();
    if (members.none()) {
      URI reached = settings.http().publicUrl();
      signInLink =
          (reached == null ? url : reached.toString().replaceFirst("/$", ""))
              + "/sign-in?link="
              + members.firstLink();
    }
    writeServerFile(start.data(), address);
  }

  /** What programs call most first: events, then what each space has, then the rest. */
  private static List<Area> areas(Area events, OpenSpaces spaces, List<Area> rest) {
    List<Area> areas = new ArrayList<>();
    areas.add(events);
    spaces
        .first()
        .areas()
        .forEach((name, area) ->
            areas.add(new SpacedArea(area, space -> spaces.of(space).areas().get(name))));
    areas.addAll(rest);
    return areas;
  }

  private DashboardServices services(OpenSpace space, Questions questions, Asking asking) {
    Database database = space.tools().database();
    return new DashboardServices(
        space.lookup(),
        space.merges(),
        space.undos(),
        space.retrials(),
        space.flagged(),
        space.bars(),
        space.moves(),
        space.erasures(),
        new ActLog(database),
        new ActivityQueries(database, space.name()),
        space.policies(),
        Objects.requireNonNull(space.landings()),
        settings.landings().maxBytes(),
        new Identities(space.lookup(), new IdentityQueries(database, space.name())),
        questions,
        asking,
        actor -> new StoredGrants(database, actor),
        actor -> new StoredAccess(new StoredGrants(database, actor), GivenSecrets.NONE, clock),
        space.imports(),
        settings.imports(),
        space.exports(),
        space.connections(),
        space.syncs(),
        space.accounts(),
        space.accountWrites(),
        space.notes(),
        clock);
  }

  private Questions questions(Path data) {
    String own = settings.ask().questions();
    return own == null ? Questions.in(data.resolve("questions")) : Questions.given(Path.of(own));
  }

  private DatabaseAddress address(Program.Start start, Consumer<String> progress) {
    if (start.databaseUrl() != null && !start.databaseUrl().isBlank()) {
      return DatabaseAddress.parse(start.databaseUrl());
    }
    EmbeddedPostgres postgres =
        opened(
            "PostgreSQL",
            EmbeddedPostgres.open(
                PostgresSettings.in(start.data()).withPort(start.sqlPort()), progress));
    return new DatabaseAddress(postgres.jdbcUrl(), postgres.user(), postgres.password());
  }

  /** Those that the environment does not give, the first time that it does not. */
  private void makeFirstSecrets(StoredGrants grants, StoredAccess access, GivenSecrets given) {
    if (given.writeKey() == null && grants.first("first write key")) {
      newWriteKey = access.issueWriteKey("first", Access.DEFAULT_SPACE, FIRST_SOURCE).secret();
    }
    if (given.token() == null && grants.first("first token")) {
      newToken = access.issueToken("first", Access.Scope.ADMIN).secret();
    }
  }

  private static void measure(
      PrometheusMeterRegistry metrics, OpenSpaces spaces, TraitColumns traitColumns) {
    Gauge.builder("selfsame.intake.waiting", spaces, OpenSpaces::waiting)
        .description("Claims that wait to be decided")
        .register(metrics);
    FunctionCounter.builder("selfsame.traits.left_out", traitColumns, TraitColumns::leftOut)
        .description(
            "Traits that are no column of segment.users: name taken or too long, or 500 there"
                + " already")
        .register(metrics);
  }

  private void removeServerFile(Path data) {
    try {
      ServerFile.remove(data);
    } catch (IOException e) {
      log.warn("What an earlier server left in {} could not be taken away", data, e);
    }
  }

  private void writeServerFile(Path data, DatabaseAddress address) {
    try {
      Files.createDirectories(data);
      new ServerFile(url, ProcessHandle.current().pid(), address.full()).write(data);
      opened("server file", () -> ServerFile.remove(data));
    } catch (IOException e) {
      throw new Failure(
          Problem.INVALID_SETTING,
          "The directory %s cannot be written: %s".formatted(data, e),
          0,
          e);
    }
  }

  private <T extends AutoCloseable> T opened(String name, T part) {
    parts.push(new Part(name, part));
    return part;
  }

  /** The calls that programs make. */
  List<HttpServer.Route> routes() {
    return http == null ? List.of() : http.routes();
  }

  @Override
  public String url() {
    return url;
  }

  @Override
  public @Nullable String newWriteKey() {
    return newWriteKey;
  }

  @Override
  public @Nullable String newToken() {
    return newToken;
  }

  @Override
  public @Nullable String signInLink() {
    return signInLink;
  }

  /** Closes what is open; one part that fails does not keep the others from being closed. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    while (!parts.isEmpty()) {
      Part part = parts.pop();
      try {
        part.closing().close();
      } catch (Exception e) {
        log.error("The {} could not be closed", part.name(), e);
      }
    }
  }
}
