package dev.selfsame.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.identity.Held;
import dev.selfsame.identity.Identifier;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.Part;
import dev.selfsame.identity.User;
import dev.selfsame.resolution.Flag;
import dev.selfsame.resolution.Flags;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The invariants I1 to I5 over everything that is stored: to be called at the end of every test
 * that writes.
 */
public final class Sweep {

  private Sweep() {}

  public static void invariants(TestDatabase database) {
    Collection<User> users = StoredUsers.all(database);
    oneHolderEach(users);
    oneHop(database);
    oneDecisionEach(database);
    published(database, users);
    flags(database, users);
  }

  /** What is kept of flags and bars is what users, flags and bars say; counts are recounts. */
  private static void flags(TestDatabase database, Collection<User> users) {
    assertThat(
            database.rows(
                """
                SELECT kind, open, closed FROM selfsame.flag_count WHERE open <> 0 OR closed <> 0 ORDER BY kind
                """))
        .as("counts of flags")
        .isEqualTo(
            database.rows(
                """
                SELECT kind, count(*) FILTER (WHERE closed_at IS NULL), count(*) FILTER (WHERE closed_at IS NOT NULL)
                FROM (SELECT kind, closed_at FROM selfsame.flag
                  UNION ALL SELECT 'same_email', closed_at FROM selfsame.same_email) f
                GROUP BY kind ORDER BY kind COLLATE "C"
                """));
    Map<UUID, User> byPart = new HashMap<>();
    Map<String, Set<User>> byEmail = new HashMap<>();
    Set<String> barred = new TreeSet<>();
    for (User user : users) {
      for (Part part : user.parts()) {
        byPart.put(part.id(), user);
        Held email = part.current(IdentifierType.EMAIL);
        if (email != null) {
          byEmail.computeIfAbsent(email.value(), value -> new LinkedHashSet<>()).add(user);
        }
        for (UUID bar : part.bars()) {
          boolean first = part.id().compareTo(bar) < 0;
          barred.add(first ? part.id() + "|" + bar : bar + "|" + part.id());
        }
      }
    }
    Set<String> shared = new TreeSet<>();
    byEmail.forEach((email, having) -> {
      if (Flags.sameEmail(having)) {
        shared.add(email);
      }
    });
    assertThat(database.rows("SELECT email FROM selfsame.same_email WHERE closed_at IS NULL"))
        .as("same_email that is not so")
        .isSubsetOf(shared);
    assertThat(shared)
        .as("same_email that is not told")
        .isSubsetOf(
            database.rows(
                "SELECT email FROM selfsame.same_email WHERE closed_at IS NULL OR closed_how ="
                    + " 'dismiss'"));
    Set<String> dismissed =
        Set.copyOf(
            database.rows(
                "SELECT id FROM selfsame.part WHERE billing_dismissed AND merged_into IS NULL"));
    long missing =
        users.stream()
            .filter(Flags::missingBillingId)
            .filter(user -> !dismissed.contains(user.id().toString()))
            .count();
    long identified = users.stream().filter(user -> user.externalId() != null).count();
    assertThat(
            database.rows(
                "SELECT users, identified, missing_billing FROM selfsame.space WHERE number = 1"))
        .as("users, those with an external id, those without a billing id")
        .containsExactly(users.size() + "|" + identified + "|" + missing);
    assertThat(
            database.rows(
                """
                SELECT * FROM (
                  SELECT source, at / 60000000 AS minute, rule, outcome, count(*) AS count,
                    min(position) AS first_position, max(position) AS last_position
                  FROM selfsame.ledger WHERE space = 1 GROUP BY 1, 2, 3, 4) l
                NATURAL FULL JOIN (SELECT source, minute, rule, outcome, count, first_position, last_position, true AS kept
                  FROM selfsame.decision_count WHERE space = 1) c
                WHERE kept IS NULL OR NOT EXISTS (SELECT FROM selfsame.ledger
                  WHERE space = 1 AND position = first_position AND rule = c.rule)
                """))
        .as("decisions that the counts by minute miss or have too many")
        .isEmpty();
    assertThat(
            database.rows(
                """
                SELECT f.position, f.ordinal FROM selfsame.flag f CROSS JOIN LATERAL unnest(f.users) u (id)
                JOIN selfsame.part p ON p.space = f.space AND p.id = u.id
                WHERE f.closed_at IS NULL AND NOT p.flagged
                """))
        .as("open flags whose users do not know")
        .isEmpty();
    for (String row :
        database.rows(
            """
            SELECT position, ordinal, kind, about_type, about_value, array_to_string(users, ',') FROM selfsame.flag
            WHERE closed_at IS NULL
            """)) {
      String[] columns = row.split("\\|", -1);
      Flag.Kind kind = Objects.requireNonNull(Flag.Kind.of(columns[2]));
      List<UUID> named =
          Arrays.stream(columns[5].split(",", -1))
              .filter(id -> !id.isEmpty())
              .map(UUID::fromString)
              .toList();
      Identifier about =
          columns[3].isEmpty() ? null : new Identifier(IdentifierType.of(columns[3]), columns[4]);
      // A customer that only the claim named is not to be seen in its user.
      if (kind != Flag.Kind.BILLING_CONFLICT) {
        assertThat(Flags.stands(new Flag(kind, named, about), byPart::get))
            .as("open flag %s", row)
            .isTrue();
      }
    }
    assertThat(
            database
                .rows(
                    "SELECT b.one, b.other FROM selfsame.bar b WHERE EXISTS (SELECT FROM"
                        + " selfsame.part p WHERE p.id IN (b.one, b.other) AND p.bars IS NOT"
                        + " NULL)")
                .stream()
                .sorted()
                .toList())
        .as("bars")
        .isEqualTo(List.copyOf(barred));
  }

  /** I1: an identifier other than an email has one live user. I2 where the space says so. */
  private static void oneHolderEach(Collection<User> users) {
    Map<String, Set<String>> holders = new HashMap<>();
    for (User user : users) {
      for (Held held : user.identifiers()) {
        if (!held.type().equals(IdentifierType.EMAIL)) {
          holders
              .computeIfAbsent(held.id().toString(), id -> new HashSet<>())
              .add(user.id().toString());
        }
      }
    }
    assertThat(holders)
        .allSatisfy((identifier, of) -> assertThat(of).as("I1 %s", identifier).hasSize(1));
  }

  /**
   * I2: where the space says so, an email has one live user, and the database holds that it has.
   */
  public static void uniqueEmails(TestDatabase database) {
    assertThat(
            database.rows(
                "SELECT email FROM selfsame.part WHERE space = 1 AND email IS NOT NULL GROUP BY"
                    + " email HAVING count(DISTINCT coalesce(merged_into, id)) > 1"))
        .as("I2 emails of several users")
        .isEmpty();
    assertThat(
            database.rows("SELECT email FROM selfsame.unique_email WHERE space = 1 ORDER BY email"))
        .as("I2 emails that the database holds")
        .isEqualTo(
            database.rows(
                "SELECT DISTINCT email FROM selfsame.part WHERE space = 1 AND email IS NOT NULL"
                    + " ORDER BY email"));
  }

  /** I3: an absorbed part points at a live root. */
  private static void oneHop(TestDatabase database) {
    assertThat(
            database.rows(
                "SELECT p.id FROM selfsame.part p LEFT JOIN selfsame.part r ON r.space = p.space"
                    + " AND r.id = p.merged_into WHERE p.merged_into IS NOT NULL AND (r.id IS NULL"
                    + " OR r.merged_into IS NOT NULL OR NOT r.compound)"))
        .as("I3 parts that point at no live root")
        .isEmpty();
    assertThat(
            database.rows(
                "SELECT m.position FROM selfsame.merge m JOIN selfsame.part a ON a.space = m.space"
                    + " AND a.id = m.absorbed WHERE m.undone_position IS NULL AND a.merged_into IS"
                    + " NULL"))
        .as("I3 merged users that live")
        .isEmpty();
  }

  /** I4: positions without gaps, one line each. */
  private static void oneDecisionEach(TestDatabase database) {
    assertThat(
            database.rows(
                "SELECT s.position, count(l.position), count(DISTINCT l.position),"
                    + " coalesce(max(l.position), 0) FROM selfsame.space s LEFT JOIN"
                    + " selfsame.ledger l ON l.space = s.number WHERE s.number = 1 GROUP BY"
                    + " s.position HAVING NOT (s.position = count(l.position) AND s.position ="
                    + " count(DISTINCT l.position) AND s.position = coalesce(max(l.position), 0))"))
        .as("I4 ledger positions that are missing or taken twice")
        .isEmpty();
  }

  /** I5: the views say what users and identifiers say. */
  private static void published(TestDatabase database, Collection<User> users) {
    List<String> shown = new ArrayList<>();
    List<String> held = new ArrayList<>();
    for (User user : users) {
      shown.add(
          String.join(
              "|",
              user.id().toString(),
              value(user.externalId()),
              value(user.email()),
              user.name() == null ? "" : user.name().value(),
              value(user.liveBillingId())));
      for (Held one : user.identifiers()) {
        held.add(user.id() + "|" + one.id().type() + "|" + one.value());
      }
    }
    same(database, "users", "SELECT id, external_id, email, name, billing_id FROM users", shown);
    same(database, "user_identifiers", "SELECT user_id, type, value FROM user_identifiers", held);
    same(
        database,
        "user_identities",
        "SELECT user_id, segment_id, email FROM user_identities",
        users.stream()
            .map(user -> user.id() + "|" + value(user.externalId()) + "|" + value(user.email()))
            .toList());
  }

  /** Sorted, since comparing in any order takes the square of their number. */
  private static void same(
      TestDatabase database, String view, String query, List<String> expected) {
    assertThat(database.rows(query).stream().sorted().toList())
        .as("I5 %s", view)
        .isEqualTo(expected.stream().sorted().toList());
  }

  private static String value(@Nullable Held held) {
    return held == null ? "" : held.value();
  }
}
