package dev.selfsame.store;

import dev.selfsame.identity.Field;
import dev.selfsame.identity.Held;
import dev.selfsame.identity.Identifier;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.Part;
import dev.selfsame.identity.Stated;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How a part becomes a row of {@code selfsame.part} and back. The current external id, email, name
 * and one billing id are columns; where their position is NULL they came with the claim that
 * created the part. Everything else that a part holds is a row of {@code selfsame.identifier}.
 */
final class PartColumns {

  /**
   * Columns that change together: an update names only the groups that some row of the batch
   * changed.
   */
  enum Group {
    FIXED,
    LINK,
    FLAGS,
    EXTERNAL_ID,
    EMAIL,
    NAME,
    BILLING_ID,
    TOOLS
  }

  record Column(
      String name, CopyRows.Type type, Group group, Function<Row, @Nullable Object> value) {}

  /** What is written of one part. */
  record Row(
      StoredPart stored,
      @Nullable Held external,
      @Nullable Held email,
      @Nullable Held billing,
      List<Held> others,
      @Nullable String tools,
      @Nullable Long updatedAt,
      int createdSource,
      boolean createdWeak,
      long saidAt) {

    Part part() {
      return stored.part();
    }

    /**
     * What the column of a value says beside the value: null for one that came with the part's
     * creation.
     */
    private <T> @Nullable T unlessCreated(@Nullable Stated value, T origin) {
      return value == null || asCreated(value) ? null : origin;
    }

    private boolean asCreated(Stated value) {
      boolean origin =
          value.position() == part().createdPosition()
              && value.at() == saidAt
              && value.weak() == createdWeak;
      return switch (value) {
        case Field field -> origin && field.source() == createdSource;
        case Held held ->
            origin && held.source() == createdSource && held.firstSeen() == part().createdAt();
      };
    }
  }

  private static final List<Column> ALL = new ArrayList<>();

  static {
    add("id", CopyRows.Type.UUID, Group.FIXED, row -> row.stored().id());
    add("created_position", CopyRows.Type.INT8, Group.FIXED, row -> row.part().createdPosition());
    add("created_at", CopyRows.Type.INT8, Group.FIXED, row -> row.part().createdAt());
    add("said_at", CopyRows.Type.INT8, Group.FIXED, Row::saidAt);
    add("source", CopyRows.Type.INT2, Group.FIXED, Row::createdSource);
    add("weak", CopyRows.Type.BOOL, Group.FIXED, Row::createdWeak);
    add(
        "merged_into",
        CopyRows.Type.UUID,
        Group.LINK,
        row -> row.stored().absorbed() ? row.stored().user() : null);
    add("compound", CopyRows.Type.BOOL, Group.LINK, row -> row.stored().compound());
    add("more_identifiers", CopyRows.Type.BOOL, Group.FLAGS, row -> !row.others().isEmpty());
    add("email_shared", CopyRows.Type.BOOL, Group.FLAGS, row -> row.stored().emailShared());
    add("external_id", CopyRows.Type.TEXT, Group.EXTERNAL_ID, row -> value(row.external()));
    identifier("external", Group.EXTERNAL_ID, Row::external);
    add("email", CopyRows.Type.TEXT, Group.EMAIL, row -> value(row.email()));
    add("email_display", CopyRows.Type.TEXT, Group.EMAIL, row -> display(row.email()));
    identifier("email", Group.EMAIL, Row::email);
    add(
        "name",
        CopyRows.Type.TEXT,
        Group.NAME,
        row -> row.part().name() == null ? null : row.part().name().value());
    origin("name", Group.NAME, row -> row.part().name());
    add("billing_type", CopyRows.Type.TEXT, Group.BILLING_ID, row -> type(row.billing()));
    add("billing_id", CopyRows.Type.TEXT, Group.BILLING_ID, row -> value(row.billing()));
    identifier("billing", Group.BILLING_ID, Row::billing);
    add("tools", CopyRows.Type.JSONB, Group.TOOLS, Row::tools);
  }

  /**
   * In the order in which they are read and copied, space, bars, updated_at and the traits aside.
   */
  static final List<Column> COLUMNS = List.copyOf(ALL);

  /** What a reader selects, from a table called p. */
  static final String SELECTED =
      COLUMNS.stream().map(column -> "p." + column.name()).collect(Collectors.joining(", "))
          + ", p.bars, p.landed_at";

  private PartColumns() {}

  private static void add(
      String name, CopyRows.Type type, Group group, Function<Row, @Nullable Object> value) {
    ALL.add(new Column(name, type, group, value));
  }

  private static void origin(String prefix, Group group, Function<Row, @Nullable Stated> field) {
    add(prefix + "_at", CopyRows.Type.INT8, group, row -> with(row, field, Stated::at));
    add(prefix + "_position", CopyRows.Type.INT8, group, row -> with(row, field, Stated::position));
    add(
        prefix + "_source",
        CopyRows.Type.INT2,
        group,
        row -> with(row, field, PartColumns::source));
    add(prefix + "_weak", CopyRows.Type.BOOL, group, row -> with(row, field, Stated::weak));
  }

  private static void identifier(String prefix, Group group, Function<Row, @Nullable Held> held) {
    origin(prefix, group, held::apply);
    add(
        prefix + "_first",
        CopyRows.Type.INT8,
        group,
        row -> with(row, held::apply, PartColumns::firstSeen));
    add(
        prefix + "_last",
        CopyRows.Type.INT8,
        group,
        row -> {
          Held value = held.apply(row);
          return value == null || value.lastSeen() == value.firstSeen() ? null : value.lastSeen();
        });
  }

  private static @Nullable Object with(
      Row row, Function<Row, @Nullable Stated> field, Function<Stated, Object> origin) {
    Stated value = field.apply(row);
    return value == null ? null : row.unlessCreated(value, origin.apply(value));
  }

  private static Object source(Stated value) {
    return switch (value) {
      case Field field -> field.source();
      case Held held -> held.source();
    };
  }

  private static Object firstSeen(Stated value) {
    return switch (value) {
      case Field field -> field.at();
      case Held held -> held.firstSeen();
    };
  }

  private static @Nullable String value(@Nullable Held held) {
    return held == null ? null : held.value();
  }

  private static @Nullable String type(@Nullable Held held) {
    return held == null ? null : held.type().name();
  }

  private static @Nullable String display(@Nullable Held held) {
    return held == null || held.display().equals(held.value()) ? null : held.display();
  }

  static Row row(StoredPart stored, @Nullable Long updatedAt) {
    Part part = stored.part();
    StoredPart.Created created = stored.created();
    Held external = part.current(IdentifierType.EXTERNAL_ID);
    Held email = part.current(IdentifierType.EMAIL);
    Held billing = part.liveBillingId();
    List<Held> others = List.of();
    if (part.identifiers().size() > columns(external, email, billing)) {
      others = new ArrayList<>(part.identifiers());
      others.remove(external);
      others.remove(email);
      others.remove(billing);
    }
    return new Row(
        stored,
        external,
        email,
        billing,
        others,
        Tools.of(part.identifiers()),
        updatedAt,
        created.source(),
        created.weak(),
        created.saidAt());
  }

  private static int columns(
      @Nullable Held external, @Nullable Held email, @Nullable Held billing) {
    return (external == null ? 0 : 1) + (email == null ? 0 : 1) + (billing == null ? 0 : 1);
  }

  /** A part as read: its own row, before the rows of its further identifiers are added. */
  record Read(StoredPart stored, boolean moreIdentifiers) {

    /** With the rows of {@code selfsame.identifier} that belong to it. */
    StoredPart with(List<Held> further) {
      return further.isEmpty() ? stored : stored.with(whole(stored.part(), further));
    }
  }

  /** Reads a row of {@link #SELECTED} that follows {@code skip} other columns. */
  static Read read(ResultSet from, int skip) throws SQLException {
    Cursor cursor = new Cursor(from, skip);
    UUID id = cursor.uuid();
    long createdPosition = cursor.int8();
    long createdAt = cursor.int8();
    long saidAt = cursor.int8();
    int source = (int) cursor.int8();
    StoredPart.Created created = new StoredPart.Created(source, cursor.bool(), saidAt);
    UUID mergedInto = cursor.uuidOrNull();
    boolean compound = cursor.bool();
    boolean moreIdentifiers = cursor.bool();
    boolean emailShared = cursor.bool();
    List<Held> identifiers = new ArrayList<>(4);
    String externalId = cursor.text();
    Origin externalOrigin = cursor.origin(created, createdPosition);
    Seen externalSeen = cursor.seen(externalOrigin, createdAt);
    if (externalId != null) {
      identifiers.add(
          held(IdentifierType.EXTERNAL_ID, externalId, null, externalOrigin, externalSeen));
    }
    String email = cursor.text();
    String display = cursor.text();
    Origin emailOrigin = cursor.origin(created, createdPosition);
    Seen emailSeen = cursor.seen(emailOrigin, createdAt);
    if (email != null) {
      identifiers.add(held(IdentifierType.EMAIL, email, display, emailOrigin, emailSeen));
    }
    String name = cursor.text();
    Origin nameOrigin = cursor.origin(created, createdPosition);
    String billingType = cursor.text();
    String billingId = cursor.text();
    Origin billingOrigin = cursor.origin(created, createdPosition);
    Seen billingSeen = cursor.seen(billingOrigin, createdAt);
    if (billingType != null && billingId != null) {
      identifiers.add(
          held(new IdentifierType(billingType), billingId, null, billingOrigin, billingSeen));
    }
    cursor.text();
    Set<UUID> bars = cursor.uuids();
    long landedAt = cursor.int8Or(StoredPart.NEVER);
    Field named =
        name == null
            ? null
            : new Field(
                name,
                nameOrigin.at(),
                nameOrigin.position(),
                nameOrigin.source(),
                nameOrigin.weak());
    Part part = new Part(id, createdPosition, createdAt, named, identifiers, bars);
    UUID user = mergedInto == null ? id : mergedInto;
    return new Read(
        new StoredPart(part, created, user, compound, emailShared, landedAt), moreIdentifiers);
  }

  private static Held held(
      IdentifierType type, String value, @Nullable String display, Origin origin, Seen seen) {
    return new Held(
        new Identifier(type, value),
        display == null ? value : display,
        true,
        false,
        origin.weak(),
        origin.source(),
        origin.at(),
        origin.position(),
        seen.first(),
        seen.last());
  }

  private static Part whole(Part part, List<Held> further) {
    List<Held> all = new ArrayList<>(part.identifiers());
    all.addAll(further);
    all.sort(Comparator.comparingLong(Held::firstSeen).thenComparingLong(Held::position));
    return new Part(
        part.id(), part.createdPosition(), part.createdAt(), part.name(), all, part.bars());
  }

  private record Origin(boolean asCreated, long at, long position, int source, boolean weak) {}

  private record Seen(long first, long last) {}

  /** Reads one row from left to right. */
  private static final class Cursor {
    private final ResultSet row;
    private int column;

    Cursor(ResultSet row, int skip) {
      this.row = row;
      this.column = skip;
    }

    UUID uuid() throws SQLException {
      UUID value = uuidOrNull();
      if (value == null) {
        throw new SQLException("Column " + column + " of selfsame.part must not be null");
      }
      return value;
    }

    @Nullable UUID uuidOrNull() throws SQLException {
      return row.getObject(++column, UUID.class);
    }

    long int8() throws SQLException {
      return row.getLong(++column);
    }

    long int8Or(long absent) throws SQLException {
      long value = row.getLong(++column);
      return row.wasNull() ? absent : value;
    }

    boolean bool() throws SQLException {
      return row.getBoolean(++column);
    }

    @Nullable String text() throws SQLException {
      return row.getString(++column);
    }

    Set<UUID> uuids() throws SQLException {
      Array array = row.getArray(++column);
      return array == null ? Set.of() : Set.of((UUID[]) array.getArray());
    }

    Origin origin(StoredPart.Created created, long createdPosition) throws SQLException {
      long at = row.getLong(++column);
      long position = row.getLong(++column);
      boolean asCreated = row.wasNull();
      int source = row.getInt(++column);
      boolean weak = row.getBoolean(++column);
      return asCreated
          ? new Origin(true, created.saidAt(), createdPosition, created.source(), created.weak())
          : new Origin(false, at, position, source, weak);
    }

    Seen seen(Origin origin, long createdAt) throws SQLException {
      long first = row.getLong(++column);
      if (origin.asCreated()) {
        first = createdAt;
      }
      return new Seen(first, int8Or(first));
    }
  }
}
