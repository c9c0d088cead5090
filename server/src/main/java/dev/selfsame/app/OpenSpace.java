package dev.selfsame.app;

import dev.selfsame.access.Access;
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
import dev.selfsame.api.PolicyApi;
import dev.selfsame.api.PublicationsApi;
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
import dev.selfsame.connection.Connections;
import dev.selfsame.http.Area;
import dev.selfsame.http.Bodies;
import dev.selfsame.intake.Intake;
import dev.selfsame.intake.Pipeline;
import dev.selfsame.intake.Preview;
import dev.selfsame.lookup.Lookup;
import dev.selfsame.policy.Policies;
import dev.selfsame.publish.Publications;
import dev.selfsame.replay.History;
import dev.selfsame.review.Bars;
import dev.selfsame.review.Erasures;
import dev.selfsame.review.Flagged;
import dev.selfsame.review.Merges;
import dev.selfsame.review.Moves;
import dev.selfsame.review.Retrials;
import dev.selfsame.review.Undos;
import dev.selfsame.source.Channels;
import dev.selfsame.source.api.AccountWrites;
import dev.selfsame.source.api.NoteWrites;
import dev.selfsame.source.api.TakeOvers;
import dev.selfsame.source.api.UserWrites;
import dev.selfsame.source.csv.Exports;
import dev.selfsame.source.csv.Imports;
import dev.selfsame.source.land.Landings;
import dev.selfsame.source.warehouse.Syncs;
import dev.selfsame.store.AccountQueries;
import dev.selfsame.store.ActLog;
import dev.selfsame.store.Database;
import dev.selfsame.store.ErasureQueries;
import dev.selfsame.store.FlagQueries;
import dev.selfsame.store.LinkQueries;
import dev.selfsame.store.MergeQueries;
import dev.selfsame.store.NoteQueries;
import dev.selfsame.store.ProfileQueries;
import dev.selfsame.store.StoredLedger;
import dev.selfsame.store.StoredPolicies;
import dev.selfsame.store.UserQueries;
import java.net.URI;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One space while the program runs: what takes its claims, looks up its users and works by itself,
 * and its part of the HTTP server. Nothing in it knows of another space.
 */
final class OpenSpace implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(OpenSpace.class);

  private record Part(String name, AutoCloseable closing) {}

  private final Deque<Part> parts = new ArrayDeque<>();
  private final String name;
  private final SpaceTools tools;
  private final Pipeline pipeline;
  private final Lookup lookup;
  private final Merges merges;
  private final Undos undos;
  private final Retrials retrials;
  private final Moves moves;
  private final Bars bars;
  private final Flagged flagged;
  private final ErasureQueries erased;
  private final Erasures erasures;
  private final Policies policies;
  private final Imports imports;
  private final Exports exports;
  private final @Nullable Landings landings;
  private final Connections connections;
  private final Syncs syncs;
  private final Publications publications;
  private final UserWrites userWrites;
  private final NoteQueries notes;
  private final NoteWrites noteWrites;
  private final AccountQueries accounts;
  private final AccountWrites accountWrites;
  private final TakeOvers takeOvers;
  private final Map<String, Area> areas = new LinkedHashMap<>();

  /**
   * Opens it; nothing runs by itself before {@link #schedule}.
   *
   * @param traitColumns makes sure that these names are columns of {@code segment.users}
   */
  OpenSpace(String name, SpaceTools tools, Consumer<Set<String>> traitColumns) {
    this.name = name;
    this.tools = tools;
    Database database = tools.database();
    InstantSource clock = tools.clock();
    HubSettings settings = tools.settings();
    boolean first = name.equals(Access.DEFAULT_SPACE);
    Path own = first ? tools.data() : tools.data().resolve("spaces").resolve(name);
    this.pipeline =
        opened(
            "intake",
            new Pipeline(name, database.sessions("intake"), settings.intake(), traitColumns));
    pipeline.start();
    try {
      UserQueries users = new UserQueries(database, name);
      this.lookup = new Lookup(users);
      MergeQueries made = new MergeQueries(database, name);
      Supplier<Preview> previews = () -> Preview.open(name, database.sessions("preview"));
      this.merges = new Merges(pipeline, previews, users, made, clock);
      Supplier<History> histories =
          () -> new History(new StoredLedger(database, name), Channels.readers());
      LinkQueries links = new LinkQueries(database, name);
      this.undos = new Undos(pipeline, previews, users, made, links, histories, clock);
      this.retrials = new Retrials(histories, previews);
      this.moves = new Moves(pipeline, previews, users, made, clock);
      FlagQueries flagQueries = new FlagQueries(database, name);
      this.bars = new Bars(pipeline, previews, users, flagQueries, clock);
      this.flagged = new Flagged(pipeline, merges, bars, users, flagQueries, clock);
      this.erased = new ErasureQueries(database, name);
      this.erasures =
          new Erasures(name, pipeline, database.sessions("preview"), users, erased, clock);
      this.policies = new Policies(new StoredPolicies(database, name), histories, clock);
      this.imports =
          opened(
              "imports",
              Imports.open(
                  own.resolve("imports"), settings.imports(), database, name, pipeline, clock));
      this.exports = new Exports(database, name, clock);
      this.landings =
          first
              ? opened(
                  "landings",
                  Landings.open(
                      own.resolve("landings"),
                      settings.landings(),
                      database,
                      name,
                      pipeline,
                      clock))
              : null;
      this.connections = new Connections(database, name, tools.secrets(), tools.drivers(), clock);
      this.syncs =
          opened(
              "syncs",
              new Syncs(database, name, connections, pipeline, previews, settings.syncs(), clock));
      this.publications =
          opened(
              "publications",
              new Publications(
                  database,
                  name,
                  connections,
                  own.resolve("publishing"),
                  settings.publishing(),
                  clock));
      this.userWrites = new UserWrites(name, database, pipeline, previews, users, clock);
      this.notes = new NoteQueries(database, name, clock);
      this.noteWrites = new NoteWrites(name, database, pipeline, users, notes, clock);
      this.accounts = new AccountQueries(database, name);
      this.accountWrites = new AccountWrites(name, database, pipeline, previews, users, clock);
      this.takeOvers = opened("take-overs", new TakeOvers(accounts, accountWrites));
      addAreas();
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private void addAreas() {
    Database database = tools.database();
    HubSettings settings = tools.settings();
    Bodies bodies = tools.bodies();
    URI publicUrl = settings.http().publicUrl();
    List<Area> all =
        new ArrayList<>(
            List.of(
                // Looking up comes first, as it is asked for most.
                new UsersApi(lookup),
                new LookupApi(lookup, bodies),
                new ProfilesApi(name, lookup, new ProfileQueries(database, name), tools.access()),
                new UserWritesApi(userWrites, bodies),
                new NotesApi(noteWrites, notes, lookup, bodies),
                NotesApi.insights(),
                new ProductboardUsersApi(userWrites, erasures, lookup, bodies, publicUrl),
                new ProductboardNotesApi(noteWrites, notes, bodies, tools.clock(), publicUrl),
                // Before companies by their ids, since "custom-fields" is none.
                new ProductboardFieldsApi(),
                new ProductboardCompaniesApi(accountWrites, accounts, bodies, publicUrl),
                new AccountsApi(accountWrites, accounts, lookup, bodies),
                new ExplainApi(lookup),
                new MergeApi(merges, bodies),
                new ErasuresApi(erasures, erased, lookup, bodies),
                new SuppressionsApi(erasures, erased, lookup),
                new AuditApi(new ActLog(database, name)),
                new PolicyApi(policies, bodies),
                new MergesApi(undos, lookup, bodies),
                new IdentifierMoveApi(moves, bodies),
                new FlagsApi(flagged, bodies),
                new BarsApi(bars, bodies),
                new ImportsApi(imports, settings.imports(), tools.clock()),
                new ConnectionsApi(connections, bodies),
                new SyncsApi(syncs, bodies),
                new PublicationsApi(publications, bodies),
                new ExportsApi(exports)));
    if (landings != null) {
      all.add(new LandingsApi(landings, settings.landings(), bodies));
    }
    for (Area area : all) {
      String key = area.getClass().getSimpleName() + " " + area.prefix();
      if (areas.put(key, area) != null) {
        throw new IllegalStateException("There are two areas " + key);
      }
    }
  }

  private <T extends AutoCloseable> T opened(String what, T part) {
    parts.push(new Part(what, part));
    return part;
  }

  /** Begins what it does by itself. */
  void schedule() {
    syncs.schedule();
    publications.schedule();
    takeOvers.schedule();
  }

  /** Gives companies the users of their domains now, which else happens within seconds. */
  void takeOver() {
    takeOvers.run();
  }

  String name() {
    return name;
  }

  SpaceTools tools() {
    return tools;
  }

  /**
   * Its part of the HTTP server; each space's have the same names, but for what it does not have.
   */
  Map<String, Area> areas() {
    return areas;
  }

  NoteHooksApi.Taking noteTaking() {
    return new NoteHooksApi.Taking(noteWrites, notes);
  }

  Intake intake() {
    return pipeline;
  }

  Pipeline pipeline() {
    return pipeline;
  }

  Lookup lookup() {
    return lookup;
  }

  Merges merges() {
    return merges;
  }

  Undos undos() {
    return undos;
  }

  Retrials retrials() {
    return retrials;
  }

  Moves moves() {
    return moves;
  }

  Bars bars() {
    return bars;
  }

  Flagged flagged() {
    return flagged;
  }

  Erasures erasures() {
    return erasures;
  }

  Policies policies() {
    return policies;
  }

  Imports imports() {
    return imports;
  }

  Exports exports() {
    return exports;
  }

  /** Null: no rows of tools land in it. */
  @Nullable Landings landings() {
    return landings;
  }

  Connections connections() {
    return connections;
  }

  Syncs syncs() {
    return syncs;
  }

  AccountQueries accounts() {
    return accounts;
  }

  AccountWrites accountWrites() {
    return accountWrites;
  }

  NoteQueries notes() {
    return notes;
  }

  /** Closes it, the last part first; one that fails does not keep the others from being closed. */
  @Override
  public void close() {
    while (!parts.isEmpty()) {
      Part part = parts.pop();
      try {
        part.closing().close();
      } catch (Exception e) {
        log.error("The {} of the space {} could not be closed", part.name(), name, e);
      }
    }
  }
}
