package dev.selfsame.bench;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.UUID;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/**
 * Fills a hub's store with people, as if the hub had taken each in by one claim: a part, a line of
 * the ledger and a message key each. Nine in ten came by an identify, one in ten by an import that
 * has an email and a Stripe id. The indexes stay in place, so that they are as full as a hub leaves
 * them.
 */
final class Preload {

  private static final int BLOCK = 1 << 20;
  private static final int SEGMENT = 1;
  private static final int CSV = 2;

  private final Connection connection;
  private final long users;
  private final Cases cases;
  private final long firstMillis;

  /**
   * @param users how many; they are numbered from 1
   * @param now when they were taken in
   */
  Preload(Connection connection, long users, Instant now) {
    this(connection, users, Cases.NONE, now);
  }

  /**
   * @param cases what there is among them to review
   */
  Preload(Connection connection, long users, Cases cases, Instant now) {
    this.connection = connection;
    this.users = users;
    this.cases = cases;
    this.firstMillis = now.toEpochMilli() - (users + cases.lines()) / 4_096 - 10_000;
  }

  /** Takes out everybody, if there is anybody, and puts these in. */
  void run() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "TRUNCATE selfsame.part, selfsame.identifier, selfsame.merge, selfsame.folded,"
              + " selfsame.ledger, selfsame.message_key, selfsame.event_count,"
              + " selfsame.decision_count, selfsame.flag, selfsame.flag_user, selfsame.flag_count,"
              + " selfsame.same_email, selfsame.bar, selfsame.identifier_move, selfsame.account,"
              + " selfsame.account_part");
      copy(
          "selfsame.part (space, id, compound, more_identifiers, email_shared, created_position,"
              + " created_at, said_at, source, weak, updated_at, external_id, email, name,"
              + " billing_type, billing_id, tools, traits, landed_at, merged_into, bars, flagged)",
          this::part);
      copy(
          "selfsame.ledger (space, position, at, said_at, source, policy, part, outcome, rule,"
              + " flags, before, payload)",
          this::line);
      copy("selfsame.message_key (place, id, content, space, position, at)", this::key);
      new CaseRows(cases, this).copy(this::copy);
      statement.execute(CaseRows.counting());
      statement.execute(
          "UPDATE selfsame.space SET position = %d, users = %d, identified = %d, missing_billing = %3$d WHERE number = 1"
              .formatted(users + cases.lines(), users - cases.liveMerges(), missingBilling()));
      statement.execute(
          """
          INSERT INTO selfsame.decision_count
            (space, source, minute, rule, outcome, count, first_position, last_position)
          SELECT space, source, at / 60000000, rule, outcome, count(*), min(position), max(position)
          FROM selfsame.ledger GROUP BY 1, 2, 3, 4, 5
          """);
      if (users == 0) {
        // Of a new hub's tables PostgreSQL knows nothing.
        return;
      }
      statement.execute(
          "VACUUM (ANALYZE) selfsame.part, selfsame.identifier, selfsame.ledger,"
              + " selfsame.message_key, selfsame.space, selfsame.merge, selfsame.folded,"
              + " selfsame.flag, selfsame.flag_user, selfsame.flag_count, selfsame.same_email,"
              + " selfsame.bar");
      statement.execute("CHECKPOINT");
    }
  }

  /** Users that show an external id; none of them has a billing id. */
  private long missingBilling() {
    return users - users / People.IMPORT_EVERY - cases.liveMerges();
  }

  /** Writes the rows of the user of that number: mostly one, or none. */
  @FunctionalInterface
  interface Row {
    void write(BinaryRows to, long number);
  }

  private void copy(String target, Row row) throws SQLException {
    CopyIn copy =
        connection
            .unwrap(PGConnection.class)
            .getCopyAPI()
            .copyIn("COPY " + target + " FROM STDIN (FORMAT binary)");
    try {
      copy.writeToCopy(BinaryRows.HEAD, 0, BinaryRows.HEAD.length);
      BinaryRows rows = new BinaryRows();
      for (long number = 1; number <= users; number++) {
        row.write(rows, number);
        if (rows.size() > BLOCK || number == users) {
          byte[] block = rows.take();
          copy.writeToCopy(block, 0, block.length);
        }
      }
      copy.writeToCopy(BinaryRows.END, 0, BinaryRows.END.length);
      copy.endCopy();
    } finally {
      if (copy.isActive()) {
        copy.cancelCopy();
      }
    }
  }

  private void part(BinaryRows to, long number) {
    boolean imported = People.imported(number);
    StringBuilder text = new StringBuilder(64);
    to.row(22).int2(1).uuid(id(number)).bool(cases.survives(number)).bool(false);
    to.bool(cases.sharesEmail(number)).int8(number).int8(micros(number)).int8(micros(number));
    to.int2(imported ? CSV : SEGMENT).bool(false).int8(micros(number));
    if (imported) {
      to.nulls(1);
    } else {
      People.externalId(text, number);
      to.text(text);
    }
    text.setLength(0);
    People.email(text, cases.email(number), 0);
    to.text(text);
    text.setLength(0);
    People.name(text, number, 0);
    to.text(text);
    text.setLength(0);
    if (imported) {
      People.billingId(text, number);
      to.text("stripe_id").text(text).jsonb("{\"stripe_id\":\"" + text + "\"}").nulls(2);
    } else {
      to.nulls(3).jsonb(landed(number)).int8(micros(number));
    }
    if (cases.absorbed(number)) {
      to.uuid(id(number - 1));
    } else {
      to.nulls(1);
    }
    long other = cases.keptApart(number);
    if (other == 0) {
      to.nulls(1);
    } else {
      to.uuids(id(other));
    }
    to.bool(cases.flagged(number));
  }

  private static String landed(long number) {
    return "{\"referral_source\":\"" + People.referral(number) + "\",\"plan\":\"free\"}";
  }

  private void line(BinaryRows to, long number) {
    boolean imported = People.imported(number);
    StringBuilder json = new StringBuilder(256);
    if (imported) {
      json.append("{\"email\":\"");
      People.email(json, cases.email(number), 0);
      json.append("\",\"name\":\"");
      People.name(json, number, 0);
      json.append("\",\"billing_id\":\"");
      People.billingId(json, number);
      json.append("\"}");
    } else {
      json.append("{\"type\":\"identify\",\"userId\":\"");
      People.externalId(json, number);
      json.append("\",\"traits\":{\"email\":\"");
      People.email(json, cases.email(number), 0);
      json.append("\",\"name\":\"");
      People.name(json, number, 0);
      if (cases.billingOf(number) > 0) {
        json.append("\",\"billingUserId\":\"");
        People.billingId(json, cases.billingOf(number));
      }
      json.append("\",\"referral_source\":\"").append(People.referral(number));
      json.append("\",\"plan\":\"free\"},\"messageId\":\"preload-").append(number).append("\"}");
    }
    to.row(12).int2(1).int8(number).int8(micros(number)).int8(micros(number));
    to.int2(imported ? CSV : SEGMENT).int4(1).uuid(id(number)).text("created");
    to.text(imported ? "C5" : cases.rule(number));
    String flag = cases.raised(number);
    if (flag == null) {
      to.nulls(1);
    } else {
      to.texts(flag);
    }
    // Text, as the ledger has it.
    to.nulls(1).text(json);
  }

  private void key(BinaryRows to, long number) {
    long name = People.mix(-number);
    to.row(6).int8((micros(number) / 1_000_000) << 32 | (name & 0xFFFF_FFFFL));
    to.int8(name).int8(People.mix(number)).int2(1).int8(number);
    to.int8(micros(number));
  }

  long micros(long number) {
    return (firstMillis + number / 4_096) * 1_000;
  }

  /** A UUID of version 7, rising with the number, as the hub mints them. */
  UUID id(long number) {
    long high = (firstMillis + number / 4_096) << 16 | 0x7000 | number % 4_096;
    return new UUID(high, People.mix(number) >>> 2 | 0x8000000000000000L);
  }
}
