package dev.selfsame.app;

import dev.selfsame.access.Access;
import dev.selfsame.access.BudgetedAccess;
import dev.selfsame.access.GivenSecrets;
import dev.selfsame.access.StoredAccess;
import dev.selfsame.api.AccountsApi;
import dev.selfsame.api.AuditApi;
import dev.selfsame.api.BarsApi;
import dev.selfsame.api.ConnectionsApi;
import dev.selfsame.api.ErasuresApi;
import dev.selfsame.api.ExplainApi;
import dev.selfsame.api.ExportsApi;
import dev.selfsame.api.FlagsApi;
import dev.selfsame.api.IdentifierMoveApi;
import dev.selfsame.api.ImportsApi;
import dev.selfsame.api.LandingsApi;
import dev.selfsame.api.LookupApi;
import dev.selfsame.api.MergeApi;
import dev.selfsame.api.MergesApi;
import dev.selfsame.api.NotesApi;
import dev.selfsame.api.OpenApi;
import dev.selfsame.api.PolicyApi;
import dev.selfsame.api.PublicationsApi;
import dev.selfsame.api.QuestionsApi;
import dev.selfsame.api.SuppressionsApi;
import dev.selfsame.api.SyncsApi;
import dev.selfsame.api.UserWritesApi;
import dev.selfsame.api.UsersApi;
import dev.selfsame.api.hook.NoteHooksApi;
import dev.selfsame.api.productboard.ProductboardCompaniesApi;
import dev.selfsame.api.productboard.ProductboardFieldsApi;
import dev.selfsame.api.productboard.ProductboardNotesApi;
import dev.selfsame.api.productboard.ProductboardUsersApi;
import dev.selfsame.api.profile.ProfilesApi;
import dev.selfsame.ask.Asking;
import dev.selfsame.ask.Questions;
import dev.selfsame.cli.Program;
import dev.selfsame.cli.ServerFile;
import dev.selfsame.connection.Connections;
import dev.selfsame.connection.Drivers;
import dev.selfsame.dashboard.Dashboard;
import dev.selfsame.dashboard.DashboardServices;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.http.Bodies;
import dev.selfsame.http.HttpServer;
import dev.selfsame.intake.Intake;
import dev.selfsame.intake.Pipeline;
import dev.selfsame.intake.Preview;
import dev.selfsame.lookup.Identities;
import dev.selfsame.lookup.Lookup;
import dev.selfsame.member.Members;
import dev.selfsame.member.OpenId;
import dev.selfsame.policy.Policies;
import dev.selfsame.postgres.EmbeddedPostgres;
import dev.selfsame.postgres.PostgresSettings;
import dev.selfsame.publish.Publications;
import dev.selfsame.replay.History;
import dev.selfsame.review.Bars;
import dev.selfsame.review.Erasures;
import dev.selfsame.review.Flagged;
import dev.selfsame.review.Merges;
import dev.selfsame.review.Moves;
import dev.selfsame.review.Retrials;
import dev.selfsame.review.Undos;
import dev.selfsame.secret.Secrets;
import dev.selfsame.source.Channels;
import dev.selfsame.source.api.AccountWrites;
import dev.selfsame.source.api.NoteWrites;
import dev.selfsame.source.api.TakeOvers;
import dev.selfsame.source.api.UserWrites;
import dev.selfsame.source.csv.Exports;
import dev.selfsame.source.csv.Imports;
import dev.selfsame.source.land.Landings;
import dev.selfsame.source.segment.Handover;
import dev.selfsame.source.segment.TrackingApi;
import dev.selfsame.source.segment.WebhookApi;
import dev.selfsame.source.warehouse.Syncs;
import dev.selfsame.store.AccountQueries;
import dev.selfsame.store.ActLog;
import dev.selfsame.store.ActivityQueries;
import dev.selfsame.store.Database;
import dev.selfsame.store.DatabaseAddress;
import dev.selfsame.store.ErasureQueries;
import dev.selfsame.store.FlagQueries;
import dev.selfsame.store.IdentityQueries;
import dev.selfsame.store.LinkQueries;
import dev.selfsame.store.MergeQueries;
import dev.selfsame.store.NoteQueries;
import dev.selfsame.store.ProfileQueries;
import dev.selfsame.store.StoredGrants;
import dev.selfsame.store.StoredLedger;
import dev.selfsame.store.StoredMembers;
import dev.selfsame.store.StoredPolicies;
import dev.selfsame.store.TraitColumns;
import dev.selfsame.store.UserQueries;
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
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
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
  private static final String SPACE = "default";
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
    Pipeline pipeline =
        opened(
            "intake",
            new Pipeline(
                SPACE, database.sessions("intake"), settings.intake(), traitColumns::ensure));
    pipeline.start();
    Upkeep upkeep = opened("upkeep", new Upkeep(database, clock));
    measure(metrics, pipeline, traitColumns);

    Handover handover =
        new Handover(space -> intake(space, pipeline), clock, settings.segment(), metrics);
    UserQueries users = new UserQueries(database, SPACE);
    Lookup lookup = new Lookup(users);
    MergeQueries made = new MergeQueries(database, SPACE);
    Supplier<Preview> previews = () -> Preview.open(SPACE, database.sessions("preview"));
    Merges merges = new Merges(pipeline, previews, users, made, clock);
    Supplier<History> histories =
        () -> new History(new StoredLedger(database, SPACE), Channels.readers());
    Undos undos =
        new Undos(
            pipeline, previews, users, made, new LinkQueries(database, SPACE), histories, clock);
    Moves moves = new Moves(pipeline, previews, users, made, clock);
    FlagQueries flagQueries = new FlagQueries(database, SPACE);
    Bars bars = new Bars(pipeline, previews, users, flagQueries, clock);
    Flagged flagged = new Flagged(pipeline, merges, bars, users, flagQueries, clock);
    ErasureQueries erased = new ErasureQueries(database, SPACE);
    Erasures erasures =
        new Erasures(SPACE, pipeline, database.sessions("preview"), users, erased, clock);
    if (start.demo()) {
      progress.accept("Telling the demo's story");
      if (!new Demo(database, SPACE, pipeline, merges, lookup, clock).tell()) {
        progress.accept("This hub has users already: they stay as they are");
      }
    }
    Policies policies = new Policies(new StoredPolicies(database, SPACE), histories, clock);
    Imports imports =
        opened(
            "imports",
            Imports.open(
                start.data().resolve("imports"),
                settings.imports(),
                database,
                SPACE,
                pipeline,
                clock));
    Exports exports = new Exports(database, SPACE, clock);
    Landings landings =
        opened(
            "landings",
            Landings.open(
                start.data().resolve("landings"),
                settings.landings(),
                database,
                SPACE,
                pipeline,
                clock));
    Connections connections =
        new Connections(
            database,
            SPACE,
            Secrets.of(start.data(), environment),
            new Drivers(start.data().resolve("drivers")),
            clock);
    Syncs syncs =
        opened(
            "syncs",
            new Syncs(database, SPACE, connections, pipeline, previews, settings.syncs(), clock));
    syncs.schedule();
    Publications publications =
        opened(
            "publications",
            new Publications(
                database,
                SPACE,
                connections,
                start.data().resolve("publishing"),
                settings.publishing(),
                clock));
    publications.schedule();
    Bodies bodies = new Bodies(settings.http().bodyMemory());
    Questions questions = questions(start.data());
    Asking asking =
        opened(
            "questions",
            new Asking(
                database,
                Duration.ofSeconds(settings.store().querySeconds()),
                settings.ask(),
                clock));
    UserWrites userWrites = new UserWrites(SPACE, database, pipeline, previews, users, clock);
    NoteQueries notes = new NoteQueries(database, SPACE, clock);
    NoteWrites noteWrites = new NoteWrites(SPACE, database, pipeline, users, notes, clock);
    Access budgeted = BudgetedAccess.of(access, settings.budget());
    AccountQueries accounts = new AccountQueries(database, SPACE);
    AccountWrites accountWrites =
        new AccountWrites(SPACE, database, pipeline, previews, users, clock);
    opened("take-overs", new TakeOvers(accounts, accountWrites)).schedule();
    Members members = new Members(new StoredMembers(database), clock);
    http =
        opened(
            "HTTP server",
            HttpServer.start(
                settings.http(),
                List.of(
                    new TrackingApi(
                        access,
                        handover,
                        bodies,
                        settings.segment(),
                        settings.http().publicUrl(),
                        metrics),
                    new WebhookApi(access::hooks, handover, bodies, settings.hooks(), metrics),
                    new NoteHooksApi(
                        access::hooks, noteWrites, notes, bodies, settings.noteHooks()),
                    new UsersApi(lookup),
                    new UserWritesApi(userWrites, bodies),
                    new NotesApi(noteWrites, notes, lookup, bodies),
                    NotesApi.insights(),
                    new ProductboardUsersApi(
                        userWrites, erasures, lookup, bodies, settings.http().publicUrl()),
                    new ProductboardNotesApi(
                        noteWrites, notes, bodies, clock, settings.http().publicUrl()),
                    // Before companies by their ids, since "custom-fields" is none.
                    new ProductboardFieldsApi(),
                    new ProductboardCompaniesApi(
                        accountWrites, accounts, bodies, settings.http().publicUrl()),
                    new ProfilesApi(SPACE, lookup, new ProfileQueries(database, SPACE), budgeted),
                    new AccountsApi(accountWrites, accounts, lookup, bodies),
                    new ExplainApi(lookup),
                    new LookupApi(lookup, bodies),
                    new MergeApi(merges, bodies),
                    new ErasuresApi(erasures, erased, lookup, bodies),
                    new SuppressionsApi(erasures, erased, lookup),
                    new AuditApi(new ActLog(database)),
                    new PolicyApi(policies, bodies),
                    new MergesApi(undos, lookup, bodies),
                    new IdentifierMoveApi(moves, bodies),
                    new FlagsApi(flagged, bodies),
                    new BarsApi(bars, bodies),
                    new ImportsApi(imports, settings.imports(), clock),
                    new LandingsApi(landings, settings.landings(), bodies),
                    new ConnectionsApi(connections, bodies),
                    new SyncsApi(syncs, bodies),
                    new PublicationsApi(publications, bodies),
                    new ExportsApi(exports),
                    new OpenApi(),
                    new QuestionsApi(questions, database, settings.store(), settings.ask()),
                    new Dashboard(
                        members,
                        OpenId.of(settings.openId(), environment.get(OPEN_ID_SECRET), clock),
                        new DashboardServices(
                            lookup,
                            merges,
                            undos,
                            new Retrials(histories, previews),
                            flagged,
                            bars,
                            moves,
                            erasures,
                            new ActLog(database),
                            new ActivityQueries(database, SPACE),
                            policies,
                            landings,
                            settings.landings().maxBytes(),
                            new Identities(lookup, new IdentityQueries(database, SPACE)),
                            questions,
                            asking,
                            actor -> new StoredGrants(database, actor),
                            actor ->
                                new StoredAccess(
                                    new StoredGrants(database, actor), GivenSecrets.NONE, clock),
                            imports,
                            settings.imports(),
                            exports,
                            connections,
                            syncs,
                            accounts,
                            accountWrites,
                            notes,
                            clock),
                        settings.http().publicUrl())),
                budgeted,
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

  private static Intake intake(String space, Pipeline pipeline) {
    if (!space.equals(SPACE)) {
      throw new Failure(Problem.NOT_FOUND, "The space %s takes no events here".formatted(space));
    }
    return pipeline;
  }

  /** Those that the environment does not give, the first time that it does not. */
  private void makeFirstSecrets(StoredGrants grants, StoredAccess access, GivenSecrets given) {
    if (given.writeKey() == null && grants.first("first write key")) {
      newWriteKey = access.issueWriteKey("first", SPACE, FIRST_SOURCE).secret();
    }
    if (given.token() == null && grants.first("first token")) {
      newToken = access.issueToken("first", Access.Scope.ADMIN).secret();
    }
  }

  private static void measure(
      PrometheusMeterRegistry metrics, Pipeline pipeline, TraitColumns traitColumns) {
    Gauge.builder("selfsame.intake.waiting", pipeline, Pipeline::waiting)
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
