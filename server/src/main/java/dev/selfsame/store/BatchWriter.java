package dev.selfsame.store;

import dev.selfsame.identity.Account;
import dev.selfsame.identity.Field;
import dev.selfsame.identity.Held;
import dev.selfsame.identity.Merge;
import dev.selfsame.identity.Part;
import dev.selfsame.identity.User;
import dev.selfsame.resolution.Decision;
import dev.selfsame.resolution.Flag;
import dev.selfsame.resolution.Rule;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * Writes a decided {@link Batch} in one transaction of its own connection. Encoding is done
 * beforehand, so that it can run while another batch commits.
 */
public final class BatchWriter {

  private static final List<PartColumns.Column> COPIED = PartColumns.COLUMNS;

  private static final String COPY_PARTS =
      "COPY selfsame.part (space, "
          + String.join(", ", COPIED.stream().map(PartColumns.Column::name).toList())
          + ", bars, updated_at, traits, landed_at) FROM STDIN (FORMAT binary)";

  private static final String COPY_IDENTIFIERS =
      "COPY selfsame.identifier (space, type, value, part, display, current, deleted, weak, source,"
          + " at, position, first_seen, last_seen) FROM STDIN (FORMAT binary)";

  private static final String COPY_LEDGER =
      "COPY selfsame.ledger (space, position, at, said_at, source, policy, part, outcome, rule,"
          + " reason, checks, flags, warnings, before, payload) FROM STDIN (FORMAT binary)";

  private static final String COPY_MESSAGES =
      "COPY selfsame.message_key (id, content, space, position, at) FROM STDIN (FORMAT binary)";

  /** A batch in the form in which it is sent. */
  public static final class Encoded {
    private final Batch batch;
    private final CopyRows parts = new CopyRows();
    private final CopyRows identifiers = new CopyRows();
    private final CopyRows ledger = new CopyRows();
    private final CopyRows messages = new CopyRows();
    private final List<PartColumns.Row> updates = new ArrayList<>();
    private final Set<PartColumns.Group> groups = EnumSet.noneOf(PartColumns.Group.class);
    private final List<Held> gone = new ArrayList<>();
    private final List<UUID> goneFrom = new ArrayList<>();
    private final List<Held> altered = new ArrayList<>();
    private final List<UUID> alteredOf = new ArrayList<>();
    private final Map<UUID, User> folded = new LinkedHashMap<>();
    private final Set<UUID> unfolded = new LinkedHashSet<>();

    private Encoded(Batch batch) {
      this.batch = batch;
    }

    public Batch batch() {
      return batch;
    }
  }

  private final Connection connection;
  private final int space;

  BatchWriter(Connection connection, int space) {
    this.connection = connection;
    this.space = space;
  }

  /**
   * Locks the space's row, and with it every other writer of the space, until the transaction ends.
   */
  void lock() throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "UPDATE selfsame.space SET position = position WHERE number = ?")) {
      statement.setInt(1, space);
      expect("UPDATE selfsame.space", 1, statement.executeUpdate());
    }
  }

  /**
   * Locks the space's row and takes the batch's positions, if the space still is as the batch
   * expects.
   *
   * @return false if another server wrote meanwhile, or the policy changed: the batch must be
   *     decided again under {@link #lock}
   */
  boolean takePositions(Batch batch) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "UPDATE selfsame.space SET position = ? WHERE number = ? AND position = ? AND"
                + " policy_version = ?")) {
      statement.setLong(1, batch.end());
      statement.setInt(2, space);
      statement.setLong(3, batch.base());
      statement.setInt(4, batch.policyVersion());
      return statement.executeUpdate() == 1;
    }
  }

  /** Works out what is to be sent; may run while another batch commits. */
  public static Encoded encode(Batch batch, int space) {
    Encoded to = new Encoded(batch);
    Snapshot snapshot = batch.snapshot();
    for (UUID id : batch.changed()) {
      StoredPart now = Objects.requireNonNull(snapshot.part(id));
      StoredPart was = batch.before().get(id);
      PartColumns.Row row = PartColumns.row(now, batch.updatedAt(id));
      if (was == null) {
        copyPart(to, row, space);
        for (Held held : row.others()) {
          copyIdentifier(to, held, id, space);
        }
      } else {
        update(to, PartColumns.row(was, null), row, space);
      }
      fold(to, now, was);
    }
    to.updates.sort(Comparator.comparing(row -> row.stored().id()));
    for (Batch.LedgerRow row : batch.ledger()) {
      copyLedger(to, row, space);
    }
    for (Batch.MessageRow row : batch.messages()) {
      to.messages.row(5);
      to.messages.add(CopyRows.Type.INT8, row.name());
      to.messages.add(CopyRows.Type.INT8, row.content());
      to.messages.add(CopyRows.Type.INT2, space);
      to.messages.add(CopyRows.Type.INT8, row.position());
      to.messages.add(CopyRows.Type.INT8, row.at());
    }
    return to;
  }

  private static void copyPart(Encoded to, PartColumns.Row row, int space) {
    CopyRows rows = to.parts;
    rows.row(COPIED.size() + 5);
    rows.add(CopyRows.Type.INT2, space);
    for (PartColumns.Column column : COPIED) {
      rows.add(column.type(), column.value().apply(row));
    }
    Set<UUID> bars = row.part().bars();
    rows.add(CopyRows.Type.UUID_ARRAY, bars.isEmpty() ? null : List.copyOf(bars));
    rows.add(
        CopyRows.Type.INT8, row.updatedAt() == null ? row.part().createdAt() : row.updatedAt());
    Batch.Landing landing = to.batch.landing(row.stored().id());
    rows.add(CopyRows.Type.JSONB, landing == null ? null : landing.all());
    rows.add(CopyRows.Type.INT8, landedAt(row.stored()));
  }

  private static @Nullable Long landedAt(StoredPart part) {
    return part.landedAt() == StoredPart.NEVER ? null : part.landedAt();
  }

  private static void copyIdentifier(Encoded to, Held held, UUID part, int space) {
    CopyRows rows = to.identifiers;
    rows.row(13);
    rows.add(CopyRows.Type.INT2, space);
    rows.add(CopyRows.Type.TEXT, held.type().name());
    rows.add(CopyRows.Type.TEXT, held.value());
    rows.add(CopyRows.Type.UUID, part);
    rows.add(CopyRows.Type.TEXT, display(held));
    rows.add(CopyRows.Type.BOOL, held.current());
    rows.add(CopyRows.Type.BOOL, held.deleted());
    rows.add(CopyRows.Type.BOOL, held.weak());
    rows.add(CopyRows.Type.INT2, held.source());
    rows.add(CopyRows.Type.INT8, held.at());
    rows.add(CopyRows.Type.INT8, held.position());
    rows.add(CopyRows.Type.INT8, held.firstSeen());
    rows.add(CopyRows.Type.INT8, held.lastSeen());
  }

  /** What was sent, where it differs from the value. */
  private static @Nullable String display(Held held) {
    return held.display().equals(held.value()) ? null : held.display();
  }

  private static void copyLedger(Encoded to, Batch.LedgerRow row, int space) {
    CopyRows rows = to.ledger;
    Decision decision = row.decision();
    rows.row(15);
    rows.add(CopyRows.Type.INT2, space);
    rows.add(CopyRows.Type.INT8, row.position());
    rows.add(CopyRows.Type.INT8, row.at());
    rows.add(CopyRows.Type.INT8, row.saidAt());
    rows.add(CopyRows.Type.INT2, row.source());
    rows.add(CopyRows.Type.INT4, to.batch.policyVersion());
    rows.add(CopyRows.Type.UUID, row.part());
    rows.add(CopyRows.Type.TEXT, decision.outcome().code());
    rows.add(CopyRows.Type.TEXT, decision.rule().code());
    rows.add(CopyRows.Type.TEXT, decision.reason() == null ? null : decision.reason().code());
    rows.add(
        CopyRows.Type.TEXT_ARRAY, listOrNull(decision.checks().stream().map(Rule::code).toList()));
    rows.add(
        CopyRows.Type.TEXT_ARRAY,
        listOrNull(decision.flags().stream().map(flag -> flag.kind().code()).distinct().toList()));
    rows.add(CopyRows.Type.TEXT_ARRAY, listOrNull(row.warnings()));
    rows.add(CopyRows.Type.JSONB, row.before());
    rows.add(CopyRows.Type.JSONB, row.payload());
  }

  private static @Nullable List<String> listOrNull(List<String> list) {
    return list.isEmpty() ? null : list;
  }

  private static void update(Encoded to, PartColumns.Row was, PartColumns.Row now, int space) {
    UUID id = now.stored().id();
    to.updates.add(now);
    for (PartColumns.Column column : COPIED) {
      if (!to.groups.contains(column.group())
          && !Objects.equals(column.value().apply(was), column.value().apply(now))) {
        to.groups.add(column.group());
      }
    }
    if (was.others().isEmpty() && now.others().isEmpty()) {
      return;
    }
    Set<Held> kept = new HashSet<>(was.others());
    for (Held held : now.others()) {
      if (kept.contains(held)) {
        continue;
      }
      if (was.others().stream().anyMatch(other -> other.id().equals(held.id()))) {
        to.altered.add(held);
        to.alteredOf.add(id);
      } else {
        copyIdentifier(to, held, id, space);
      }
    }
    for (Held held : was.others()) {
      if (now.others().stream().noneMatch(other -> other.id().equals(held.id()))) {
        to.gone.add(held);
        to.goneFrom.add(id);
      }
    }
  }

  private static void fold(Encoded to, StoredPart now, @Nullable StoredPart was) {
    User user = to.batch.snapshot().users().user(now.user());
    if (user != null && user.parts().size() > 1) {
      to.folded.put(user.id(), user);
    }
    if (was != null && was.compound() && !now.compound()) {
      to.unfolded.add(now.id());
    }
  }

  /** Writes everything but the space's row. The caller commits. */
  void write(Encoded encoded) throws SQLException, IOException {
    Batch batch = encoded.batch;
    deleteGone(encoded);
    copy(COPY_PARTS, encoded.parts);
    updateParts(encoded);
    copy(COPY_IDENTIFIERS, encoded.identifiers);
    updateAltered(encoded);
    insertMerges(batch.merges());
    writeFolded(encoded);
    copy(COPY_LEDGER, encoded.ledger);
    copy(COPY_MESSAGES, encoded.messages);
    insertFlags(batch.flags());
    writeAccounts(batch);
    writeCounts(batch);
    for (Batch.Erasure erasure : batch.erasures()) {
      erase(erasure);
    }
  }

  private void copy(String sql, CopyRows rows) throws SQLException, IOException {
    if (rows.rows() == 0) {
      return;
    }
    byte[] bytes = rows.finish();
    long written =
        connection
            .unwrap(PGConnection.class)
            .getCopyAPI()
            .copyIn(sql, new ByteArrayInputStream(bytes), 1 << 16);
    expect(sql, rows.rows(), written);
  }

  private void updateParts(Encoded encoded) throws SQLException {
    List<PartColumns.Row> rows = encoded.updates;
    if (rows.isEmpty()) {
      return;
    }
    List<PartColumns.Column> columns = new ArrayList<>();
    for (PartColumns.Column column : COPIED) {
      if (encoded.groups.contains(column.group())) {
        columns.add(column);
      }
    }
    boolean landings =
        rows.stream().anyMatch(row -> encoded.batch.landing(row.stored().id()) != null);
    StringBuilder set =
        new StringBuilder(
            "UPDATE selfsame.part AS p SET updated_at = coalesce(v.updated_at, p.updated_at)");
    StringBuilder from = new StringBuilder(" FROM unnest(?::uuid[], ?::int8[]");
    StringBuilder names = new StringBuilder(") AS v (id, updated_at");
    for (PartColumns.Column column : columns) {
      set.append(", ").append(column.name()).append(" = v.").append(column.name());
      if (column.type() == CopyRows.Type.JSONB) {
        set.append("::jsonb");
      }
      from.append(", ?::").append(arrayType(column)).append("[]");
      names.append(", ").append(column.name());
    }
    if (landings) {
      set.append(
          ", traits = CASE WHEN v.under IS NULL AND v.over IS NULL THEN p.traits ELSE"
              + " coalesce(v.under::jsonb, '{}') || coalesce(p.traits, '{}') ||"
              + " coalesce(v.over::jsonb, '{}') END, landed_at = v.landed_at");
      from.append(", ?::text[], ?::text[], ?::int8[]");
      names.append(", under, over, landed_at");
    }
    String sql =
        set.append(from)
            .append(names)
            .append(") WHERE p.space = ")
            .append(space)
            .append(" AND p.id = v.id")
            .toString();
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      int at = 1;
      statement.setArray(at++, array("uuid", rows, row -> row.stored().id()));
      statement.setArray(at++, array("int8", rows, PartColumns.Row::updatedAt));
      for (PartColumns.Column column : columns) {
        statement.setArray(at++, array(arrayType(column), rows, column.value()));
      }
      if (landings) {
        statement.setArray(at++, array("text", rows, row -> text(landing(encoded, row), true)));
        statement.setArray(at++, array("text", rows, row -> text(landing(encoded, row), false)));
        statement.setArray(at, array("int8", rows, row -> landedAt(row.stored())));
      }
      expect("UPDATE selfsame.part", rows.size(), statement.executeUpdate());
    }
  }

  private static Batch.@Nullable Landing landing(Encoded encoded, PartColumns.Row row) {
    return encoded.batch.landing(row.stored().id());
  }

  private static @Nullable String text(Batch.@Nullable Landing landing, boolean under) {
    byte[] json = landing == null ? null : under ? landing.under() : landing.over();
    return json == null ? null : new String(json, StandardCharsets.UTF_8);
  }

  private static String arrayType(PartColumns.Column column) {
    return column.type() == CopyRows.Type.JSONB ? "text" : column.type().sql();
  }

  private <T> Array array(String type, List<T> rows, Function<? super T, @Nullable Object> value)
      throws SQLException {
    @Nullable Object[] values =
        switch (type) {
          case "int8" -> new Long[rows.size()];
          case "int2" -> new Short[rows.size()];
          case "bool" -> new Boolean[rows.size()];
          case "text" -> new String[rows.size()];
          default -> new Object[rows.size()];
        };
    for (int row = 0; row < values.length; row++) {
      Object one = value.apply(rows.get(row));
      values[row] =
          one instanceof Integer number && type.equals("int2") ? (Object) number.shortValue() : one;
    }
    return connection.createArrayOf(type, values);
  }

  private void deleteGone(Encoded encoded) throws SQLException {
    if (encoded.gone.isEmpty()) {
      return;
    }
    try (PreparedStatement statement =
        connection.prepareStatement(
            "DELETE FROM selfsame.identifier i USING unnest(?::text[], ?::text[], ?::uuid[]) AS v"
                + " (type, value, part) WHERE i.space = ? AND i.type = v.type AND i.value = v.value"
                + " AND i.part = v.part")) {
      statement.setArray(1, array("text", encoded.gone, held -> held.type().name()));
      statement.setArray(2, array("text", encoded.gone, Held::value));
      statement.setArray(3, array("uuid", encoded.goneFrom, id -> id));
      statement.setInt(4, space);
      expect("DELETE FROM selfsame.identifier", encoded.gone.size(), statement.executeUpdate());
    }
  }

  private void updateAltered(Encoded encoded) throws SQLException {
    List<Held> altered = encoded.altered;
    if (altered.isEmpty()) {
      return;
    }
    try (PreparedStatement statement =
        connection.prepareStatement(
            "UPDATE selfsame.identifier i SET display = v.display, current = v.current, deleted ="
                + " v.deleted, weak = v.weak, source = v.source, at = v.at, position = v.position,"
                + " first_seen = v.first_seen, last_seen = v.last_seen FROM unnest(?::text[],"
                + " ?::text[], ?::uuid[], ?::text[], ?::bool[], ?::bool[], ?::bool[], ?::int2[],"
                + " ?::int8[], ?::int8[], ?::int8[], ?::int8[]) AS v (type, value, part, display,"
                + " current, deleted, weak, source, at, position, first_seen, last_seen) WHERE"
                + " i.space = ? AND i.type = v.type AND i.value = v.value AND i.part = v.part")) {
      statement.setArray(1, array("text", altered, held -> held.type().name()));
      statement.setArray(2, array("text", altered, Held::value));
      statement.setArray(3, array("uuid", encoded.alteredOf, id -> id));
      statement.setArray(4, array("text", altered, BatchWriter::display));
      statement.setArray(5, array("bool", altered, Held::current));
      statement.setArray(6, array("bool", altered, Held::deleted));
      statement.setArray(7, array("bool", altered, Held::weak));
      statement.setArray(8, array("int2", altered, Held::source));
      statement.setArray(9, array("int8", altered, Held::at));
      statement.setArray(10, array("int8", altered, Held::position));
      statement.setArray(11, array("int8", altered, Held::firstSeen));
      statement.setArray(12, array("int8", altered, Held::lastSeen));
      statement.setInt(13, space);
      expect("UPDATE selfsame.identifier", altered.size(), statement.executeUpdate());
    }
  }

  private void insertMerges(List<Batch.MergeRow> rows) throws SQLException {
    if (rows.isEmpty()) {
      return;
    }
    try (PreparedStatement statement =
        connection.prepareStatement(
            "INSERT INTO selfsame.merge (space, position, ordinal, survivor, absorbed, rule,"
                + " settled, merged_at) VALUES (?, ?, ?, ?, ?, ?, ?::jsonb, ?)")) {
      for (Batch.MergeRow row : rows) {
        Merge merge = row.merge();
        statement.setInt(1, space);
        statement.setLong(2, merge.position());
        statement.setInt(3, merge.ordinal());
        statement.setObject(4, merge.survivor());
        statement.setObject(5, merge.absorbed());
        statement.setString(6, merge.rule());
        statement.setString(7, merge.settled().isEmpty() ? null : Json.object(merge.settled()));
        statement.setLong(8, row.at());
        statement.addBatch();
      }
      statement.executeBatch();
    }
  }

  private void writeFolded(Encoded encoded) throws SQLException {
    if (!encoded.unfolded.isEmpty()) {
      try (PreparedStatement statement =
          connection.prepareStatement(
              "DELETE FROM selfsame.folded WHERE space = ? AND id = ANY(?)")) {
        statement.setInt(1, space);
        statement.setArray(2, connection.createArrayOf("uuid", encoded.unfolded.toArray()));
        statement.executeUpdate();
      }
    }
    if (encoded.folded.isEmpty()) {
      return;
    }
    try (PreparedStatement statement =
        connection.prepareStatement(
            "INSERT INTO selfsame.folded (space, id, external_id, email, name, billing_type,"
                + " billing_id, tools, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?,"
                + " ?::jsonb, ?, ?) ON CONFLICT (space, id) DO UPDATE SET external_id ="
                + " excluded.external_id, email = excluded.email, name = excluded.name,"
                + " billing_type = excluded.billing_type, billing_id = excluded.billing_id, tools ="
                + " excluded.tools, updated_at = greatest(selfsame.folded.updated_at,"
                + " excluded.updated_at)")) {
      for (User user : encoded.folded.values()) {
        Held externalId = user.externalId();
        Held email = user.email();
        Field name = user.name();
        Held billingId = user.liveBillingId();
        long updatedAt = user.root().createdAt();
        for (Part part : user.parts()) {
          Long at = encoded.batch.updatedAt(part.id());
          updatedAt = at == null ? updatedAt : Math.max(updatedAt, at);
        }
        statement.setInt(1, space);
        statement.setObject(2, user.id());
        statement.setString(3, externalId == null ? null : externalId.value());
        statement.setString(4, email == null ? null : email.value());
        statement.setString(5, name == null ? null : name.value());
        statement.setString(6, billingId == null ? null : billingId.type().name());
        statement.setString(7, billingId == null ? null : billingId.value());
        statement.setString(8, Tools.of(user.identifiers()));
        statement.setLong(9, user.root().createdAt());
        statement.setLong(10, updatedAt);
        statement.addBatch();
      }
      statement.executeBatch();
    }
  }

  private void insertFlags(List<Batch.FlagRow> rows) throws SQLException {
    if (rows.isEmpty()) {
      return;
    }
    try (PreparedStatement statement =
        connection.prepareStatement(
            "INSERT INTO selfsame.flag (space, position, ordinal, kind, users, about_type,"
                + " about_value, rule, opened_at, key) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON"
                + " CONFLICT (space, key) WHERE closed_at IS NULL DO NOTHING")) {
      for (Batch.FlagRow row : rows) {
        Flag flag = row.flag();
        statement.setInt(1, space);
        statement.setLong(2, row.position());
        statement.setInt(3, row.ordinal());
        statement.setString(4, flag.kind().code());
        statement.setArray(5, connection.createArrayOf("uuid", flag.users().toArray()));
        statement.setString(6, flag.about() == null ? null : flag.about().type().name());
        statement.setString(7, flag.about() == null ? null : flag.about().value());
        statement.setString(8, row.rule().code());
        statement.setLong(9, row.at());
        statement.setLong(10, Hashes.of(flag));
        statement.addBatch();
      }
      statement.executeBatch();
    }
  }

  private void writeAccounts(Batch batch) throws SQLException {
    if (!batch.accounts().isEmpty()) {
      try (PreparedStatement statement =
          connection.prepareStatement(
              "INSERT INTO selfsame.account (space, id, external_id, name, name_at, name_position,"
                  + " name_source, domain, domain_at, domain_position, domain_source, created_at,"
                  + " updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT"
                  + " (space, id) DO UPDATE SET name = excluded.name, name_at = excluded.name_at,"
                  + " name_position = excluded.name_position, name_source = excluded.name_source,"
                  + " domain = excluded.domain, domain_at = excluded.domain_at, domain_position ="
                  + " excluded.domain_position, domain_source = excluded.domain_source, updated_at"
                  + " = excluded.updated_at")) {
        for (Batch.AccountRow row : batch.accounts().values()) {
          Account account = row.account();
          statement.setInt(1, space);
          statement.setObject(2, account.id());
          statement.setString(3, account.externalId());
          set(statement, 4, account.name());
          set(statement, 8, account.domain());
          statement.setLong(12, row.at());
          statement.setLong(13, row.at());
          statement.addBatch();
        }
        statement.executeBatch();
      }
    }
    if (batch.links().isEmpty()) {
      return;
    }
    try (PreparedStatement statement =
        connection.prepareStatement(
            "INSERT INTO selfsame.account_part (space, account, part, source, position, first_seen)"
                + " VALUES (?, ?, ?, ?, ?, ?)")) {
      for (Batch.LinkRow row : batch.links()) {
        statement.setInt(1, space);
        statement.setObject(2, row.link().account());
        statement.setObject(3, row.link().part());
        statement.setInt(4, row.source());
        statement.setLong(5, row.position());
        statement.setLong(6, row.at());
        statement.addBatch();
      }
      statement.executeBatch();
    }
  }

  private static void set(PreparedStatement statement, int at, @Nullable Field field)
      throws SQLException {
    statement.setString(at, field == null ? null : field.value());
    statement.setObject(at + 1, field == null ? null : field.at(), Types.BIGINT);
    statement.setObject(at + 2, field == null ? null : field.position(), Types.BIGINT);
    statement.setObject(at + 3, field == null ? null : field.source(), Types.SMALLINT);
  }

  private void writeCounts(Batch batch) throws SQLException {
    Map<Batch.Count, Long> counts = batch.counts();
    if (counts.isEmpty()) {
      return;
    }
    try (PreparedStatement statement =
        connection.prepareStatement(
            "INSERT INTO selfsame.event_count AS c (space, source, type, minute, count) VALUES (?,"
                + " ?, ?, ?, ?) ON CONFLICT (space, source, type, minute) DO UPDATE SET count ="
                + " c.count + excluded.count")) {
      for (Map.Entry<Batch.Count, Long> count : counts.entrySet()) {
        statement.setInt(1, space);
        statement.setInt(2, count.getKey().source());
        statement.setString(3, count.getKey().type());
        statement.setLong(4, count.getKey().minute());
        statement.setLong(5, count.getValue());
        statement.addBatch();
      }
      statement.executeBatch();
    }
  }

  private void erase(Batch.Erasure erasure) throws SQLException {
    Object[] parts = erasure.parts().toArray();
    for (String sql :
        List.of(
            "DELETE FROM selfsame.part WHERE space = ? AND id = ANY(?)",
            "DELETE FROM selfsame.identifier WHERE space = ? AND part = ANY(?)",
            "DELETE FROM selfsame.folded WHERE space = ? AND id = ANY(?)",
            "DELETE FROM selfsame.account_part WHERE space = ? AND part = ANY(?)",
            "DELETE FROM selfsame.merge WHERE space = ? AND survivor = ANY(?)",
            "DELETE FROM selfsame.flag WHERE space = ? AND users && ?",
            "UPDATE selfsame.ledger SET payload = NULL, before = NULL WHERE space = ? AND part ="
                + " ANY(?)")) {
      try (PreparedStatement statement = connection.prepareStatement(sql)) {
        statement.setInt(1, space);
        statement.setArray(2, connection.createArrayOf("uuid", parts));
        statement.executeUpdate();
      }
    }
    try (PreparedStatement statement =
        connection.prepareStatement(
            "INSERT INTO selfsame.suppression (space, hash, position, at) VALUES (?, ?, ?, ?) ON"
                + " CONFLICT DO NOTHING")) {
      for (byte[] hash : erasure.suppressed()) {
        statement.setInt(1, space);
        statement.setBytes(2, hash);
        statement.setLong(3, erasure.position());
        statement.setLong(4, erasure.at());
        statement.addBatch();
      }
      statement.executeBatch();
    }
    try (PreparedStatement statement =
        connection.prepareStatement(
            "UPDATE selfsame.space SET suppressions = (SELECT count(*) FROM selfsame.suppression"
                + " WHERE space = number) WHERE number = ?")) {
      statement.setInt(1, space);
      statement.executeUpdate();
    }
  }

  private static void expect(String statement, long expected, long written) throws SQLException {
    if (expected != written) {
      throw new SQLException(
          "%s wrote %d rows; expected %d. Indicates a bug."
              .formatted(statement, written, expected));
    }
  }
}
