package dev.selfsame.bench;

import dev.selfsame.identity.Identifier;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.resolution.Flag;
import dev.selfsame.store.FlagId;
import dev.selfsame.store.Hashes;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;

/** Writes what there is to review among the people of a {@link Preload}, as the hub keeps it. */
final class CaseRows {

  private static final int CSV = 2;
  private static final int BY_HAND = 3;

  /** Copies the rows of all people into a table. */
  @FunctionalInterface
  interface Copying {
    void copy(String target, Preload.Row row) throws SQLException;
  }

  private final Cases cases;
  private final Preload people;

  CaseRows(Cases cases, Preload people) {
    this.cases = cases;
    this.people = people;
  }

  void copy(Copying to) throws SQLException {
    if (cases.users() == 0) {
      return;
    }
    to.copy(
        "selfsame.ledger (space, position, at, said_at, source, policy, part, outcome, rule,"
            + " payload)",
        this::lines);
    to.copy(
        "selfsame.merge (space, position, ordinal, survivor, absorbed, rule, settled, merged_at,"
            + " undone_position, undone_at)",
        this::merge);
    to.copy(
        "selfsame.folded (space, id, external_id, email, name, billing_type, billing_id, tools,"
            + " created_at, updated_at)",
        this::folded);
    to.copy("selfsame.bar (space, one, other, position, at, rule)", this::bar);
    to.copy(
        "selfsame.same_email (space, key, email, opened_at, closed_at, closed_position, closed_how,"
            + " users)",
        this::sameEmail);
    to.copy(
        "selfsame.flag (space, position, ordinal, kind, users, about_type, about_value, rule,"
            + " opened_at, key, closed_at, closed_position, closed_how)",
        this::flag);
    to.copy("selfsame.flag_user (space, part, position, ordinal)", this::flagUsers);
  }

  /** How many flags of each kind there are, as SQL. */
  static String counting() {
    return """
    INSERT INTO selfsame.flag_count (space, kind, open, closed)
    SELECT space, kind, count(*) FILTER (WHERE closed_at IS NULL), count(*) FILTER (WHERE closed_at IS NOT NULL)
    FROM (SELECT space, kind, closed_at FROM selfsame.flag
      UNION ALL SELECT space, 'same_email', closed_at FROM selfsame.same_email) f
    GROUP BY space, kind
    """;
  }

  private UUID id(long number) {
    return people.id(number);
  }

  private long at(long position) {
    return people.micros(position);
  }

  private void lines(BinaryRows to, long number) {
    long pair = cases.pair(number);
    if (pair > 0) {
      boolean byHand = cases.byHand(pair);
      StringBuilder payload = new StringBuilder();
      if (byHand) {
        payload.append("{\"act\":\"merge\",\"by\":\"token:bench\",\"fields\":{},\"users\":[\"");
        payload.append(id(number - 1)).append("\",\"").append(id(number)).append("\"]}");
      } else {
        payload.append("{\"external_id\":\"");
        People.externalId(payload, number - 1);
        payload.append("\",\"billing_id\":\"");
        People.billingId(payload, number);
        payload.append("\"}");
      }
      line(to, cases.mergedAt(pair), byHand ? BY_HAND : CSV, number - 1);
      to.text("merged").text(byHand ? "M1" : "C6").text(payload);
      if (cases.undone(pair)) {
        line(to, cases.undoneAt(pair), BY_HAND, number - 1);
        to.text("undone").text("U1");
        to.text(
            "{\"absorbed\":\"%s\",\"act\":\"undo\",\"by\":\"token:bench\",\"merge\":\"%d\",\"survivor\":\"%s\"}"
                .formatted(id(number), cases.mergedAt(pair), id(number - 1)));
      }
    }
    if (cases.emailDismissed(number)) {
      dismissed(to, number, FlagId.SameEmail.of(email(cases.email(number))).toString());
    }
    if (cases.billingDismissed(number)) {
      dismissed(to, number, number + ".0");
    }
  }

  private void dismissed(BinaryRows to, long number, String flag) {
    line(to, cases.dismissedAt(number), BY_HAND, number);
    to.text("updated").text("F1");
    to.text("{\"act\":\"dismiss\",\"by\":\"token:bench\",\"flag\":\"" + flag + "\"}");
  }

  private void line(BinaryRows to, long position, int source, long part) {
    to.row(10).int2(1).int8(position).int8(at(position)).int8(at(position));
    to.int2(source).int4(1).uuid(id(part));
  }

  private void merge(BinaryRows to, long number) {
    long pair = cases.pair(number);
    if (pair == 0) {
      return;
    }
    boolean byHand = cases.byHand(pair);
    UUID survivor = id(number - 1);
    to.row(10).int2(1).int8(cases.mergedAt(pair)).int2(0).uuid(survivor).uuid(id(number));
    to.text(byHand ? "M1" : "C6");
    // By hand the survivor's own fields stay; by a rule the latest show.
    to.jsonb(
        byHand
            ? "{\"external_id\":\"%1$s\",\"email\":\"%1$s\",\"name\":\"%1$s\"}".formatted(survivor)
            : null);
    to.int8(at(cases.mergedAt(pair)));
    if (cases.undone(pair)) {
      to.int8(cases.undoneAt(pair)).int8(at(cases.undoneAt(pair)));
    } else {
      to.nulls(2);
    }
  }

  private void folded(BinaryRows to, long number) {
    if (!cases.absorbed(number)) {
      return;
    }
    long pair = cases.pair(number);
    long shown = cases.byHand(pair) ? number - 1 : number;
    StringBuilder text = new StringBuilder(64);
    to.row(10).int2(1).uuid(id(number - 1));
    People.externalId(text, number - 1);
    to.text(text);
    to.text(email(cases.email(shown)));
    text.setLength(0);
    People.name(text, shown, 0);
    to.text(text);
    String billingId = billingId(number);
    to.text("stripe_id").text(billingId).jsonb("{\"stripe_id\":\"" + billingId + "\"}");
    to.int8(at(number - 1)).int8(at(cases.mergedAt(pair)));
  }

  private void bar(BinaryRows to, long number) {
    long pair = cases.pair(number);
    if (pair > 0 && cases.undone(pair)) {
      to.row(6).int2(1).uuid(id(number - 1)).uuid(id(number));
      to.int8(cases.undoneAt(pair)).int8(at(cases.undoneAt(pair))).text("U1");
    }
  }

  private void sameEmail(BinaryRows to, long number) {
    if (!cases.emailFlagged(number)) {
      return;
    }
    String email = email(cases.email(number));
    to.row(8).int2(1).uuid(FlagId.SameEmail.of(email).key()).text(email).int8(at(number));
    if (cases.emailDismissed(number)) {
      long closed = cases.dismissedAt(number);
      to.int8(at(closed)).int8(closed).text("dismiss").uuids(id(number - 1), id(number));
    } else {
      to.nulls(4);
    }
  }

  private void flag(BinaryRows to, long number) {
    long other = cases.billingOf(number);
    if (other == 0) {
      return;
    }
    Flag flag =
        new Flag(
            Flag.Kind.BILLING_ID_IN_USE,
            List.of(id(number), id(other)),
            new Identifier(IdentifierType.BILLING_ID, billingId(other)));
    to.row(13).int2(1).int8(number).int2(0).text(flag.kind().code()).uuids(id(number), id(other));
    to.text("billing_id").text(billingId(other)).text(cases.rule(number)).int8(at(number));
    to.int8(Hashes.of(flag));
    if (cases.billingDismissed(number)) {
      long closed = cases.dismissedAt(number);
      to.int8(at(closed)).int8(closed).text("dismiss");
    } else {
      to.nulls(3);
    }
  }

  private void flagUsers(BinaryRows to, long number) {
    long other = cases.billingOf(number);
    if (other > 0) {
      to.row(4).int2(1).uuid(id(number)).int8(number).int2(0);
      to.row(4).int2(1).uuid(id(other)).int8(number).int2(0);
    }
  }

  private static String email(long number) {
    StringBuilder text = new StringBuilder(48);
    People.email(text, number, 0);
    return text.toString();
  }

  private static String billingId(long number) {
    StringBuilder text = new StringBuilder(24);
    People.billingId(text, number);
    return text.toString();
  }
}
