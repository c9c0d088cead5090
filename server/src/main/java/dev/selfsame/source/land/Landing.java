package dev.selfsame.source.land;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.identity.Source;
import dev.selfsame.intake.Intake;
import dev.selfsame.intake.Preview;
import dev.selfsame.intake.Submission;
import dev.selfsame.source.land.Landed.Decided;
import dev.selfsame.store.ColumnType;
import dev.selfsame.store.Database;
import dev.selfsame.store.LandedRows;
import dev.selfsame.store.LandingTable;
import dev.selfsame.store.StoredSources;
import java.io.IOException;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Takes rows of a tool's table: they land for SQL, all or none, and those that are people become
 * claims, in the order in which they landed. A row that says what its table says already is no
 * claim. Ends in the middle lose nothing: the next landing of the tool takes up what is left.
 */
public final class Landing {

  /** So many rows make another table of one. */
  private static final int MANY = 500;

  private final Database database;
  private final String space;
  private final InstantSource clock;

  public Landing(Database database, String space, InstantSource clock) {
    this.database = database;
    this.space = space;
    this.clock = clock;
  }

  /**
   * Lands the rows and returns when the last claim is committed.
   *
   * @param previews where claims that could not be settled before are tried without a trace
   * @throws Failure naming file and line where rows cannot land: then none has. STOPPED and
   *     STORE_AWAY say whether rows have landed
   */
  public Landed land(
      LandingRequest request,
      RowSource rows,
      Intake intake,
      Supplier<Preview> previews,
      LandingWatch watch) {
    try (LandedRows store = LandedRows.open(database, request.tool(), watch::stopped)) {
      LandingTable there = store.table(request.table());
      PeopleTable people = people(request, there);
      LandingColumns columns = gather(request, rows, Long.MAX_VALUE, store, there, people, watch);
      LandingTable table =
          there == null
                  || !columns.added().isEmpty()
                  || (people != null && request.people() && !there.people())
              ? store.make(request.table(), request.people(), columns.added())
              : there;
      Source source = people == null ? null : source(people, request);
      LandedRows.Counts counts = store.land(plan(table, columns, people));
      if (counts.added() + counts.changed() >= MANY) {
        store.analyze(table.name());
      }
      Decided decided = null;
      if (people != null && source != null) {
        try {
          decided =
              new LandingClaims(store.claims(), source, intake, watch, now())
                  .decide(request.tool(), store::table, previews);
        } catch (Failure failure) {
          throw new Failure(
              failure.problem(),
              "The rows are in %s, but not all that they say is decided (%s). Land the file again, or anything else of %s: it takes up what is left"
                  .formatted(request.name(), failure.getMessage(), request.tool()),
              failure.retryAfterSeconds(),
              failure);
        }
      }
      if (decided != null && decided.claims() >= MANY) {
        store.analyze(null);
      }
      return landed(request, counts, columns, decided);
    }
  }

  /**
   * What landing the rows would do. Nothing is written.
   *
   * @param limit so many rows are looked at
   */
  public Landed preview(
      LandingRequest request, RowSource rows, long limit, Preview intake, LandingWatch watch) {
    try (LandedRows store = LandedRows.open(database, request.tool(), watch::stopped)) {
      LandingTable there = store.table(request.table());
      PeopleTable people = people(request, there);
      LandingColumns columns = gather(request, rows, limit, store, there, people, watch);
      LandingTable table =
          there == null
              ? new LandingTable(
                  request.tool(), request.table(), columns.added(), Set.of(), request.people())
              : there;
      return store.foresee(
          plan(table, columns, people),
          request.people(),
          (counts, claims) -> {
            Decided decided =
                people == null
                    ? null
                    : new LandingClaims(
                            claims, people.source(ours(people, request)), intake, watch, now())
                        .foresee(people, table);
            return landed(request, counts, columns, decided);
          });
    }
  }

  private static Landed landed(
      LandingRequest request,
      LandedRows.Counts counts,
      LandingColumns columns,
      @Nullable Decided decided) {
    return new Landed(
        request.name(), counts, columns.added(), columns.renamed(), columns.leftOut(), decided);
  }

  private static @Nullable PeopleTable people(
      LandingRequest request, @Nullable LandingTable there) {
    return PeopleTable.named(
        request.tool(), request.table(), request.people() || (there != null && there.people()));
  }

  private static LandingColumns gather(
      LandingRequest request,
      RowSource source,
      long limit,
      LandedRows store,
      @Nullable LandingTable there,
      @Nullable PeopleTable people,
      LandingWatch watch) {
    LandingColumns columns = new LandingColumns(request, there, people);
    Object place = source.name();
    long taken = 0;
    try (Rows rows = source.open(texts(there))) {
      for (Rows.Row row = rows.next(); row != null && taken < limit; row = rows.next()) {
        place = row.place();
        columns.seen(rows.columns(), place);
        store.gather(columns.cells(row));
        if (++taken % 1_000 == 0) {
          watch.reading(rows.read(), rows.size());
          if (watch.stopped()) {
            throw new Failure(Problem.STOPPED, "It was told to stop; nothing was landed");
          }
        }
      }
      columns.seen(rows.columns(), place);
    } catch (IOException e) {
      throw new Failure(
          Problem.LANDING_FILE, "%s cannot be closed: %s".formatted(source.name(), e), 0, e);
    }
    columns.check(place);
    watch.landing(taken);
    return columns;
  }

  private static Set<String> texts(@Nullable LandingTable table) {
    Set<String> texts = new HashSet<>();
    if (table != null) {
      table
          .columns()
          .forEach((column, type) -> {
            if (type == ColumnType.TEXT) {
              texts.add(column);
            }
          });
    }
    return texts;
  }

  private static LandedRows.Plan plan(
      LandingTable table, LandingColumns columns, @Nullable PeopleTable people) {
    return new LandedRows.Plan(
        table,
        columns.filled(),
        people == null ? Set.of() : people.claiming(table),
        people == null ? Set.of() : Set.copyOf(people.follows()));
  }

  private Source source(PeopleTable people, LandingRequest request) {
    return StoredSources.ensure(database, space, people.source(ours(people, request)));
  }

  private long now() {
    return Submission.micros(clock.instant());
  }

  private static boolean ours(PeopleTable people, LandingRequest request) {
    return people.externalIdIsOurs() || request.externalId() != null;
  }
}
