package dev.selfsame.store;

import dev.selfsame.identity.Identifier;
import dev.selfsame.identity.IdentifierType;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Takes users out of every table, in the transaction of the act or event that asked for it: parts
 * and identifiers, what the ledger says of them in their own lines and in others', and the rows of
 * tools that are theirs ({@link LandedErasure}). What stays is counts, times and keyed hashes.
 */
final class ErasureWriter {

  /** What lines of acts keep: what it was, and by whom. */
  private static final String KEPT =
      """
      CASE WHEN l.source IN (SELECT number FROM selfsame.source WHERE space = l.space AND channel = 'act')
        THEN jsonb_strip_nulls(jsonb_build_object('act', l.payload::jsonb -> 'act', 'by', l.payload::jsonb -> 'by',
          'origin', l.payload::jsonb -> 'origin', 'erased', true))::text END
      """;

  private static final int DEFAULT_SPACE = 1;

  private record Line(
      long position,
      long at,
      @Nullable UUID part,
      boolean whole,
      @Nullable String before,
      @Nullable String payload) {}

  private final Connection connection;
  private final int space;

  /** Whose lines lost something. */
  private final Set<UUID> struckFrom = new LinkedHashSet<>();

  private @Nullable Unpublished unpublished;

  ErasureWriter(Connection connection, int space) {
    this.connection = connection;
    this.space = space;
  }

  void erase(Batch.Erasure erasure) throws SQLException {
    Map<String, Long> counts = new LinkedHashMap<>();
    List<Identifier> own =
        erasure.identifiers().stream()
            .filter(identifier ->
                !identifier.type().equals(IdentifierType.EMAIL)
                    || !erasure.shared().contains(identifier.value()))
            .toList();
    unpublished = Unpublished.of(connection, space, erasure);
    counts.put("users", (long) erasure.users());
    counts.put("identifiers", erasure.parts().isEmpty() ? 0L : (long) erasure.identifiers().size());
    counts.put("ledger", ledger(erasure, own));
    touch(erasure);
    counts.put("parts", delete("selfsame.part WHERE space = ? AND id = ANY(?)", erasure));
    delete("selfsame.identifier WHERE space = ? AND part = ANY(?)", erasure);
    delete("selfsame.folded WHERE space = ? AND id = ANY(?)", erasure);
    counts.put(
        "account_users",
        delete("selfsame.account_part WHERE space = ? AND part = ANY(?)", erasure));
    counts.put(
        "merges",
        delete("selfsame.merge WHERE space = ? AND survivor = ANY(?)", erasure)
            + delete("selfsame.merge WHERE space = ? AND absorbed = ANY(?)", erasure));
    delete("selfsame.identifier_move WHERE space = ? AND from_part = ANY(?)", erasure);
    delete("selfsame.identifier_move WHERE space = ? AND to_part = ANY(?)", erasure);
    delete("selfsame.unlinking WHERE space = ? AND part = ANY(?)", erasure);
    delete("selfsame.unlinking WHERE space = ? AND new_part = ANY(?)", erasure);
    counts.put("notes", unattribute(erasure));
    delete("selfsame.sync_row WHERE space = ? AND part = ANY(?)", erasure);
    delete("selfsame.erasure_touched WHERE space = ? AND part = ANY(?)", erasure);
    forgetMoves(own);
    forgetInstead(erasure, own);
    forgetAbout(own);
    // Rows of tools land in the space that is there from the start alone, and members ask it alone.
    if (space == DEFAULT_SPACE) {
      new LandedErasure(connection, space, own).erase(counts);
      counts.put("landings", notes(erasure, own));
      counts.put("asked", asked(erasure, own));
    }
    counts.put("suppressions", suppress(erasure));
    forgetMentions(erasure, own);
    note(erasure, counts);
  }

  /** Their notes stay, as nobody's. */
  private long unattribute(Batch.Erasure erasure) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "UPDATE selfsame.note SET part = NULL WHERE space = ? AND part = ANY(?)")) {
      statement.setInt(1, space);
      statement.setArray(2, uuids(erasure.parts()));
      return statement.executeUpdate();
    }
  }

  /** An identifier may have moved between others before it was theirs. */
  private void forgetMoves(List<Identifier> own) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            DELETE FROM selfsame.identifier_move m USING unnest(?::text[], ?::text[]) AS v (type, value)
            WHERE m.space = ? AND m.type = v.type AND m.value = v.value
            """)) {
      statement.setArray(1, types(own));
      statement.setArray(2, values(own));
      statement.setInt(3, space);
      statement.executeUpdate();
    }
  }

  /** How these parts, and what is theirs by now, would stand beside others that were merged. */
  private void forgetInstead(Batch.Erasure erasure, List<Identifier> own) throws SQLException {
    try (PreparedStatement read =
            connection.prepareStatement(
                """
                SELECT position, ordinal, instead::text FROM selfsame.merge
                WHERE space = ? AND instead IS NOT NULL AND (instead ??| ?::text[] OR instead::text LIKE ANY(?))
                """);
        PreparedStatement write =
            connection.prepareStatement(
                "UPDATE selfsame.merge SET instead = ?::jsonb WHERE space = ? AND position = ? AND"
                    + " ordinal = ?")) {
      read.setInt(1, space);
      read.setArray(2, uuids(erasure.parts()));
      read.setArray(
          3,
          connection.createArrayOf(
              "text",
              Stream.concat(
                      own.stream().map(Identifier::value).map(Json.MAPPER::writeValueAsString),
                      erasure.parts().stream().map(UUID::toString))
                  .map(value -> "%" + pattern(value) + "%")
                  .toArray()));
      try (ResultSet row = read.executeQuery()) {
        while (row.next()) {
          write.setString(
              1, InsteadJson.without(row.getString(3), erasure.parts(), Set.copyOf(own)));
          write.setInt(2, space);
          write.setLong(3, row.getLong(1));
          write.setInt(4, row.getInt(2));
          write.addBatch();
        }
      }
      write.executeBatch();
    }
  }

  /**
   * Notes who had to do with them, as far as that is known once lines have lost what they said.
   * Comes before the rows that tell it go.
   */
  private void touch(Batch.Erasure erasure) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            WITH gone AS (SELECT unnest(?::uuid[]) AS id), theirs AS (SELECT unnest(?::text[]) AS email)
            INSERT INTO selfsame.erasure_touched (space, part, position)
            SELECT p.space, p.id, ? FROM selfsame.part p WHERE p.space = ? AND p.id NOT IN (SELECT id FROM gone) AND p.id IN (
              SELECT unnest(?::uuid[])
              UNION SELECT o.id FROM theirs JOIN selfsame.part o ON o.email = theirs.email
              UNION SELECT i.part FROM theirs JOIN selfsame.identifier i ON i.type = 'email' AND i.value = theirs.email
              UNION SELECT m.absorbed FROM gone JOIN selfsame.merge m ON m.survivor = gone.id
              UNION SELECT m.survivor FROM gone JOIN selfsame.merge m ON m.absorbed = gone.id
              UNION SELECT b.other FROM gone JOIN selfsame.bar b ON b.one = gone.id
              UNION SELECT b.one FROM gone JOIN selfsame.bar b ON b.other = gone.id
              UNION SELECT v.to_part FROM gone JOIN selfsame.identifier_move v ON v.from_part = gone.id
              UNION SELECT v.from_part FROM gone JOIN selfsame.identifier_move v ON v.to_part = gone.id
              UNION SELECT unnest(f.users) FROM gone JOIN selfsame.flag_user u ON u.part = gone.id
                JOIN selfsame.flag f ON f.space = u.space AND f.position = u.position AND f.ordinal = u.ordinal)
            ON CONFLICT DO NOTHING
            """)) {
      statement.setArray(1, uuids(erasure.parts()));
      statement.setArray(
          2,
          connection.createArrayOf(
              "text",
              erasure.identifiers().stream()
                  .filter(identifier -> identifier.type().equals(IdentifierType.EMAIL))
                  .map(Identifier::value)
                  .toArray()));
      statement.setLong(3, erasure.position());
      statement.setInt(4, space);
      statement.setArray(5, uuids(struckFrom));
      statement.executeUpdate();
    }
  }

  private long delete(String from, Batch.Erasure erasure) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement("DELETE FROM " + from)) {
      statement.setInt(1, space);
      statement.setArray(2, uuids(erasure.parts()));
      return statement.executeUpdate();
    }
  }

  // ---- the ledger ----

  private long ledger(Batch.Erasure erasure, List<Identifier> own) throws SQLException {
    long changed;
    try (PreparedStatement statement =
        connection.prepareStatement(
            "UPDATE selfsame.ledger l SET before = NULL, payload = %s WHERE l.space = ? AND l.part = ANY(?) AND (l.before IS NOT NULL OR l.payload IS NOT NULL)"
                .formatted(KEPT))) {
      statement.setInt(1, space);
      statement.setArray(2, uuids(erasure.parts()));
      changed = statement.executeUpdate();
    }
    Struck struck = new Struck(own);
    List<Line> lines = mentioning(erasure, own);
    List<Line> whole = lines.stream().filter(Line::whole).toList();
    if (!whole.isEmpty()) {
      try (PreparedStatement statement =
          connection.prepareStatement(
              "UPDATE selfsame.ledger l SET before = NULL, payload = %s WHERE l.space = ? AND l.position = ? AND l.at = ?"
                  .formatted(KEPT))) {
        for (Line line : whole) {
          statement.setInt(1, space);
          statement.setLong(2, line.position());
          statement.setLong(3, line.at());
          statement.addBatch();
          noteStruck(line);
          if (unpublished != null) {
            unpublished.struck(line.before());
          }
        }
        statement.executeBatch();
        changed += whole.size();
      }
    }
    try (PreparedStatement statement =
        connection.prepareStatement(
            "UPDATE selfsame.ledger SET before = ?, payload = ? WHERE space = ? AND position = ?"
                + " AND at = ?")) {
      for (Line line : lines) {
        String before = line.before() == null ? null : struck.from(line.before(), erasure.parts());
        String payload =
            line.payload() == null ? null : struck.from(line.payload(), erasure.parts());
        boolean same =
            Objects.equals(before, line.before()) && Objects.equals(payload, line.payload());
        if (!line.whole() && !same) {
          statement.setString(1, before);
          statement.setString(2, payload);
          statement.setInt(3, space);
          statement.setLong(4, line.position());
          statement.setLong(5, line.at());
          statement.addBatch();
          noteStruck(line);
          changed++;
        }
      }
      statement.executeBatch();
    }
    return changed;
  }

  private void noteStruck(Line line) {
    if (line.part() != null) {
      struckFrom.add(line.part());
    }
  }

  /**
   * Lines that are not the users' own and name them. Those of no part, and acts, go as a whole;
   * others are somebody else's.
   */
  private List<Line> mentioning(Batch.Erasure erasure, List<Identifier> own) throws SQLException {
    Long[] names = names(erasure, own);
    List<Line> lines = new ArrayList<>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            WITH m AS MATERIALIZED (
              SELECT part, position FROM selfsame.mention WHERE name = ANY(?) AND space = ?)
            SELECT l.position, l.at, l.part IS NULL OR o.channel = 'act', l.before, l.payload, l.part
            FROM selfsame.ledger l JOIN selfsame.source o ON o.space = l.space AND o.number = l.source
            WHERE l.space = ? AND (l.part IS NULL OR l.part <> ALL(?)) AND (l.before IS NOT NULL OR l.payload IS NOT NULL)
              AND l.position <> ?
              AND (l.position IN (SELECT position FROM m WHERE position > 0)
                OR l.part IN (SELECT part FROM m WHERE position = 0)
                OR (l.position <= (SELECT mentions_after FROM selfsame.space WHERE number = l.space)
                  AND lower(coalesce(l.payload, '') || coalesce(l.before, '')) LIKE ANY(?)))
            """)) {
      statement.setArray(1, connection.createArrayOf("bigint", names));
      statement.setInt(2, space);
      statement.setInt(3, space);
      statement.setArray(4, uuids(erasure.parts()));
      statement.setLong(5, erasure.position());
      statement.setArray(
          6,
          connection.createArrayOf(
              "text",
              Stream.concat(
                      own.stream().map(Identifier::value),
                      erasure.parts().stream().map(UUID::toString))
                  .map(value -> "%" + pattern(value.toLowerCase(Locale.ROOT)) + "%")
                  .toArray()));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          lines.add(
              new Line(
                  row.getLong(1),
                  row.getLong(2),
                  row.getObject(6, UUID.class),
                  row.getBoolean(3),
                  row.getString(4),
                  row.getString(5)));
        }
      }
    }
    return lines;
  }

  private static String pattern(String value) {
    return value.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_");
  }

  private static Long[] names(Batch.Erasure erasure, List<Identifier> own) {
    Set<Long> names = new LinkedHashSet<>();
    own.forEach(identifier -> names.add(Hashes.name(identifier)));
    erasure.parts().forEach(part -> names.add(Hashes.name(part)));
    return names.toArray(Long[]::new);
  }

  private void forgetMentions(Batch.Erasure erasure, List<Identifier> own) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "DELETE FROM selfsame.mention WHERE name = ANY(?) AND space = ?")) {
      statement.setArray(1, connection.createArrayOf("bigint", names(erasure, own)));
      statement.setInt(2, space);
      statement.executeUpdate();
    }
  }

  // ---- what names the users beside ----

  /** Flags of other users about an identifier of theirs stay, without saying which. */
  private void forgetAbout(List<Identifier> own) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            UPDATE selfsame.flag f SET about_type = NULL, about_value = NULL, key = -(f.position * 1000 + f.ordinal)
            FROM unnest(?::text[], ?::text[]) AS v (type, value)
            WHERE f.space = ? AND f.about_type = v.type AND f.about_value = v.value
            """)) {
      statement.setArray(1, types(own));
      statement.setArray(2, values(own));
      statement.setInt(3, space);
      statement.executeUpdate();
    }
  }

  /** Notes of landings that quote them. */
  private long notes(Batch.Erasure erasure, List<Identifier> own) throws SQLException {
    List<String> words = new ArrayList<>(erasure.names());
    own.forEach(identifier -> words.add(identifier.value()));
    Struck struck = Struck.words(words);
    long changed = 0;
    try (PreparedStatement read =
            connection.prepareStatement("SELECT id, request, counts, error FROM selfsame.landing");
        PreparedStatement write =
            connection.prepareStatement(
                "UPDATE selfsame.landing SET request = ?::jsonb, counts = ?::jsonb, error ="
                    + " ?::jsonb WHERE id = ?");
        ResultSet row = read.executeQuery()) {
      while (row.next()) {
        @Nullable String[] said = {row.getString(2), row.getString(3), row.getString(4)};
        boolean any = false;
        for (int i = 0; i < said.length; i++) {
          String was = said[i];
          String now = was == null ? null : struck.from(was, Set.of());
          any |= !Objects.equals(was, now);
          write.setString(i + 1, now);
        }
        if (any) {
          write.setObject(4, row.getObject(1, UUID.class));
          write.addBatch();
          changed++;
        }
      }
      write.executeBatch();
    }
    return changed;
  }

  /** What members asked in SQL, where it names them. */
  private long asked(Batch.Erasure erasure, List<Identifier> own) throws SQLException {
    List<String> words = new ArrayList<>(erasure.names());
    own.forEach(identifier -> words.add(identifier.value()));
    Struck struck = Struck.words(words);
    List<UUID> naming = new ArrayList<>();
    try (PreparedStatement read =
            connection.prepareStatement("SELECT id, sql FROM selfsame.asked");
        ResultSet row = read.executeQuery()) {
      while (row.next()) {
        if (struck.stands(row.getString(2))) {
          naming.add(row.getObject(1, UUID.class));
        }
      }
    }
    try (PreparedStatement statement =
        connection.prepareStatement("DELETE FROM selfsame.asked WHERE id = ANY(?)")) {
      statement.setArray(1, connection.createArrayOf("uuid", naming.toArray()));
      return statement.executeUpdate();
    }
  }

  // ---- what stays ----

  private long suppress(Batch.Erasure erasure) throws SQLException {
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
    count();
    return erasure.suppressed().size();
  }

  private void count() throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "UPDATE selfsame.space SET suppressions = (SELECT count(*) FROM selfsame.suppression"
                + " WHERE space = number) WHERE number = ?")) {
      statement.setInt(1, space);
      statement.executeUpdate();
    }
  }

  private void note(Batch.Erasure erasure, Map<String, Long> counts) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "INSERT INTO selfsame.erasure (space, position, at, rule, source, suppressed, counts)"
                + " VALUES (?, ?, ?, ?, ?, ?, ?::jsonb)")) {
      statement.setInt(1, space);
      statement.setLong(2, erasure.position());
      statement.setLong(3, erasure.at());
      statement.setString(4, erasure.rule().code());
      statement.setInt(5, erasure.source());
      statement.setBoolean(6, erasure.suppresses());
      statement.setString(7, Json.MAPPER.writeValueAsString(counts));
      statement.executeUpdate();
    }
  }

  /** Takes suppressions away. */
  void lift(List<String> suppressions) throws SQLException {
    if (suppressions.isEmpty()) {
      return;
    }
    try (PreparedStatement statement =
        connection.prepareStatement(
            "DELETE FROM selfsame.suppression WHERE space = ? AND hash = ANY(?)")) {
      statement.setInt(1, space);
      statement.setArray(
          2,
          connection.createArrayOf(
              "bytea", suppressions.stream().map(Hashes::hash).toArray(byte[][]::new)));
      BatchWriter.expect(
          "DELETE FROM selfsame.suppression", suppressions.size(), statement.executeUpdate());
    }
    count();
  }

  private Array types(List<Identifier> own) throws SQLException {
    return connection.createArrayOf("text", own.stream().map(i -> i.type().name()).toArray());
  }

  private Array values(List<Identifier> own) throws SQLException {
    return connection.createArrayOf("text", own.stream().map(Identifier::value).toArray());
  }

  private Array uuids(Set<UUID> ids) throws SQLException {
    return connection.createArrayOf("uuid", ids.toArray());
  }
}
