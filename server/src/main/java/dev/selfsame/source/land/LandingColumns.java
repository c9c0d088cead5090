package dev.selfsame.source.land;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.store.ColumnType;
import dev.selfsame.store.LandedRows.Filled;
import dev.selfsame.store.LandingTable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Which column of the table each column of the rows goes to. Rows may bring more as they come. */
final class LandingColumns {

  private static final String ID = PeopleTable.ID;

  /** What the table would be if it were made now. */
  private static final LandingTable NEW =
      new LandingTable(
          "", "", Map.of(ID, ColumnType.TEXT, "received_at", ColumnType.TIME), Set.of(), false);

  private final LandingRequest request;
  private final LandingTable table;
  private final @Nullable PeopleTable people;

  /** By what the rows call it; what the options name. */
  private final Map<String, String> asked = new HashMap<>();

  private final List<@Nullable LandingColumn> columns = new ArrayList<>();
  private final Map<String, String> taken = new HashMap<>();

  /** Columns that are called what another is named to become. */
  private final Map<String, String> standing = new HashMap<>();

  private final Map<String, String> renamed = new LinkedHashMap<>();
  private final Map<String, String> leftOut = new TreeMap<>();
  private int id = -1;

  /**
   * @param table as it is; null where it is to be made
   */
  LandingColumns(
      LandingRequest request, @Nullable LandingTable table, @Nullable PeopleTable people) {
    this.request = request;
    this.table = table == null ? NEW : table;
    this.people = people;
    ask(request.id(), ID, "--id");
    if (people != null) {
      ask(request.email(), people.emails().getFirst(), "--email");
      ask(request.externalId(), people.externalId(), "--external-id");
      ask(request.updatedAt(), people.updatedAt(), "--updated-at");
    } else {
      ask(request.updatedAt(), "updated_at", "--updated-at");
    }
  }

  /**
   * What can be said of the options before any row is read.
   *
   * @throws Failure LANDING_COLUMN
   */
  static void checkOptions(LandingRequest request) {
    var unused =
        new LandingColumns(
            request, null, PeopleTable.named(request.tool(), request.table(), request.people()));
  }

  private void ask(@Nullable String column, String becomes, String option) {
    if (column == null) {
      return;
    }
    if (becomes.isEmpty()) {
      throw new Failure(
          Problem.LANDING_COLUMN,
          "%s has no place for what %s names: leave it out".formatted(request.name(), option));
    }
    String before = asked.put(ColumnNames.of(column), becomes);
    if (before != null) {
      throw new Failure(
          Problem.LANDING_COLUMN,
          "%s is named for %s and for %s: a column can be one of them"
              .formatted(column, before, becomes));
    }
  }

  /** Takes in columns that the rows have besides those so far. */
  void seen(List<String> names, Object place) {
    for (String name : names.subList(columns.size(), names.size())) {
      columns.add(column(name, place));
    }
  }

  private @Nullable LandingColumn column(String name, Object place) {
    String plain = ColumnNames.of(name);
    String becomes = asked.getOrDefault(plain, plain);
    if (!asked.containsKey(plain) && asked.containsValue(plain)) {
      standing.put(plain, name);
      return null;
    }
    if (isSegmentsUserId(plain)) {
      becomes = ID;
      if (taken.containsKey(ID)) {
        leftOut.put(name, "is the id");
        return null;
      }
    }
    if (table.computed().contains(becomes)) {
      leftOut.put(name, "the table computes it");
      return null;
    }
    String other = taken.put(becomes, name);
    if (other != null) {
      throw new Failure(
          Problem.LANDING_COLUMN,
          "%s: %s and %s would both become the column %s of %s. Rename one of them"
              .formatted(place, other, name, becomes, request.name()));
    }
    if (!becomes.equals(name)) {
      renamed.put(name, becomes);
    }
    if (becomes.equals(ID)) {
      id = columns.size();
    }
    ColumnType type = table.columns().get(becomes);
    return new LandingColumn(becomes, request.name(), type == null ? known(becomes) : type);
  }

  /** Segment's table has the user's id as id; what Selfsame shows has it as user_id too. */
  private boolean isSegmentsUserId(String plain) {
    return plain.equals("user_id")
        && request.name().equals("segment.users")
        && !asked.containsKey(plain);
  }

  /** What a column that a claim is made of must be; null where its values tell. */
  private @Nullable ColumnType known(String name) {
    if (people == null || table.columns().containsKey(name)) {
      return null;
    }
    if (name.equals(people.updatedAt())) {
      return ColumnType.TIME;
    }
    if (people.deleted().containsKey(name)) {
      return ColumnType.BOOLEAN;
    }
    boolean text =
        people.emails().contains(name)
            || people.externalId().equals(name)
            || people.names().stream()
                .anyMatch(each -> List.of(each.split("\\+", -1)).contains(name));
    return text ? ColumnType.TEXT : null;
  }

  /**
   * The cells as the store takes them.
   *
   * @throws Failure LANDING_VALUE for one that its column cannot take, or a row without id
   */
  @Nullable String[] cells(Rows.Row row) {
    @Nullable Cell[] given = row.cells();
    @Nullable String[] cells = new @Nullable String[columns.size()];
    for (int i = 0; i < Math.min(given.length, cells.length); i++) {
      Cell cell = given[i];
      LandingColumn column = columns.get(i);
      if (cell != null && column != null) {
        cells[i] = column.value(cell, row.place());
      }
    }
    checkId(cells, row);
    return cells;
  }

  private void checkId(@Nullable String[] cells, Rows.Row row) {
    if (id < 0) {
      check(row.place());
      throw missing(row.place());
    }
    String value = cells[id];
    if (value == null || value.isBlank()) {
      throw new Failure(
          Problem.LANDING_VALUE,
          "%s: the row has no id. Each needs one; the column is %s"
              .formatted(row.place(), taken.get(ID)));
    }
    if (value.length() > MOST_ID_CHARACTERS) {
      throw new Failure(
          Problem.LANDING_VALUE,
          "%s: the id has %d characters, and may have %d"
              .formatted(row.place(), value.length(), MOST_ID_CHARACTERS));
    }
  }

  /** PostgreSQL's index takes no more than 2,700 bytes. */
  private static final int MOST_ID_CHARACTERS = 600;

  /**
   * Checks, after the last row, that what the options name was there.
   *
   * @throws Failure LANDING_COLUMN
   */
  void check(Object place) {
    asked.forEach((column, becomes) -> {
      if (!taken.containsKey(becomes)) {
        throw new Failure(
            Problem.LANDING_COLUMN,
            "%s: there is no column %s. There are: %s".formatted(place, column, listed()));
      }
      String stands = standing.get(becomes);
      if (stands != null) {
        throw new Failure(
            Problem.LANDING_COLUMN,
            "%s: the rows have a column %s, and another is named for it. Rename one, or leave the option out"
                .formatted(place, stands));
      }
    });
    if (id < 0) {
      throw missing(place);
    }
  }

  private Failure missing(Object place) {
    return new Failure(
        Problem.LANDING_COLUMN,
        request.id() == null
            ? "%s: there is no column id. Name the one that tells rows apart with --id. There are: %s"
                .formatted(place, listed())
            : "%s: there is no column %s. There are: %s".formatted(place, request.id(), listed()));
  }

  private String listed() {
    List<String> names = new ArrayList<>(taken.values());
    names.addAll(standing.values());
    Collections.sort(names);
    return names.isEmpty() ? "none" : String.join(", ", names);
  }

  /** The columns that have a value somewhere, or are the table's. */
  List<Filled> filled() {
    List<Filled> filled = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      LandingColumn column = columns.get(i);
      ColumnType type = column == null ? null : column.type();
      if (column != null && type != null) {
        filled.add(new Filled(column.name(), type, i));
      }
    }
    return filled;
  }

  /** Those that the table lacks. */
  Map<String, ColumnType> added() {
    Map<String, ColumnType> added = new LinkedHashMap<>();
    for (Filled column : filled()) {
      if (!table.columns().containsKey(column.name())) {
        added.put(column.name(), column.type());
      }
    }
    return added;
  }

  Map<String, String> renamed() {
    return renamed;
  }

  Map<String, String> leftOut() {
    return leftOut;
  }
}
