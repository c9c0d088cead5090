package dev.selfsame.store;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The login that SQL of people and tools runs under. It may read the published views and the
 * landing tables, and nothing else: no table of the program's own, no temporary tables, no writing.
 * Its password is random, kept in the store, and never sent in clear. Servers that start together
 * make it once.
 */
final class ReaderRole {

  /** Schemas whose tables are open to readers, later ones included. */
  static final List<String> LANDING =
      List.of(
          "segment",
          "zendesk",
          "stripe",
          "chargebee",
          "salesforce",
          "intercom",
          "mailchimp",
          "hubspot");

  static final List<String> PUBLISHED =
      List.of(
          "users",
          "user_identities",
          "user_identities_by_email",
          "user_identifiers",
          "user_merges",
          "user_decisions",
          "user_traits",
          "gone_users",
          "accounts",
          "account_traits",
          "account_users",
          "notes",
          "event_counts",
          "decision_counts",
          "segment_users",
          "zendesk_users",
          "stripe_users",
          "chargebee_users",
          "salesforce_users",
          "intercom_users",
          "mailchimp_users",
          "hubspot_users");

  private static final Logger log = LoggerFactory.getLogger(ReaderRole.class);
  private static final SecureRandom RANDOM = new SecureRandom();

  private static final int FIRST_SPACE = 1;

  private record Login(String role, String password, int grantedSchema) {}

  private record Space(int number, String name) {
    /** Where its published views are. */
    String schema() {
      return number == FIRST_SPACE ? "public" : name;
    }
  }

  private final DatabaseAddress address;
  private final StoreSettings settings;

  ReaderRole(DatabaseAddress address, StoreSettings settings) {
    this.address = address;
    this.settings = settings;
  }

  /**
   * Sees to it that each space's login exists and may read what this program publishes of it. Where
   * the program's user may not make roles, that is logged, and readers' queries fail with the same
   * words; everything else works.
   */
  void ensure(Connection connection) throws SQLException {
    for (Space space : spaces(connection)) {
      Login login = stored(connection, space.number());
      if (login == null
          || login.grantedSchema() != Migrations.LATEST
          || !exists(connection, login.role())) {
        ensure(connection, space);
      }
    }
  }

  private void ensure(Connection connection, Space space) throws SQLException {
    connection.setAutoCommit(false);
    try {
      if (space.number() != FIRST_SPACE) {
        lock(connection);
        SpaceViews.make(connection, space.number(), space.name());
        connection.commit();
      }
      make(connection, space);
      connection.commit();
    } catch (SQLException e) {
      connection.rollback();
      if (!StoreFailures.NOT_ALLOWED.equals(e.getSQLState())) {
        throw e;
      }
      log.warn("{}", missing(e).getMessage());
    } finally {
      connection.setAutoCommit(true);
    }
  }

  private static List<Space> spaces(Connection connection) throws SQLException {
    List<Space> spaces = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("SELECT number, name FROM selfsame.space ORDER BY number")) {
      while (row.next()) {
        spaces.add(new Space(row.getInt(1), row.getString(2)));
      }
    }
    return spaces;
  }

  /**
   * A connection as the reader of a space, outside any pool, so that nothing of one query reaches
   * the next. The caller closes it.
   *
   * @param mostBytes how large what is read at a time may be; 0: as large as it is
   */
  Connection connect(String space, int mostBytes) {
    return inStore(space, (own, login) -> connect(own, login, mostBytes));
  }

  /** The login of a space as an address; it was tried, so it works. */
  DatabaseAddress login(String space) {
    return inStore(
        space,
        (own, login) -> {
          connect(own, login, 0).close();
          return address.as(login.role(), login.password());
        });
  }

  private interface WithLogin<T> {
    T at(Connection own, Login login) throws SQLException;
  }

  private <T> T inStore(String space, WithLogin<T> work) {
    try (Connection own = Database.plain(address, settings, "reader's login")) {
      Space of =
          spaces(own).stream()
              .filter(one -> one.name().equals(space))
              .findFirst()
              .orElseThrow(() -> StoredSpaces.unknown(space));
      Login login = stored(own, of.number());
      if (login == null) {
        throw missing(null);
      }
      return work.at(own, login);
    } catch (SQLException e) {
      throw StoreFailures.of(e, address);
    }
  }

  /**
   * What the reader could do and should not, and the other way round, in words; empty when all is
   * well.
   */
  static List<String> defects(Connection connection) throws SQLException {
    Login login = stored(connection, FIRST_SPACE);
    if (login == null) {
      return List.of("it does not exist");
    }
    if (!exists(connection, login.role())) {
      return List.of("the role " + login.role() + " is gone");
    }
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            SELECT has_database_privilege(?, current_database(), 'TEMP'), has_table_privilege(?, 'public.users', 'SELECT'),
              has_schema_privilege(?, 'selfsame', 'USAGE')
            """)) {
      for (int i = 1; i <= 3; i++) {
        statement.setString(i, login.role());
      }
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        if (row.getBoolean(1)) {
          return List.of(
              "it may make temporary tables: REVOKE TEMPORARY ON DATABASE … FROM PUBLIC as the"
                  + " database's owner");
        }
        if (!row.getBoolean(2)) {
          return List.of("it may not read the published tables");
        }
        return row.getBoolean(3) ? List.of("it may enter the program's own schema") : List.of();
      }
    }
  }

  private Connection connect(Connection own, Login login, int mostBytes) throws SQLException {
    try {
      return connect(login, mostBytes);
    } catch (SQLException e) {
      if (!"28P01".equals(e.getSQLState())) {
        throw e;
      }
      // Restored into another cluster, or changed by hand: the store's word counts.
      setPassword(own, login.role(), login.password());
      return connect(login, mostBytes);
    }
  }

  private Connection connect(Login login, int mostBytes) throws SQLException {
    DatabaseAddress reading = address.as(login.role(), login.password());
    Properties properties = new Properties();
    properties.setProperty("user", login.role());
    properties.setProperty("password", login.password());
    properties.setProperty("ApplicationName", "selfsame reader");
    properties.setProperty("connectTimeout", Integer.toString(settings.connectSeconds()));
    properties.setProperty("loginTimeout", Integer.toString(settings.connectSeconds()));
    properties.setProperty("socketTimeout", Integer.toString(settings.querySeconds() + 10));
    properties.setProperty("tcpKeepAlive", "true");
    // The text that PostgreSQL itself writes for a value; everything by the extended protocol, one
    // statement each.
    properties.setProperty("binaryTransfer", "false");
    properties.setProperty("preferQueryMode", "extended");
    properties.setProperty("prepareThreshold", "0");
    if (mostBytes > 0) {
      properties.setProperty("maxResultBuffer", Integer.toString(mostBytes));
    }
    return java.sql.DriverManager.getConnection(reading.url(), properties);
  }

  private static @Nullable Login stored(Connection connection, int space) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT role, password, granted_schema FROM selfsame.reader WHERE space = ?")) {
      statement.setInt(1, space);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? new Login(row.getString(1), row.getString(2), row.getInt(3)) : null;
      }
    }
  }

  private static boolean exists(Connection connection, String role) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT 1 FROM pg_roles WHERE rolname = ?")) {
      statement.setString(1, role);
      try (ResultSet row = statement.executeQuery()) {
        return row.next();
      }
    }
  }

  /** Servers that start together do this one after the other. */
  private static void lock(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("SELECT 1 FROM selfsame.chore WHERE name = 'reader' FOR UPDATE");
    }
  }

  private void make(Connection connection, Space space) throws SQLException {
    lock(connection);
    try (Statement statement = connection.createStatement()) {
      Login login = stored(connection, space.number());
      if (login == null) {
        login = new Login("selfsame_reader_" + random(4), random(24), 0);
      }
      String role = login.role();
      if (!exists(connection, role)) {
        statement.execute("CREATE ROLE " + role + " LOGIN");
        setPassword(connection, role, login.password());
      }
      statement.execute("ALTER ROLE " + role + " SET default_transaction_read_only = on");
      statement.execute(
          "ALTER ROLE " + role + " SET statement_timeout = '" + settings.querySeconds() + "s'");
      statement.execute("ALTER ROLE " + role + " SET search_path = " + space.schema());
      if (space.number() == FIRST_SPACE) {
        grantFirst(connection, statement, role);
      } else {
        grantSchema(statement, space.schema(), role);
      }
      // Everybody may make temporary tables unless told otherwise; of one role alone it cannot be
      // taken.
      try (ResultSet row = statement.executeQuery("SELECT quote_ident(current_database())")) {
        row.next();
        String database = row.getString(1);
        statement.execute("REVOKE TEMPORARY ON DATABASE " + database + " FROM PUBLIC");
        statement.execute("GRANT CONNECT ON DATABASE " + database + " TO " + role);
      }
      try (PreparedStatement note =
          connection.prepareStatement(
              """
              INSERT INTO selfsame.reader (role, password, granted_schema, space) VALUES (?, ?, ?, ?)
              ON CONFLICT (role) DO UPDATE SET granted_schema = excluded.granted_schema
              """)) {
        note.setString(1, role);
        note.setString(2, login.password());
        note.setInt(3, Migrations.LATEST);
        note.setInt(4, space.number());
        note.executeUpdate();
      }
    }
  }

  private static void grantFirst(Connection connection, Statement statement, String role)
      throws SQLException {
    for (String view : PUBLISHED) {
      grantView(statement, view, role);
    }
    for (String tool : LandingTables.added(connection)) {
      grantView(statement, tool + "_users", role);
    }
    for (String schema : LandingTables.tools(connection)) {
      grantSchema(statement, schema, role);
    }
  }

  /** Opens a schema that was just made to the reader, where there is one. */
  static void openSchema(Connection connection, String schema) throws SQLException {
    Login login = stored(connection, FIRST_SPACE);
    if (login != null) {
      try (Statement statement = connection.createStatement()) {
        grantSchema(statement, schema, login.role());
      }
    }
  }

  /** Opens a view of {@code public} that was just made to the reader, where there is one. */
  static void openView(Connection connection, String view) throws SQLException {
    Login login = stored(connection, FIRST_SPACE);
    if (login != null) {
      try (Statement statement = connection.createStatement()) {
        grantView(statement, view, login.role());
      }
    }
  }

  private static void grantView(Statement statement, String view, String role) throws SQLException {
    statement.execute("GRANT SELECT ON public." + view + " TO " + role);
  }

  private static void grantSchema(Statement statement, String schema, String role)
      throws SQLException {
    statement.execute("GRANT USAGE ON SCHEMA " + schema + " TO " + role);
    statement.execute("GRANT SELECT ON ALL TABLES IN SCHEMA " + schema + " TO " + role);
    statement.execute(
        "ALTER DEFAULT PRIVILEGES IN SCHEMA " + schema + " GRANT SELECT ON TABLES TO " + role);
  }

  private static void setPassword(Connection connection, String role, String password)
      throws SQLException {
    connection
        .unwrap(PGConnection.class)
        .alterUserPassword(role, password.toCharArray(), "scram-sha-256");
  }

  private Failure missing(@Nullable SQLException cause) {
    return new Failure(
        Problem.READER_MISSING,
        "The user %s may not make the login that readers' SQL runs under: give it the right with ALTER ROLE %s CREATEROLE, then start again."
            .formatted(address.user(), address.user()),
        0,
        cause);
  }

  private static String random(int bytes) {
    byte[] random = new byte[bytes];
    RANDOM.nextBytes(random);
    return HexFormat.of().formatHex(random);
  }
}
