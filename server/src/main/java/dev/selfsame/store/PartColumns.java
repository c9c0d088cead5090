package dev.selfsame.store;

import static dev.selfsame.store.BinaryValues.Type.BOOL;
import static dev.selfsame.store.BinaryValues.Type.INT2;
import static dev.selfsame.store.BinaryValues.Type.INT8;
import static dev.selfsame.store.BinaryValues.Type.JSONB;
import static dev.selfsame.store.BinaryValues.Type.TEXT;
import static dev.selfsame.store.BinaryValues.Type.UUID;

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
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How a part becomes a row of {@code selfsame.part} and back. The current external id, email, name
 * and one billing id are columns; where their position is NULL they came with the claim that
 * created the part. Everything else that a part holds is a row of {@code selfsame.identifier}.
 */
final class PartColumns {

  record Column(String name, BinaryValues.Type type) {}

  /** Columns that change together: an update names only the groups that a row changed. */
  enum Group {
    FIXED(
        column("id", UUID),
        column("created_position", INT8),
        column("created_at", INT8),
        column("said_at", INT8),
        column("source", INT2),
        column("weak", BOOL)),
    LINK(column("merged_into", UUID), column("compound", BOOL)),
    MARKS(column("more_identifiers", BOOL), column("email_shared", BOOL)),
    EXTERNAL_ID(held("external", column("external_id", TEXT))),
    EMAIL(held("email", column("email", TEXT), column("email_display", TEXT))),
    NAME(stated("name", column("name", TEXT))),
    BILLING_ID(held("billing", column("billing_type", TEXT), column("billing_id", TEXT))),
    TOOLS(column("tools", JSONB));

    @SuppressWarnings("ImmutableEnumChecker") // a copy that cannot be changed
    private final List<Column> columns;

    Group(Column... columns) {
      this(List.of(columns));
    }

    Group(List<Column> columns) {
      this.columns = List.copyOf(columns);
    }

    List<Column> columns() {
      return columns;
    }

    private static Column column(String name, BinaryValues.Type type) {
      return new Column(name, type);
    }

    /** A value's columns, and those that say when, by which claim and from where it came. */
    private static List<Column> stated(String prefix, Column... value) {
      List<Column> columns = new ArrayList<>(List.of(value));
      columns.add(column(prefix + "_at", INT8));
      columns.add(column(prefix + "_position", INT8));
      columns.add(column(prefix + "_source", INT2));
      columns.add(column(prefix + "_weak", BOOL));
      return columns;
    }

    private static List<Column> held(String prefix, Column... value) {
      List<Column> columns = stated(prefix, value);
      columns.add(column(prefix + "_first", INT8));
      columns.add(column(prefix + "_last", INT8));
      return columns;
    }

    /** Writes the values of its columns, in their order. */
    void write(Row row, Target to) {
      Part part = row.part();
      switch (this) {
        case FIXED -> {
          to.next().add(part.id());
          to.next().add(part.createdPosition());
          to.next().add(part.createdAt());
          to.next().add(row.created().saidAt());
          to.next().addInt2(row.created().source());
          to.next().add(row.created().weak());
        }
        case LINK -> {
          to.next().add(row.stored().absorbed() ? row.stored().user() : null);
          to.next().add(row.stored().compound());
        }
        case MARKS -> {
          to.next().add(!row.others().isEmpty());
          to.next().add(row.stored().emailShared());
        }
        case EXTERNAL_ID -> {
          to.next().add(row.external() == null ? null : row.external().value());
          row.writeHeld(row.external(), to);
        }
        case EMAIL -> {
          to.next().add(row.email() == null ? null : row.email().value());
          to.next().add(row.email() == null ? null : display(row.email()));
          row.writeHeld(row.email(), to);
        }
        case NAME -> {
          Field name = part.name();
          to.next().add(name == null ? null : name.value());
          writeOrigin(name == null || row.cameWithCreation(name) ? null : name, to);
        }
        case BILLING_ID -> {
          to.next().add(row.billing() == null ? null : row.billing().type().name());
          to.next().add(row.billing() == null ? null : row.billing().value());
          row.writeHeld(row.billing(), to);
        }
        case TOOLS -> to.next().addJsonb(row.tools());
      }
    }

    /** Whether any of its columns may differ. */
    boolean differs(Row was, Row now) {
      return switch (this) {
        case FIXED -> false;
        case LINK ->
            !was.stored().user().equals(now.stored().user())
                || was.stored().compound() != now.stored().compound();
        case MARKS ->
            was.others().isEmpty() != now.others().isEmpty()
                || was.stored().emailShared() != now.stored().emailShared();
        case EXTERNAL_ID -> !Objects.equals(was.external(), now.external());
        case EMAIL -> !Objects.equals(was.email(), now.email());
        case NAME -> !Objects.equals(was.part().name(), now.part().name());
        case BILLING_ID -> !Objects.equals(was.billing(), now.billing());
        case TOOLS -> !Objects.equals(was.tools(), now.tools());
      };
    }
  }

  /** Where the next column's value goes: one place for all in a row, one for each in an update. */
  @FunctionalInterface
  interface Target {
    BinaryValues next();
  }

  /** What is written of one part. */
  record Row(
      StoredPart stored,
      @Nullable Held external,
      @Nullable Held email,
      @Nullable Held billing,
      List<Held> others,
      @Nullable String tools) {

    Part part() {
      return stored.part();
    }

    StoredPart.Created created() {
      return stored.created();
    }

    private boolean cameWithCreation(Stated value) {
      return value.position() == part().createdPosition()
          && value.at() == created().saidAt()
          && value.weak() == created().weak()
          && value.source() == created().source();
    }

    private void writeHeld(@Nullable Held held, Target to) {
      Held said =
          held == null || (cameWithCreation(held) && held.firstSeen() == part().createdAt())
              ? null
              : held;
      writeOrigin(said, to);
      to.next().add(said == null ? null : (Long) said.firstSeen());
      to.next()
          .add(held == null || held.lastSeen() == held.firstSeen() ? null : (Long) held.lastSeen());
    }
  }

  /** Null: it came with the part's creation, or is not there. */
  private static void writeOrigin(@Nullable Stated value, Target to) {
    if (value == null) {
      to.next().addNull();
      to.next().addNull();
      to.next().addNull();
      to.next().addNull();
    } else {
      to.next().add(value.at());
      to.next().add(value.position());
      to.next().addInt2(value.source());
      to.next().add(value.weak());
    }
  }

  private static final List<Group> GROUPS = List.of(Group.values());

  /**
   * In the order in which they are read and copied, space, bars, updated_at and the traits aside.
   */
  static final List<Column> COLUMNS =
      GROUPS.stream().flatMap(group -> group.columns().stream()).toList();

  /** What a reader selects, from a table called p. */
  static final String SELECTED =
      COLUMNS.stream().map(column -> "p." + column.name()).collect(Collectors.joining(", "))
          + ", p.bars, p.flagged, p.billing_dismissed, p.landed_at";

  private PartColumns() {}

  /** Writes the values of {@link #COLUMNS}. */
  static void write(Row row, BinaryValues to) {
    for (Group group : GROUPS) {
      group.write(row, () -> to);
    }
  }

  /** The groups in which the two rows of a part may differ. */
  static Set<Group> changed(Row was, Row now) {
    Set<Group> changed = EnumSet.noneOf(Group.class);
    for (Group group : GROUPS) {
      if (group.differs(was, now)) {
        changed.add(group);
      }
    }
    return changed;
  }

  /** What was sent, where it differs from the value. */
  static @Nullable String display(Held held) {
    return held.display().equals(held.value()) ? null : held.display();
  }

  static Row row(StoredPart stored) {
    Part part = stored.part();
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
    return new Row(stored, external, email, billing, others, Tools.of(part.identifiers()));
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

  /** Reads a row of {@link #SELECTED}. */
  static Read read(ResultSet from) throws SQLException {
    Cursor cursor = new Cursor(from);
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
          held(IdentifierType.of(billingType), billingId, null, billingOrigin, billingSeen));
    }
    cursor.text();
    Set<UUID> bars = cursor.uuids();
    StoredPart.Marks marks = cursor.marks();
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
        new StoredPart(part, created, user, compound, emailShared, marks, landedAt),
        moreIdentifiers);
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

    Cursor(ResultSet row) {
      this.row = row;
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

    StoredPart.Marks marks() throws SQLException {
      boolean flagged = bool();
      boolean billingDismissed = bool();
      return flagged || billingDismissed
          ? new StoredPart.Marks(flagged, billingDismissed)
          : StoredPart.Marks.NONE;
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
