package dev.selfsame.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.source.land.MariaDbServer;
import dev.selfsame.testing.TestCertificates;
import dev.selfsame.testing.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/** The same questions to each kind of database, each a real one. */
final class KindsTest {
  @RegisterExtension static final TestDatabase postgres = TestDatabase.empty();

  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final Instant SINCE = Instant.parse("2026-01-02T03:04:05.123456Z");

  @TempDir private Path directory;

  @Test
  void postgresql() {
    postgres.sql(
        """
        CREATE TABLE people (id bigint, n numeric, f float8, b boolean, a text[], j jsonb, t timestamptz, l timestamp, d date,
          u uuid, y bytea);
        INSERT INTO people VALUES (9007199254740993, 12.50, 0.5, true, '{x,NULL,y}', '{"k":[1]}', '2026-01-02 03:04:06+00',
          '2026-01-02 03:04:06', '2026-01-02', 'ecb5b4a6-6f0c-4d7c-9d0e-2b1f3a4c5d6e', 'x');
        INSERT INTO people (id, t) VALUES (2, '2026-01-02 03:04:05+00');
        """);
    var address = postgres.address();
    try (Warehouse warehouse =
        open(Address.of(address.url(), address.user(), Map.of()), address.password())) {
      assertThat(
              rows(
                  warehouse,
                  Kind.POSTGRESQL,
                  "SELECT * FROM people WHERE t > $LAST_SYNC_TIMESTAMP"))
          .containsExactly(
              "{\"id\":9007199254740993,\"n\":12.50,\"f\":0.5,\"b\":true,\"a\":[\"x\",null,\"y\"],\"j\":{\"k\":[1]},"
                  + "\"t\":\"2026-01-02T03:04:06Z\",\"l\":\"2026-01-02T03:04:06Z\",\"d\":\"2026-01-02\","
                  + "\"u\":\"ecb5b4a6-6f0c-4d7c-9d0e-2b1f3a4c5d6e\"}");
      assertThat(
              rows(warehouse, Kind.POSTGRESQL, "SELECT '$LAST_SYNC_TIMESTAMP'::timestamptz AS t"))
          .containsExactly("{\"t\":\"2026-01-02T03:04:05.123456Z\"}");
      assertThat(Duration.between(warehouse.clock(), Instant.now()).abs())
          .isLessThan(Duration.ofMinutes(5));
    }
  }

  @Test
  void mariadb() throws Exception {
    Assumptions.assumeTrue(MariaDbServer.missing().isEmpty(), "No MariaDB is installed");
    MariaDbServer server = MariaDbServer.start(directory);
    try {
      server.sql(
          """
          CREATE TABLE people (id bigint, n decimal(10,2), b boolean, j json, t datetime(6), s timestamp NULL);
          INSERT INTO people VALUES (7, 12.50, true, '["a","b"]', '2026-01-02 03:04:06', '2026-01-02 08:04:06');
          INSERT INTO people (id, t) VALUES (8, '2026-01-02 03:04:05');
          """);
      Address address = Address.of("mysql://" + server.place(), "tool", Map.of());
      try (Warehouse warehouse = open(address, "p@ss/word")) {
        assertThat(
                rows(
                    warehouse,
                    Kind.MYSQL,
                    "SELECT * FROM people WHERE t > '$LAST_SYNC_TIMESTAMP';"))
            .containsExactly(
                "{\"id\":7,\"n\":12.50,\"b\":true,\"j\":[\"a\",\"b\"],\"t\":\"2026-01-02T03:04:06Z\",\"s\":\"2026-01-02T03:04:06Z\"}");
        assertThat(Duration.between(warehouse.clock(), Instant.now()).abs())
            .isLessThan(Duration.ofMinutes(5));
      }
      try (Warehouse warehouse = open(address, "p@ss/word")) {
        assertThat(problem(warehouse, Kind.MYSQL, "DELETE FROM people"))
            .isEqualTo(Problem.WAREHOUSE_WRITES);
      }
      try (Warehouse warehouse =
          Warehouse.open(new Drivers(directory), address, "p@ss/word", Duration.ofSeconds(1))) {
        assertThat(problem(warehouse, Kind.MYSQL, "SELECT sleep(5), id FROM people"))
            .isEqualTo(Problem.WAREHOUSE_TIMEOUT);
      }
      Failure login =
          catchThrowableOfType(Failure.class, () -> open(address, "secret-word").close());
      assertThat(login.problem()).isEqualTo(Problem.WAREHOUSE_LOGIN);
      assertThat(login.getMessage()).doesNotContain("secret-word");
    } finally {
      server.close();
    }
  }

  @Test
  void duckdb() throws Exception {
    Path file = directory.resolve("shop.db");
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:" + file);
        Statement statement = connection.createStatement()) {
      statement.execute(
          "CREATE TABLE people AS SELECT 7::BIGINT AS id, 12.50::DECIMAL(10,2) AS n, ['a','b'] AS"
              + " a, TIMESTAMP '2026-01-02 03:04:06' AS t");
      statement.execute("INSERT INTO people (id, t) VALUES (8, TIMESTAMP '2026-01-02 03:04:05')");
    }
    Address address = Address.of("duckdb:" + file, null, Map.of());
    try (Warehouse warehouse = open(address, null)) {
      assertThat(
              rows(warehouse, Kind.DUCKDB, "SELECT * FROM people WHERE t > $LAST_SYNC_TIMESTAMP"))
          .containsExactly(
              "{\"id\":7,\"n\":12.50,\"a\":[\"a\",\"b\"],\"t\":\"2026-01-02T03:04:06Z\"}");
      assertThat(Duration.between(warehouse.clock(), Instant.now()).abs())
          .isLessThan(Duration.ofMinutes(5));
      assertThat(problem(warehouse, Kind.DUCKDB, "DELETE FROM people"))
          .isEqualTo(Problem.WAREHOUSE_WRITES);
      assertThat(problem(warehouse, Kind.DUCKDB, "SELECT * FROM read_text('/etc/passwd')"))
          .isEqualTo(Problem.WAREHOUSE_QUERY);
    }
    Address nowhere = Address.of("duckdb:" + directory.resolve("none.db"), null, Map.of());
    assertThat(catchThrowableOfType(Failure.class, () -> open(nowhere, null).close()).problem())
        .isEqualTo(Problem.WAREHOUSE_UNREACHABLE);
  }

  /** H2's driver is in no class path here: its jar lies in the folder, as an operator puts it. */
  @Test
  void a_driver_that_was_put_into_the_folder() throws Exception {
    Address address = Address.of("jdbc:h2:" + directory.resolve("shop"), "sa", Map.of());
    Failure without = catchThrowableOfType(Failure.class, () -> open(address, null).close());
    assertThat(without.problem()).isEqualTo(Problem.WAREHOUSE_DRIVER);
    assertThat(without.getMessage()).contains(directory.toString());
    Drivers drivers = new Drivers(Path.of("target", "dropped-drivers"));
    try (Connection connection = drivers.connect(address, address.properties(null));
        Statement statement = connection.createStatement()) {
      statement.execute(
          """
          CREATE TABLE people (id bigint, n decimal(10,2), a varchar array, t timestamp with time zone);
          INSERT INTO people VALUES (7, 12.50, ARRAY['x', 'y'], TIMESTAMP WITH TIME ZONE '2026-01-02 03:04:06Z');
          INSERT INTO people (id, t) VALUES (8, TIMESTAMP WITH TIME ZONE '2026-01-02 03:04:05Z');
          """);
    }
    try (Warehouse warehouse = Warehouse.open(drivers, address, null, LIMIT)) {
      assertThat(rows(warehouse, Kind.OTHER, "SELECT * FROM people WHERE t > $LAST_SYNC_TIMESTAMP"))
          .containsExactly(
              "{\"ID\":7,\"N\":12.50,\"A\":[\"x\",\"y\"],\"T\":\"2026-01-02T03:04:06Z\"}");
      assertThat(Duration.between(warehouse.clock(), Instant.now()).abs())
          .isLessThan(Duration.ofMinutes(5));
    }
  }

  @Test
  void tls_is_asked_for_and_checked() throws Exception {
    TestCertificates certificates = new TestCertificates(directory);
    certificates.selfSigned("server", 10, "rsa:2048");
    certificates.selfSigned("stranger", 10, "rsa:2048");
    Path data = Path.of(postgres.rows("SHOW data_directory").getFirst());
    for (Path file : List.of(certificates.pem("server"), certificates.key("server"))) {
      Path copy = Files.copy(file, data.resolve("tls-" + file.getFileName()));
      Files.setOwner(copy, Files.getOwner(data));
      Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rw-------"));
    }
    try {
      postgres.sql("ALTER SYSTEM SET ssl_cert_file = 'tls-server.pem'");
      postgres.sql("ALTER SYSTEM SET ssl_key_file = 'tls-server.key'");
      tls("on");
      assertThat(overTls(Map.of("sslmode", "disable"))).isEqualTo("false");
      assertThat(overTls(Map.of("sslmode", "require"))).isEqualTo("true");
      assertThat(overTls(verified("server"))).isEqualTo("true");
      Failure stranger = catchThrowableOfType(Failure.class, () -> overTls(verified("stranger")));
      assertThat(stranger.problem()).isEqualTo(Problem.WAREHOUSE_TLS);
    } finally {
      tls("off");
      postgres.sql("ALTER SYSTEM RESET ssl_cert_file");
      postgres.sql("ALTER SYSTEM RESET ssl_key_file");
    }
    Failure without =
        catchThrowableOfType(Failure.class, () -> overTls(Map.of("sslmode", "require")));
    assertThat(without.problem()).isEqualTo(Problem.WAREHOUSE_TLS);
  }

  private Map<String, String> verified(String issuer) {
    return Map.of(
        "sslmode",
        "verify-full",
        "sslrootcert",
        new TestCertificates(directory).pem(issuer).toString());
  }

  private static void tls(String state) throws InterruptedException {
    postgres.sql("ALTER SYSTEM SET ssl = " + state);
    postgres.sql("SELECT pg_reload_conf()");
    for (int i = 0; i < 100 && !postgres.rows("SHOW ssl").equals(List.of(state)); i++) {
      Thread.sleep(50);
    }
  }

  private String overTls(Map<String, String> options) {
    var address = postgres.address();
    try (Warehouse warehouse =
        open(Address.of(address.url(), address.user(), options), address.password())) {
      return rows(
              warehouse,
              Kind.POSTGRESQL,
              "SELECT ssl AS tls FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
          .getFirst()
          .replaceAll("[^a-z]|tls", "");
    }
  }

  private Warehouse open(Address address, @Nullable String password) {
    return Warehouse.open(new Drivers(directory), address, password, LIMIT);
  }

  private static List<String> rows(Warehouse warehouse, Kind kind, String query) {
    List<String> all = new ArrayList<>();
    try (WarehouseRows rows = warehouse.rows(QueryText.of(query, kind), SINCE, 0)) {
      for (ObjectNode row = rows.next(); row != null; row = rows.next()) {
        all.add(row.toString());
      }
    }
    return all;
  }

  private static Problem problem(Warehouse warehouse, Kind kind, String query) {
    return catchThrowableOfType(Failure.class, () -> rows(warehouse, kind, query)).problem();
  }
}
