package dev.selfsame.store;

import dev.selfsame.identity.Identifier;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One connection to the store, for deciding and writing batches. Every method throws {@link
 * SessionFailure}. Not thread-safe, except that {@link #close} may be called from anywhere.
 */
public final class Session implements AutoCloseable {

  /** Where sessions come from. */
  public interface Connector {
    /** A new connection of the kind that writes, not in auto-commit. */
    Connection connect() throws SQLException;
  }

  private interface Work<T> {
    T run() throws SQLException;
  }

  private final Connection connection;
  private final Map<String, CurrentSettings> settings = new HashMap<>();

  private Session(Connection connection) {
    this.connection = connection;
  }

  /** For writing: after {@link #lock} each statement sees what was committed before it began. */
  public static Session open(Connector connector) {
    try {
      return new Session(connector.connect());
    } catch (SQLException e) {
      // Whatever the reason: without a connection there is nothing that could be refused.
      throw new SessionFailure(SessionFailure.Kind.AWAY, e);
    }
  }

  /** For reading beside a writer: all statements up to a commit see the same moment. */
  public static Session openReading(Connector connector) {
    Session session = open(connector);
    guard(() -> {
      session.connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      return true;
    });
    return session;
  }

  public SpaceSettings settings(String space) {
    return guard(() -> settings.computeIfAbsent(space, CurrentSettings::new).read(connection));
  }

  /**
   * Reads the users that hold any of the identifiers (emails aside), and those of the given parts.
   */
  public void readHolders(
      int space, Snapshot into, Collection<Identifier> identifiers, Collection<UUID> ids) {
    guard(() -> {
      new UserReader(connection, space).readHolders(into, identifiers, ids);
      return true;
    });
  }

  /** Reads the users that have any of the emails: all of a few, some of very many. */
  public void readEmailHolders(int space, Snapshot into, Collection<String> emails) {
    guard(() -> {
      new UserReader(connection, space).readEmailHolders(into, emails);
      return true;
    });
  }

  /** Reads accounts, and which of the parts that are in the snapshot belong to them. */
  public void readAccounts(int space, Snapshot into, Collection<String> externalIds) {
    guard(() -> {
      new UserReader(connection, space).readAccounts(into, externalIds);
      return true;
    });
  }

  /**
   * Reads what notes ask of: the accounts that the users in the snapshot belong to, and those that
   * have the domains.
   */
  public void readCompanies(int space, Snapshot into, Collection<String> domains) {
    guard(() -> {
      new UserReader(connection, space).readCompanies(into, domains);
      return true;
    });
  }

  /** Notes which of these notes there are. */
  public void readNotes(int space, Snapshot into, Collection<NoteRecord> records) {
    guard(() -> {
      new UserReader(connection, space).readNotes(into, records);
      return true;
    });
  }

  /** Notes which of the flags, by their public names, are open. */
  public void readFlags(SpaceSettings space, Snapshot into, Collection<String> flags) {
    guard(() -> {
      new FlagReader(connection, space).readOpen(into, flags);
      return true;
    });
  }

  /** Which of the identifiers an erasure bars, by their keyed hashes. */
  public void readSuppressed(int space, Snapshot into, Map<Identifier, byte[]> hashes) {
    guard(() -> {
      new UserReader(connection, space).readSuppressed(into, hashes);
      return true;
    });
  }

  /**
   * The content hashes of messages at these places that were received from {@code since} and before
   * {@code until} (microseconds), by the hash of their names.
   */
  public Map<Long, Set<Long>> readMessages(
      int space, Collection<Long> places, long since, long until) {
    return guard(() -> new UserReader(connection, space).readMessages(places, since, until));
  }

  /**
   * Locks the space's row, and with it every other writer of the space, until the transaction ends.
   */
  public void lock(int space) {
    guard(() -> {
      new BatchWriter(connection, space).lock();
      return true;
    });
  }

  /**
   * Locks the space's row and takes the batch's positions, if the space still is as the batch
   * expects.
   *
   * @return false if another server wrote meanwhile, or the policy changed: decide again under
   *     {@link #lock}
   */
  public boolean takePositions(int space, Batch batch) {
    return guard(() -> new BatchWriter(connection, space).takePositions(batch));
  }

  /** Writes everything but the space's row. The caller commits. */
  public void write(int space, BatchWriter.Encoded encoded) {
    guard(() -> {
      new BatchWriter(connection, space).write(encoded);
      return true;
    });
  }

  /** What the erasure at that position took away: counts as JSON; null: nothing was. */
  public @Nullable String erased(int space, long position) {
    return guardNull(() -> {
      try (PreparedStatement statement =
          connection.prepareStatement(
              "SELECT counts FROM selfsame.erasure WHERE space = ? AND position = ?")) {
        statement.setInt(1, space);
        statement.setLong(2, position);
        try (ResultSet row = statement.executeQuery()) {
          return row.next() ? row.getString(1) : null;
        }
      }
    });
  }

  /** Fails as {@link SessionFailure.Kind#UNSURE} when the connection is lost meanwhile. */
  public void commit() {
    try {
      connection.commit();
    } catch (SQLException e) {
      SessionFailure failure = new SessionFailure(e);
      throw failure.kind() == SessionFailure.Kind.AWAY
          ? new SessionFailure(SessionFailure.Kind.UNSURE, e)
          : failure;
    }
  }

  public void rollback() {
    guard(() -> {
      connection.rollback();
      return true;
    });
  }

  @Override
  public void close() {
    guard(() -> {
      connection.close();
      return true;
    });
  }

  private interface Look {
    @Nullable String run() throws SQLException;
  }

  private static @Nullable String guardNull(Look look) {
    try {
      return look.run();
    } catch (SQLException e) {
      throw new SessionFailure(e);
    }
  }

  private static <T> T guard(Work<T> work) {
    try {
      return work.run();
    } catch (SQLException e) {
      throw new SessionFailure(e);
    }
  }
}
