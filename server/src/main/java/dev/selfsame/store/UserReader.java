package dev.selfsame.store;

import dev.selfsame.identity.Account;
import dev.selfsame.identity.Field;
import dev.selfsame.identity.Held;
import dev.selfsame.identity.Identifier;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.Merge;
import dev.selfsame.identity.User;
import dev.selfsame.identity.Users;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Reads from one space what a batch of claims may touch into a {@link Snapshot}, a few statements
 * for the whole batch.
 */
final class UserReader {

  private static final JsonNode NOTHING = Json.MAPPER.createObjectNode();

  /** Of an email that more parts have, only a few of each sort are read. */
  private static final int HOLDERS = 8;

  private static final int HOLDERS_OF_A_SORT = 4;

  /** With this many more holders than emails are asked for, some email is shared by many. */
  private static final int FEW_MORE = 100;

  // OFFSET 0 keeps the planner from turning the join round: its plan is kept, and may have been
  // made while the tables were empty.
  private static final String BY_IDENTIFIER =
      """
      SELECT %1$s FROM selfsame.part p WHERE p.space = ? AND p.external_id = ANY(?)
      UNION ALL SELECT %1$s FROM selfsame.part p WHERE p.space = ? AND p.billing_id = ANY(?)
      UNION ALL SELECT %1$s FROM (
        SELECT space, part FROM selfsame.identifier WHERE space = ? AND value = ANY(?) AND type = ANY(?) OFFSET 0) i
        JOIN selfsame.part p ON p.space = i.space AND p.id = i.part
      UNION ALL SELECT %1$s FROM selfsame.part p WHERE p.space = ? AND p.id = ANY(?)
      """;

  private static final String BY_EMAIL =
      "SELECT %1$s FROM selfsame.part p WHERE p.space = ? AND p.email = ANY(?) LIMIT ?";

  /** The same, a few of each email. */
  private static final String FEW_BY_EMAIL =
      """
      SELECT %1$s FROM unnest(?::text[]) AS k (value)
      CROSS JOIN LATERAL (SELECT * FROM selfsame.part WHERE space = ? AND email = k.value LIMIT ?) p
      """;

  private static final String BY_SHARED_EMAIL =
      "SELECT * FROM (SELECT %1$s FROM selfsame.part p WHERE p.space = ? AND p.email = ? AND"
          + " p.external_id IS NULL\n"
          + "  LIMIT "
          + HOLDERS_OF_A_SORT
          + ") idless\n"
          + "UNION ALL SELECT * FROM (SELECT %1$s FROM selfsame.part p WHERE p.space = ? AND"
          + " p.email = ?\n"
          + "  AND p.external_id IS NOT NULL LIMIT "
          + HOLDERS_OF_A_SORT
          + ") identified";

  private static final String BY_USER =
      "SELECT %1$s FROM selfsame.part p WHERE p.space = ? AND p.id = ANY(?)\n"
          + "UNION ALL SELECT %1$s FROM selfsame.part p WHERE p.space = ? AND p.merged_into ="
          + " ANY(?)";

  private final Connection connection;
  private final int space;

  UserReader(Connection connection, int space) {
    this.connection = connection;
    this.space = space;
  }

  /**
   * Reads the users that hold any of the identifiers (emails aside), and those of the given parts.
   */
  void readHolders(Snapshot into, Collection<Identifier> identifiers, Collection<UUID> ids)
      throws SQLException {
    if (identifiers.isEmpty() && ids.isEmpty()) {
      return;
    }
    List<String> externalIds = new ArrayList<>();
    Set<String> billingIds = new LinkedHashSet<>();
    Set<String> types = new LinkedHashSet<>();
    Set<String> values = LinkedHashSet.newLinkedHashSet(identifiers.size());
    for (Identifier identifier : identifiers) {
      switch (identifier.type().kind()) {
        case EXTERNAL -> externalIds.add(identifier.value());
        case BILLING -> billingIds.add(identifier.value());
        case RECORD, EMAIL, FALLBACK -> {}
      }
      types.add(identifier.type().name());
      values.add(identifier.value());
    }
    Map<UUID, PartColumns.Read> found = new LinkedHashMap<>();
    try (PreparedStatement statement = prepare(BY_IDENTIFIER)) {
      statement.setInt(1, space);
      statement.setArray(2, connection.createArrayOf("text", externalIds.toArray(String[]::new)));
      statement.setInt(3, space);
      statement.setArray(4, connection.createArrayOf("text", billingIds.toArray(String[]::new)));
      statement.setInt(5, space);
      // Each value under every type that is asked for: what is found besides does no harm.
      statement.setArray(6, connection.createArrayOf("text", values.toArray(String[]::new)));
      statement.setArray(7, connection.createArrayOf("text", types.toArray(String[]::new)));
      statement.setInt(8, space);
      statement.setArray(9, connection.createArrayOf("uuid", ids.toArray()));
      collect(statement, found);
    }
    putWhole(into, found);
  }

  /** Reads the users that have any of the emails: all of a few, some of very many. */
  void readEmailHolders(Snapshot into, Collection<String> emails) throws SQLException {
    if (emails.isEmpty()) {
      return;
    }
    Map<UUID, PartColumns.Read> found = new LinkedHashMap<>();
    String[] asked = emails.toArray(String[]::new);
    int most = asked.length + FEW_MORE;
    try (PreparedStatement statement = prepare(BY_EMAIL)) {
      statement.setInt(1, space);
      statement.setArray(2, connection.createArrayOf("text", asked));
      statement.setInt(3, most + 1);
      collect(statement, found);
    }
    if (found.size() > most) {
      found.clear();
      try (PreparedStatement statement = prepare(FEW_BY_EMAIL)) {
        statement.setArray(1, connection.createArrayOf("text", asked));
        statement.setInt(2, space);
        statement.setInt(3, HOLDERS + 1);
        collect(statement, found);
      }
    }
    Map<String, Integer> counts = new HashMap<>();
    for (PartColumns.Read part : found.values()) {
      Held email = part.stored().part().current(IdentifierType.EMAIL);
      if (email != null) {
        counts.merge(email.value(), 1, Integer::sum);
      }
    }
    for (Map.Entry<String, Integer> count : counts.entrySet()) {
      if (count.getValue() > HOLDERS) {
        readSharedEmail(into, count.getKey(), found);
      }
    }
    putWhole(into, found);
    if (into.matchesPreviousEmails()) {
      readHolders(into, emails.stream().map(Identifier::email).toList(), List.of());
    }
  }

  private void readSharedEmail(Snapshot into, String email, Map<UUID, PartColumns.Read> found)
      throws SQLException {
    Map<UUID, PartColumns.Read> some = new LinkedHashMap<>();
    try (PreparedStatement statement = prepare(BY_SHARED_EMAIL)) {
      statement.setInt(1, space);
      statement.setString(2, email);
      statement.setInt(3, space);
      statement.setString(4, email);
      collect(statement, some);
    }
    int idless = 0;
    for (PartColumns.Read part : some.values()) {
      idless += part.stored().part().current(IdentifierType.EXTERNAL_ID) == null ? 1 : 0;
    }
    into.users()
        .moreHolders(email, idless == HOLDERS_OF_A_SORT, some.size() - idless == HOLDERS_OF_A_SORT);
    found.putAll(some);
  }

  /** Reads accounts, and which of the parts that are in the snapshot belong to them. */
  void readAccounts(Snapshot into, Collection<String> externalIds) throws SQLException {
    if (externalIds.isEmpty()) {
      return;
    }
    List<UUID> accounts = new ArrayList<>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT a.id, a.external_id, a.name, a.name_at, a.name_position, a.name_source,"
                + " a.domain, a.domain_at, a.domain_position, a.domain_source, k.external_id FROM"
                + " selfsame.account k JOIN selfsame.account a ON a.space = k.space AND a.id ="
                + " coalesce(k.merged_into, k.id) WHERE k.space = ? AND k.external_id = ANY(?)")) {
      statement.setInt(1, space);
      statement.setArray(2, connection.createArrayOf("text", externalIds.toArray(String[]::new)));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          UUID id = row.getObject(1, UUID.class);
          accounts.add(id);
          into.users().put(new Account(id, row.getString(2), field(row, 3), field(row, 7)));
          if (!row.getString(11).equals(row.getString(2))) {
            into.users().mergedAccount(row.getString(11), row.getString(2));
          }
        }
      }
    }
    if (accounts.isEmpty()) {
      return;
    }
    List<UUID> parts =
        into.users().all().stream()
            .flatMap(user -> user.parts().stream())
            .map(part -> part.id())
            .toList();
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT account, part, coalesce(-chosen, position), source FROM selfsame.account_part"
                + " WHERE space = ? AND account = ANY(?) AND part = ANY(?)")) {
      statement.setInt(1, space);
      statement.setArray(2, connection.createArrayOf("uuid", accounts.toArray()));
      statement.setArray(3, connection.createArrayOf("uuid", parts.toArray()));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          link(into, row);
        }
      }
    }
  }

  private static void link(Snapshot into, ResultSet row) throws SQLException {
    into.users()
        .link(
            row.getObject(1, UUID.class),
            row.getObject(2, UUID.class),
            new Users.Link(row.getLong(3), row.getInt(4)));
  }

  /** Every account of the users that are in the snapshot, and a few of each domain. */
  void readCompanies(Snapshot into, Collection<String> domains) throws SQLException {
    Object[] parts =
        into.users().all().stream()
            .flatMap(user -> user.parts().stream())
            .map(part -> part.id())
            .toArray();
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT account, part, coalesce(-chosen, position), source FROM selfsame.account_part"
                + " WHERE space = ? AND part = ANY(?)")) {
      statement.setInt(1, space);
      statement.setArray(2, connection.createArrayOf("uuid", parts));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          link(into, row);
        }
      }
    }
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            SELECT a.* FROM unnest(?::text[]) AS k (value) CROSS JOIN LATERAL (
              SELECT id, external_id, name, name_at, name_position, name_source, domain, domain_at, domain_position, domain_source
              FROM selfsame.account WHERE space = ? AND domain = k.value LIMIT ?) a
            """)) {
      statement.setArray(1, connection.createArrayOf("text", domains.toArray()));
      statement.setInt(2, space);
      statement.setInt(3, HOLDERS);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          into.users()
              .put(
                  new Account(
                      row.getObject(1, UUID.class),
                      row.getString(2),
                      field(row, 3),
                      field(row, 7)));
        }
      }
    }
  }

  void readNotes(Snapshot into, Collection<NoteRecord> records) throws SQLException {
    if (records.isEmpty()) {
      return;
    }
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT n.origin, n.record_id FROM unnest(?::text[], ?::text[]) AS k (origin,"
                + " record_id) JOIN selfsame.note n ON n.space = ? AND n.origin = k.origin AND"
                + " n.record_id = k.record_id")) {
      statement.setArray(
          1, connection.createArrayOf("text", records.stream().map(NoteRecord::origin).toArray()));
      statement.setArray(
          2,
          connection.createArrayOf("text", records.stream().map(NoteRecord::recordId).toArray()));
      statement.setInt(3, space);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          into.note(new NoteRecord(row.getString(1), row.getString(2)));
        }
      }
    }
  }

  private static @Nullable Field field(ResultSet row, int at) throws SQLException {
    String value = row.getString(at);
    return value == null
        ? null
        : new Field(value, row.getLong(at + 1), row.getLong(at + 2), row.getInt(at + 3), false);
  }

  /** Which of the identifiers an erasure bars, by their keyed hashes. */
  void readSuppressed(Snapshot into, Map<Identifier, byte[]> hashes) throws SQLException {
    if (hashes.isEmpty()) {
      return;
    }
    Map<String, Identifier> byHash = new HashMap<>();
    hashes.forEach((identifier, hash) -> byHash.put(Hashes.hex(hash), identifier));
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT hash FROM selfsame.suppression WHERE space = ? AND hash = ANY(?)")) {
      statement.setInt(1, space);
      statement.setArray(
          2, connection.createArrayOf("bytea", hashes.values().toArray(byte[][]::new)));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          Identifier barred = byHash.get(Hashes.hex(row.getBytes(1)));
          if (barred != null) {
            into.users().suppress(barred);
          }
        }
      }
    }
  }

  /**
   * The content hashes of messages at these places that were received from {@code since} and before
   * {@code until}, by the hash of their names.
   */
  Map<Long, Set<Long>> readMessages(Collection<Long> places, long since, long until)
      throws SQLException {
    Map<Long, Set<Long>> contents = new HashMap<>();
    if (places.isEmpty()) {
      return contents;
    }
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT id, content FROM selfsame.message_key WHERE place = ANY(?) AND at >= ? AND at <"
                + " ? AND space = ?")) {
      statement.setArray(1, connection.createArrayOf("int8", places.toArray(Long[]::new)));
      statement.setLong(2, since);
      statement.setLong(3, until);
      statement.setInt(4, space);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          contents.computeIfAbsent(row.getLong(1), name -> new HashSet<>(2)).add(row.getLong(2));
        }
      }
    }
    return contents;
  }

  private PreparedStatement prepare(String sql) throws SQLException {
    return connection.prepareStatement(sql.formatted(PartColumns.SELECTED));
  }

  private static void collect(PreparedStatement statement, Map<UUID, PartColumns.Read> found)
      throws SQLException {
    try (ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        PartColumns.Read part = PartColumns.read(rows);
        found.put(part.stored().id(), part);
      }
    }
  }

  /**
   * Completes each part's user with its other parts, merges and further identifiers, and puts it
   * into the snapshot.
   */
  private void putWhole(Snapshot into, Map<UUID, PartColumns.Read> found) throws SQLException {
    Set<UUID> compound = new LinkedHashSet<>();
    for (PartColumns.Read read : found.values()) {
      if (read.stored().compound() || read.stored().absorbed()) {
        compound.add(read.stored().user());
      }
    }
    Map<UUID, List<Merge>> merges = Map.of();
    if (!compound.isEmpty()) {
      try (PreparedStatement statement = prepare(BY_USER)) {
        statement.setInt(1, space);
        statement.setArray(2, connection.createArrayOf("uuid", compound.toArray()));
        statement.setInt(3, space);
        statement.setArray(4, connection.createArrayOf("uuid", compound.toArray()));
        collect(statement, found);
      }
      merges = readMerges(found);
    }
    Map<UUID, List<Held>> further = readFurther(found);
    Map<UUID, List<StoredPart>> users = new LinkedHashMap<>();
    for (PartColumns.Read read : found.values()) {
      StoredPart stored = read.with(further.getOrDefault(read.stored().id(), List.of()));
      users.computeIfAbsent(stored.user(), user -> new ArrayList<>(1)).add(stored);
    }
    for (Map.Entry<UUID, List<StoredPart>> entry : users.entrySet()) {
      List<StoredPart> parts = entry.getValue();
      User user =
          parts.size() == 1
              ? User.of(parts.getFirst().part())
              : User.of(
                  entry.getKey(),
                  parts.stream().map(StoredPart::part).toList(),
                  merges.getOrDefault(entry.getKey(), List.of()));
      into.put(user, parts);
    }
  }

  private Map<UUID, List<Merge>> readMerges(Map<UUID, PartColumns.Read> found) throws SQLException {
    Map<UUID, List<Merge>> merges = new HashMap<>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT position, ordinal, survivor, absorbed, rule, settled FROM selfsame.merge WHERE"
                + " space = ? AND survivor = ANY(?) AND undone_position IS NULL ORDER BY position,"
                + " ordinal")) {
      statement.setInt(1, space);
      statement.setArray(2, connection.createArrayOf("uuid", found.keySet().toArray()));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          UUID survivor = row.getObject(3, UUID.class);
          String said = row.getString(6);
          JsonNode settled = said == null ? NOTHING : Json.MAPPER.readTree(said);
          Merge merge =
              new Merge(
                  row.getLong(1),
                  row.getInt(2),
                  survivor,
                  row.getObject(4, UUID.class),
                  row.getString(5),
                  SurvivorshipJson.settled(settled),
                  SurvivorshipJson.survivorship(settled));
          PartColumns.Read part = found.get(survivor);
          if (part != null) {
            merges.computeIfAbsent(part.stored().user(), user -> new ArrayList<>()).add(merge);
          }
        }
      }
    }
    return merges;
  }

  private Map<UUID, List<Held>> readFurther(Map<UUID, PartColumns.Read> found) throws SQLException {
    List<UUID> holding = new ArrayList<>();
    for (PartColumns.Read read : found.values()) {
      if (read.moreIdentifiers()) {
        holding.add(read.stored().id());
      }
    }
    if (holding.isEmpty()) {
      return Map.of();
    }
    Map<UUID, List<Held>> further = new HashMap<>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT part, type, value, display, current, deleted, weak, source, at, position,"
                + " first_seen, last_seen FROM selfsame.identifier WHERE space = ? AND part ="
                + " ANY(?)")) {
      statement.setInt(1, space);
      statement.setArray(2, connection.createArrayOf("uuid", holding.toArray()));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          String value = row.getString(3);
          String display = row.getString(4);
          further
              .computeIfAbsent(row.getObject(1, UUID.class), part -> new ArrayList<>())
              .add(
                  new Held(
                      new Identifier(IdentifierType.of(row.getString(2)), value),
                      display == null ? value : display,
                      row.getBoolean(5),
                      row.getBoolean(6),
                      row.getBoolean(7),
                      row.getInt(8),
                      row.getLong(9),
                      row.getLong(10),
                      row.getLong(11),
                      row.getLong(12)));
        }
      }
    }
    return further;
  }
}
