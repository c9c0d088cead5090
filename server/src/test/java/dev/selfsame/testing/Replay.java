package dev.selfsame.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Source;
import dev.selfsame.identity.Users;
import dev.selfsame.resolution.Decision;
import dev.selfsame.resolution.Resolution;
import dev.selfsame.resolution.Stamp;
import dev.selfsame.store.Session;
import dev.selfsame.store.SpaceSettings;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import java.util.UUID;

/**
 * I6: the claims of the ledger, decided again in its order in an empty space, give the same
 * decisions and the same users.
 */
public final class Replay {

  /** Makes a claim of a ledger line again. */
  public interface Parser {
    Claim claim(String payload, Source source, long receivedAt, long saidAt);
  }

  private Replay() {}

  /** For claims that a test made itself: see {@link ClaimJson}. */
  public static void check(TestDatabase database) {
    check(
        database,
        (payload, source, receivedAt, saidAt) -> ClaimJson.claim(payload, source, saidAt));
  }

  public static void check(TestDatabase database, Parser parser) {
    SpaceSettings space;
    try (Session session = Session.open(database.open().sessions("replay"))) {
      space = session.settings("default");
    }
    Users users = new Users();
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT position, at, said_at, source, outcome, rule, reason, payload FROM"
                    + " selfsame.ledger WHERE space = 1 ORDER BY position")) {
      while (row.next()) {
        if ("internal_error".equals(row.getString(7))) {
          continue;
        }
        Source source = Objects.requireNonNull(space.sources().get(row.getInt(4)));
        Claim claim = parser.claim(row.getString(8), source, row.getLong(2), row.getLong(3));
        Stamp stamp = new Stamp(row.getLong(1), row.getLong(2), new UUID(1, row.getLong(1)));
        Decision decision = Resolution.decide(claim, stamp, users, space.policy());
        assertThat(decision.outcome().code() + " " + decision.rule().code())
            .as("I6 the decision at %d, of %s", stamp.position(), row.getString(8))
            .isEqualTo(row.getString(5) + " " + row.getString(6));
        decision.users().forEach(users::put);
        decision.accounts().forEach(users::put);
        decision
            .links()
            .forEach(link ->
                users.link(
                    link.account(),
                    link.part(),
                    new Users.Link(stamp.position(), source.number())));
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    assertThat(Describe.differences(StoredUsers.all(database), users.all()))
        .as("I6 the users")
        .isEmpty();
  }
}
