package dev.selfsame.store;

import dev.selfsame.identity.Account;
import dev.selfsame.identity.Field;
import dev.selfsame.identity.Held;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.Merge;
import dev.selfsame.identity.Part;
import dev.selfsame.identity.User;
import dev.selfsame.resolution.Decision;
import dev.selfsame.resolution.Rule;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/**
 * Writes a decided {@link Batch} in one transaction of its own connection. Encoding is done
 * beforehand, so that it can run while another batch commits.
 */
public final class BatchWriter {

  private static final String COPY_PARTS =
      "COPY selfsame.part (space, "
          + String.join(", ", PartColumns.COLUMNS.stream().map(PartColumns.Column::name).toList())
          + ", bars, updated_at, traits, landed_at) FROM STDIN (FORMAT binary)";

  private static final String COPY_IDENTIFIERS =
      "COPY selfsame.identifier (space, type, value, part, display, current, deleted, weak, source,"
          + " at, position, first_seen, last_seen) FROM STDIN (FORMAT binary)";

  private static final String COPY_LEDGER =
      "COPY selfsame.ledger (space, position, at, said_at, source, policy, part, outcome, rule,"
          + " reason, checks, flags, warnings, before, payload) FROM STDIN (FORMAT binary)";

  private static final String COPY_MESSAGES =
      "COPY selfsame.message_key (place, id, content, space, position, at) FROM STDIN (FORMAT"
          + " binary)";

  private static final int PART_BYTES = 512;
  private static final int LEDGER_BYTES = 768;
  private static final int MESSAGE_BYTES = 72;

  /** Up to so many, a statement more costs PostgreSQL more than columns that do not change. */
  private static final int FEW_UPDATES = 100;

  /** A batch in the form in which it is sent. */
  public static final class Encoded {
    private final Batch batch;
    private final CopyRows parts;
    private final CopyRows identifiers;
    private final CopyRows ledger;
    private final CopyRows messages;
    private final List<PartUpdates> updates = new ArrayList<>();
    private final List<Held> gone = new ArrayList<>();
    private final List<UUID> goneFrom = new ArrayList<>();

    /** Parts that lose their external id to another part of the batch. */
    private final List<UUID> freed = new ArrayList<>();

    private final Map<UUID, User> folded = new LinkedHashMap<>();
    private final Set<UUID> unfolded = new LinkedHashSet<>();

    /** By table: the rows as a JSON array. */
    private final Map<String, String> visits = new TreeMap<>();

    /**
     * Emails that somebody gained, lost or has under another user now; empty where they are shared.
     */
    private final Set<String> emails = new LinkedHashSet<>();

    private Encoded(Batch batch) {
      this.batch = batch;
      this.parts = new CopyRows(batch.changed().size() - batch.before().size(), PART_BYTES);
      this.identifiers = new CopyRows(0, 0);
      this.ledger = new CopyRows(batch.ledger().size(), LEDGER_BYTES);
      this.messages = new CopyRows(batch.messages().size(), MESSAGE_BYTES);
    }

    /** Nothing is added any more. */
    private Encoded finished() {
      parts.finish();
      identifiers.finish();
      ledger.finish();
      messages.finish();
      return this;
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
            "UPDATE selfsame.space SET position = ?, users = users + ?, identified = identified +"
                + " ?, missing_billing = missing_billing + ? WHERE number = ? AND position = ? AND"
                + " policy_version = ?")) {
      statement.setLong(1, batch.end());
      statement.setLong(2, batch.reviewed().users);
      statement.setLong(3, batch.reviewed().identified);
      statement.setLong(4, batch.reviewed().missingBilling);
      statement.setInt(5, space);
      statement.setLong(6, batch.base());
      statement.setInt(7, batch.policyVersion());
      return statement.executeUpdate() == 1;
    }
  }

  /** A part that is there already, in its next version. */
  private record Updated(PartColumns.Row row, @Nullable Long at, Batch.@Nullable Landing landing) {}

  /** Parts that one statement can update. */
  private record Alike(Set<PartColumns.Group> groups, boolean landing) {}

  /** Works out what is to be sent; may run while another batch commits. */
  public static Encoded encode(Batch batch, int space) {
    Encoded to = new Encoded(batch);
    Snapshot snapshot = batch.snapshot();
    Map<Alike, List<Updated>> updated = new HashMap<>();
    Map<String, UUID> givenUp = new HashMap<>();
    for (UUID id : batch.changed()) {
      StoredPart now = Objects.requireNonNull(snapshot.part(id));
      StoredPart was = batch.before().get(id);
      PartColumns.Row row = PartColumns.row(now);
      if (was == null) {
        copyPart(to, row, space);
        for (Held held : row.others()) {
          copyIdentifier(to, held, id, space);
        }
      } else {
        PartColumns.Row before = PartColumns.row(was);
        Batch.Landing landing = batch.landing(id);
        updated
            .computeIfAbsent(
                new Alike(PartColumns.changed(before, row), landing != null),
                alike -> new ArrayList<>())
            .add(new Updated(row, batch.updatedAt(id), landing));
        updateIdentifiers(to, before, row, space);
        String had = externalId(was);
        if (had != null && !had.equals(externalId(now))) {
          givenUp.put(had, id);
        }
      }
      fold(to, now, was);
      if (batch.uniqueEmails()) {
        touched(to, now);
        touched(to, was);
      }
    }
    for (UUID id : givenUp.isEmpty() ? Set.<UUID>of() : batch.changed()) {
      UUID from = givenUp.get(externalId(Objects.requireNonNull(snapshot.part(id))));
      if (from != null) {
        to.freed.add(from);
      }
    }
    together(updated).forEach((alike, parts) -> to.updates.add(updates(alike, parts, space)));
    for (Batch.LedgerRow row : batch.ledger()) {
      copyLedger(to, row, space);
    }
    for (Batch.MessageRow row : batch.messages()) {
      to.messages.row(6);
      to.messages.add(row.place());
      to.messages.add(row.name());
      to.messages.add(row.content());
      to.messages.addInt2(space);
      to.messages.add(row.position());
      to.messages.add(row.at());
    }
    Map<String, List<Map<String, String>>> visits = new HashMap<>();
    for (Batch.VisitRow row : batch.visits()) {
      visits.computeIfAbsent(row.table(), table -> new ArrayList<>()).add(row.columns());
    }
    visits.forEach((table, rows) -> to.visits.put(table, Json.array(rows)));
    return to.finished();
  }

  private static void touched(Encoded to, @Nullable StoredPart stored) {
    Held email = stored == null ? null : stored.part().current(IdentifierType.EMAIL);
    if (email != null) {
      to.emails.add(email.value());
    }
  }

  private static @Nullable String externalId(StoredPart stored) {
    Held current = stored.part().current(IdentifierType.EXTERNAL_ID);
    return current == null ? null : current.value();
  }

  /** Few updates share one statement, whatever each of them changes. */
  private static Map<Alike, List<Updated>> together(Map<Alike, List<Updated>> updated) {
    if (updated.values().stream().mapToInt(List::size).sum() > FEW_UPDATES) {
      return updated;
    }
    Set<PartColumns.Group> groups = EnumSet.noneOf(PartColumns.Group.class);
    boolean landing = false;
    List<Updated> all = new ArrayList<>();
    for (Map.Entry<Alike, List<Updated>> parts : updated.entrySet()) {
      groups.addAll(parts.getKey().groups());
      landing |= parts.getKey().landing();
      all.addAll(parts.getValue());
    }
    return all.isEmpty() ? Map.of() : Map.of(new Alike(groups, landing), all);
  }

  private static PartUpdates updates(Alike alike, List<Updated> parts, int space) {
    PartUpdates updates = new PartUpdates(alike.groups(), alike.landing(), space, parts.size());
    for (Updated part : parts) {
      updates.add(part.row(), part.at(), part.landing());
    }
    return updates;
  }

  private static void copyPart(Encoded to, PartColumns.Row row, int space) {
    CopyRows rows = to.parts;
    UUID id = row.stored().id();
    rows.row(PartColumns.COLUMNS.size() + 5);
    rows.addInt2(space);
    PartColumns.write(row, rows);
    rows.addUuids(row.part().bars());
    Long updatedAt = to.batch.updatedAt(id);
    rows.add(updatedAt == null ? row.part().createdAt() : updatedAt.longValue());
    Batch.Landing landing = to.batch.landing(id);
    rows.addJsonb(landing == null ? null : landing.all());
    rows.add(row.stored().landedAtOrNull());
  }

  private static void copyIdentifier(Encoded to, Held held, UUID part, int space) {
    CopyRows rows = to.identifiers;
    rows.row(13);
    rows.addInt2(space);
    rows.add(held.type().name());
    rows.add(held.value());
    rows.add(part);
    rows.add(PartColumns.display(held));
    rows.add(held.current());
    rows.add(held.deleted());
    rows.add(held.weak());
    rows.addInt2(held.source());
    rows.add(held.at());
    rows.add(held.position());
    rows.add(held.firstSeen());
    rows.add(held.lastSeen());
  }

  private static void copyLedger(Encoded to, Batch.LedgerRow row, int space) {
    CopyRows rows = to.ledger;
    Decision decision = row.decision();
    rows.row(15);
    rows.addInt2(space);
    rows.add(row.position());
    rows.add(row.at());
    rows.add(row.saidAt());
    rows.addInt2(row.source());
    rows.addInt4(to.batch.policyVersion());
    rows.add(row.part());
    rows.add(decision.outcome().code());
    rows.add(decision.rule().code());
    rows.add(decision.reason() == null ? null : decision.reason().code());
    rows.addTexts(codes(decision.checks(), Rule::code));
    rows.addTexts(codes(decision.flags(), flag -> flag.kind().code()));
    rows.addTexts(row.warnings());
    rows.add(row.before());
    rows.addText(row.payload());
  }

  /** Each code once. */
  private static <T> Collection<String> codes(Collection<T> of, Function<T, String> code) {
    if (of.isEmpty()) {
      return List.of();
    }
    Set<String> codes = new LinkedHashSet<>();
    for (T one : of) {
      codes.add(code.apply(one));
    }
    return codes;
  }

  private static void updateIdentifiers(
      Encoded to, PartColumns.Row was, PartColumns.Row now, int space) {
    if (was.others().isEmpty() && now.others().isEmpty()) {
      return;
    }
    UUID id = now.stored().id();
    Set<Held> held = new HashSet<>(was.others());
    for (Held one : now.others()) {
      if (!held.remove(one)) {
        copyIdentifier(to, one, id, space);
      }
    }
    // What changed was copied anew: its old row goes too.
    for (Held gone : held) {
      to.gone.add(gone);
      to.goneFrom.add(id);
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
  void write(Encoded encoded) throws SQLException {
    Batch batch = encoded.batch;
    deleteGone(encoded);
    freeExternalIds(encoded.freed);
    copy(COPY_PARTS, encoded.parts);
    for (PartUpdates updates : encoded.updates) {
      updates.run(connection);
    }
    copy(COPY_IDENTIFIERS, encoded.identifiers);
    insertMerges(batch.merges());
    undoMerges(batch.undone());
    unlink(batch.unlinked());
    insertMoved(batch.moved());
    writeFolded(encoded);
    copy(COPY_LEDGER, encoded.ledger);
    copy(COPY_MESSAGES, encoded.messages);
    writeAccounts(batch);
    insertNotes(batch.notes());
    writeCounts(batch);
    batch.decided().write(connection, space);
    writeVisits(encoded);
    insertMentions(batch.mentions());
    UniqueEmails unique = new UniqueEmails(connection, space);
    if (batch.uniqueEmails()) {
      for (Batch.Erasure erasure : batch.erasures()) {
        encoded.emails.addAll(unique.of(erasure.parts()));
      }
    }
    ErasureWriter erasing = new ErasureWriter(connection, space);
    for (Batch.Erasure erasure : batch.erasures()) {
      erasing.erase(erasure);
    }
    erasing.lift(batch.lifted());
    unique.keep(encoded.emails.stream().filter(email -> !batch.neverMatches(email)).toList());
    if (FlagWriter.needed(batch)) {
      new FlagWriter(connection, space, batch).write();
    }
  }

  /** No two parts may have the same one, not even within the transaction. */
  private void freeExternalIds(List<UUID> parts) throws SQLException {
    if (parts.isEmpty()) {
      return;
    }
    try (PreparedStatement statement =
        connection.prepareStatement(
            "UPDATE selfsame.part SET external_id = NULL WHERE space = ? AND id = ANY(?)")) {
      statement.setInt(1, space);
      statement.setArray(2, connection.createArrayOf("uuid", parts.toArray()));
      expect("UPDATE selfsame.part", parts.size(), statement.executeUpdate());
    }
  }

  private void copy(String sql, CopyRows rows) throws SQLException {
    if (rows.rows() == 0) {
      return;
    }
    CopyIn copy = connection.unwrap(PGConnection.class).getCopyAPI().copyIn(sql);
    try {
      copy.writeToCopy(rows.buffer(), 0, rows.size());
      expect(sql, rows.rows(), copy.endCopy());
    } finally {
      if (copy.isActive()) {
        copy.cancelCopy();
      }
    }
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
      statement.setArray(
          1,
          connection.createArrayOf(
              "text", encoded.gone.stream().map(held -> held.type().name()).toArray()));
      statement.setArray(
          2, connection.createArrayOf("text", encoded.gone.stream().map(Held::value).toArray()));
      statement.setArray(3, connection.createArrayOf("uuid", encoded.goneFrom.toArray()));
      statement.setInt(4, space);
      expect("DELETE FROM selfsame.identifier", encoded.gone.size(), statement.executeUpdate());
    }
  }

  private void insertMerges(List<Batch.MergeRow> rows) throws SQLException {
    if (rows.isEmpty()) {
      return;
    }
    try (PreparedStatement statement =
        connection.prepareStatement(
            "INSERT INTO selfsame.merge (space, position, ordinal, survivor, absorbed, rule,"
                + " settled, merged_at, instead) VALUES (?, ?, ?, ?, ?, ?, ?::jsonb, ?,"
                + " ?::jsonb)")) {
      for (Batch.MergeRow row : rows) {
        Merge merge = row.merge();
        statement.setInt(1, space);
        statement.setLong(2, merge.position());
        statement.setInt(3, merge.ordinal());
        statement.setObject(4, merge.survivor());
        statement.setObject(5, merge.absorbed());
        statement.setString(6, merge.rule());
        statement.setString(7, SurvivorshipJson.of(merge));
        statement.setLong(8, row.at());
        statement.setString(9, InsteadJson.of(row.instead()));
        statement.addBatch();
      }
      statement.executeBatch();
    }
  }

  private void undoMerges(List<Batch.UndoneRow> rows) throws SQLException {
    for (Batch.UndoneRow row : rows) {
      try (PreparedStatement statement =
          connection.prepareStatement(
              "UPDATE selfsame.merge SET undone_position = ?, undone_at = ? WHERE space = ? AND"
                  + " position = ? AND ordinal = ? AND undone_position IS NULL")) {
        statement.setLong(1, row.position());
        statement.setLong(2, row.at());
        statement.setInt(3, space);
        statement.setLong(4, row.merge());
        statement.setInt(5, row.ordinal());
        expect("UPDATE selfsame.merge", 1, statement.executeUpdate());
      }
    }
  }

  private void unlink(List<Batch.UnlinkedRow> rows) throws SQLException {
    for (Batch.UnlinkedRow row : rows) {
      try (PreparedStatement statement =
          connection.prepareStatement(
              "INSERT INTO selfsame.unlinking (space, position, part, new_part, undone_position,"
                  + " undone_at) VALUES (?, ?, ?, ?, ?, ?)")) {
        statement.setInt(1, space);
        statement.setLong(2, row.link());
        statement.setObject(3, row.from());
        statement.setObject(4, row.to());
        statement.setLong(5, row.position());
        statement.setLong(6, row.at());
        statement.executeUpdate();
      }
      if (!row.notes().isEmpty()) {
        try (PreparedStatement statement =
            connection.prepareStatement(
                "UPDATE selfsame.note SET part = ? WHERE space = ? AND part = ? AND id = ANY(?)")) {
          statement.setObject(1, row.to());
          statement.setInt(2, space);
          statement.setObject(3, row.from());
          statement.setArray(4, connection.createArrayOf("uuid", row.notes().toArray()));
          statement.executeUpdate();
        }
      }
      if (!row.accounts().isEmpty()) {
        try (PreparedStatement statement =
            connection.prepareStatement(
                "UPDATE selfsame.account_part SET part = ? WHERE space = ? AND part = ? AND account"
                    + " = ANY(?)")) {
          statement.setObject(1, row.to());
          statement.setInt(2, space);
          statement.setObject(3, row.from());
          statement.setArray(4, connection.createArrayOf("uuid", row.accounts().toArray()));
          statement.executeUpdate();
        }
      }
      if (!row.shared().isEmpty()) {
        try (PreparedStatement statement =
            connection.prepareStatement(
                "INSERT INTO selfsame.account_part (space, account, part, source, position,"
                    + " first_seen, chosen) SELECT space, account, ?, source, position, first_seen,"
                    + " chosen FROM"
                    + " selfsame.account_part WHERE space = ? AND part = ? AND account = ANY(?)")) {
          statement.setObject(1, row.to());
          statement.setInt(2, space);
          statement.setObject(3, row.from());
          statement.setArray(4, connection.createArrayOf("uuid", row.shared().toArray()));
          statement.executeUpdate();
        }
      }
      if (row.traits()) {
        landElsewhere(row);
      }
    }
  }

  private void landElsewhere(Batch.UnlinkedRow row) throws SQLException {
    try (PreparedStatement statement =
            connection.prepareStatement(
                "UPDATE selfsame.part n SET traits = coalesce(p.traits, '{}') || coalesce(n.traits,"
                    + " '{}'), landed_at = greatest(p.landed_at, n.landed_at) FROM selfsame.part p"
                    + " WHERE n.space = ? AND n.id = ? AND p.space = ? AND p.id = ? AND p.traits IS"
                    + " NOT NULL");
        PreparedStatement emptied =
            connection.prepareStatement(
                "UPDATE selfsame.part SET traits = NULL, landed_at = NULL WHERE space = ? AND id ="
                    + " ?")) {
      statement.setInt(1, space);
      statement.setObject(2, row.to());
      statement.setInt(3, space);
      statement.setObject(4, row.from());
      statement.executeUpdate();
      emptied.setInt(1, space);
      emptied.setObject(2, row.from());
      emptied.executeUpdate();
    }
  }

  private void insertMoved(List<Batch.MovedRow> rows) throws SQLException {
    if (rows.isEmpty()) {
      return;
    }
    try (PreparedStatement statement =
        connection.prepareStatement(
            "INSERT INTO selfsame.identifier_move (space, position, ordinal, type, value,"
                + " from_part, to_part) VALUES (?, ?, ?, ?, ?, ?, ?)")) {
      for (Batch.MovedRow row : rows) {
        statement.setInt(1, space);
        statement.setLong(2, row.position());
        statement.setInt(3, row.ordinal());
        statement.setString(4, row.moved().identifier().type().name());
        statement.setString(5, row.moved().identifier().value());
        statement.setObject(6, row.moved().from());
        statement.setObject(7, row.moved().to());
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
                + " billing_id, tools, created_at, updated_at, billing_dismissed) VALUES (?, ?, ?,"
                + " ?, ?, ?, ?, ?::jsonb, ?, ?, ?) ON CONFLICT (space, id) DO UPDATE SET"
                + " external_id = excluded.external_id, email = excluded.email, name ="
                + " excluded.name, billing_type = excluded.billing_type, billing_id ="
                + " excluded.billing_id, tools = excluded.tools, billing_dismissed ="
                + " excluded.billing_dismissed, updated_at = greatest(selfsame.folded.updated_at,"
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
        StoredPart root = encoded.batch.snapshot().part(user.id());
        statement.setBoolean(11, root != null && root.marks().billingDismissed());
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
                  + " updated_at, written_position, domain_gained) VALUES (?, ?, ?, ?, ?, ?, ?, ?,"
                  + " ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (space, id) DO UPDATE SET name ="
                  + " excluded.name, name_at = excluded.name_at, name_position ="
                  + " excluded.name_position, name_source = excluded.name_source, domain ="
                  + " excluded.domain, domain_at = excluded.domain_at, domain_position ="
                  + " excluded.domain_position, domain_source = excluded.domain_source,"
                  + " written_position = excluded.written_position, domain_gained ="
                  + " coalesce(excluded.domain_gained, selfsame.account.domain_gained), updated_at"
                  + " = greatest(selfsame.account.updated_at, excluded.updated_at)")) {
        for (Batch.AccountRow row : batch.accounts().values()) {
          Account account = row.account();
          statement.setInt(1, space);
          statement.setObject(2, account.id());
          statement.setString(3, account.externalId());
          set(statement, 4, account.name());
          set(statement, 8, account.domain());
          statement.setLong(12, row.at());
          statement.setLong(13, row.at());
          statement.setLong(14, batch.end());
          statement.setObject(15, row.gainsDomain() ? batch.end() : null, Types.BIGINT);
          statement.addBatch();
        }
        statement.executeBatch();
      }
    }
    writeTraits(batch);
    writeLinks(batch);
    for (Batch.GoneRow row : batch.gone()) {
      GoneAccounts.write(connection, space, row);
    }
  }

  private void writeTraits(Batch batch) throws SQLException {
    for (Batch.AccountTraits row : batch.accountTraits()) {
      try (PreparedStatement statement =
          connection.prepareStatement(
              "UPDATE selfsame.account SET traits = nullif(jsonb_strip_nulls(coalesce(traits, '{}')"
                  + " || ?::jsonb), '{}') WHERE space = ? AND id = ?")) {
        statement.setString(1, new String(row.traits(), StandardCharsets.UTF_8));
        statement.setInt(2, space);
        statement.setObject(3, row.account());
        expect("UPDATE selfsame.account", 1, statement.executeUpdate());
      }
    }
  }

  private void writeLinks(Batch batch) throws SQLException {
    if (batch.links().isEmpty()) {
      return;
    }
    for (Batch.LinkRow row : batch.links()) {
      switch (row.link().how()) {
        case ADDED -> {}
        case CHOSEN -> choose(row);
        case REMOVED -> removeLink(row);
      }
    }
    try (PreparedStatement statement =
        connection.prepareStatement(
            "INSERT INTO selfsame.account_part (space, account, part, source, position, first_seen)"
                + " VALUES (?, ?, ?, ?, ?, ?)")) {
      for (Batch.LinkRow row : batch.links()) {
        if (row.link().how() != Decision.Link.How.ADDED) {
          continue;
        }
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

  private void choose(Batch.LinkRow row) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "INSERT INTO selfsame.account_part (space, account, part, source, position, first_seen,"
                + " chosen) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (space, account, part) DO"
                + " UPDATE SET chosen = excluded.chosen")) {
      statement.setInt(1, space);
      statement.setObject(2, row.link().account());
      statement.setObject(3, row.link().part());
      statement.setInt(4, row.source());
      statement.setLong(5, row.position());
      statement.setLong(6, row.at());
      statement.setLong(7, row.position());
      expect("INSERT INTO selfsame.account_part", 1, statement.executeUpdate());
    }
  }

  private void removeLink(Batch.LinkRow row) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "DELETE FROM selfsame.account_part WHERE space = ? AND account = ? AND part = ?")) {
      statement.setInt(1, space);
      statement.setObject(2, row.link().account());
      statement.setObject(3, row.link().part());
      expect("DELETE FROM selfsame.account_part", 1, statement.executeUpdate());
    }
  }

  private void insertNotes(List<Batch.NoteRow> rows) throws SQLException {
    if (rows.isEmpty()) {
      return;
    }
    try (PreparedStatement statement =
        connection.prepareStatement(
            "INSERT INTO selfsame.note (space, id, position, source, title, content, display_url,"
                + " tags, origin, record_id, part, account, created_at, updated_at) VALUES (?, ?,"
                + " ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
      for (Batch.NoteRow row : rows) {
        NewNote note = row.note();
        NoteRecord record = note.record();
        statement.setInt(1, space);
        statement.setObject(2, note.id());
        statement.setLong(3, row.position());
        statement.setInt(4, row.source());
        statement.setString(5, note.title());
        statement.setString(6, note.content());
        statement.setString(7, note.displayUrl());
        statement.setArray(8, connection.createArrayOf("text", note.tags().toArray()));
        statement.setString(9, record == null ? null : record.origin());
        statement.setString(10, record == null ? null : record.recordId());
        statement.setObject(11, row.part(), Types.OTHER);
        statement.setObject(12, row.account(), Types.OTHER);
        statement.setLong(13, row.at());
        statement.setLong(14, row.at());
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

  private void writeVisits(Encoded encoded) throws SQLException {
    for (Map.Entry<String, String> rows : encoded.visits.entrySet()) {
      try (PreparedStatement statement =
          connection.prepareStatement(
              "INSERT INTO segment.%1$s SELECT * FROM json_populate_recordset(NULL::segment.%1$s, ?::json) ON CONFLICT (id) DO NOTHING"
                  .formatted(rows.getKey()))) {
        statement.setString(1, rows.getValue());
        statement.executeUpdate();
      }
    }
  }

  private void insertMentions(Collection<Batch.Mention> rows) throws SQLException {
    if (rows.isEmpty()) {
      return;
    }
    try (PreparedStatement statement =
        connection.prepareStatement(
            "INSERT INTO selfsame.mention (space, name, part, position) SELECT ?, m.name,"
                + " coalesce(m.part, '00000000-0000-0000-0000-000000000000'::uuid), m.position FROM"
                + " unnest(?::bigint[], ?::uuid[], ?::bigint[]) AS m (name, part, position) ON"
                + " CONFLICT DO NOTHING")) {
      statement.setInt(1, space);
      statement.setArray(
          2, connection.createArrayOf("bigint", rows.stream().map(Batch.Mention::name).toArray()));
      statement.setArray(
          3, connection.createArrayOf("uuid", rows.stream().map(Batch.Mention::part).toArray()));
      statement.setArray(
          4,
          connection.createArrayOf("bigint", rows.stream().map(Batch.Mention::position).toArray()));
      statement.executeUpdate();
    }
  }

  static void expect(String statement, long expected, long written) throws SQLException {
    if (expected != written) {
      throw new SQLException(
          "%s wrote %d rows; expected %d. Indicates a bug."
              .formatted(statement, written, expected));
    }
  }
}
