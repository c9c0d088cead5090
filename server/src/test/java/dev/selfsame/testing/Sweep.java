package dev.selfsame.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.identity.Held;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.User;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
