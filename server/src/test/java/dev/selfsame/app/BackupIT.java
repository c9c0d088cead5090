package dev.selfsame.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shipped program: a backup beside a server, its restore elsewhere, and readers' SQL. */
@Tag("slow")
final class BackupIT {

  private static final Path JAR = Path.of(System.getProperty("selfsame.jar"));
  private static final String KEY = "wk_0123456789abcdef0123456789abcdef";

  private record Said(int exit, String out, String err) {}

  // Not below root's home: the database runs as another account.
  @TempDir Path directory;
  private Process program;
  private String url = "";
  private int sqlPort;

  @BeforeEach
  void start() throws Exception {
    assertThat(directory.toFile().setExecutable(true, false)).isTrue();
    try (ServerSocket socket = new ServerSocket(0)) {
      sqlPort = socket.getLocalPort();
    }
    serve("./first", "--sql-port", Integer.toString(sqlPort));
  }

  @AfterEach
  void stop() throws Exception {
    program.destroy();
    assertThat(program.waitFor(60, TimeUnit.SECONDS)).as("the program ends on SIGTERM").isTrue();
  }

  @Test
  void what_is_backed_up_beside_a_server_is_there_after_a_restore() throws Exception {
    for (int i = 0; i < 40; i++) {
      identify("u" + i);
    }
    Path file = directory.resolve("hub.backup");
    Said backup = run("backup", file.toString(), "--data", "first");
    assertThat(backup.err()).startsWith("Counting\nReading\n");
    assertThat(backup.exit()).isZero();
    assertThat(backup.out())
        .startsWith(file + ": ")
        .contains("to ledger position 40,")
        .hasLineCount(1);
    assertThat(run("backup", file.toString(), "--data", "first").exit()).isEqualTo(3);

    Said reader = run("connect", "--data", "first");
    assertThat(reader.exit()).isZero();
    assertThat(reader.out())
        .startsWith("postgresql://selfsame_reader_")
        .endsWith("@127.0.0.1:" + sqlPort + "/selfsame\n");
    assertReads(reader.out().strip());

    Said taken = run("restore", file.toString(), "--data", "first");
    assertThat(taken.exit()).isEqualTo(3);
    assertThat(taken.err()).contains("A server runs on first");
    Files.createDirectory(directory.resolve("theirs"));
    Files.writeString(directory.resolve("theirs/file"), "mine");
    Said foreign = run("restore", file.toString(), "--data", "theirs");
    assertThat(foreign.exit()).isEqualTo(3);
    assertThat(foreign.err())
        .contains("was not made by this program")
        .contains("Nothing was touched");
    assertThat(directory.resolve("theirs")).isDirectoryContaining("glob:**/file");

    Said restore = run("restore", file.toString(), "--data", "second");
    assertThat(restore.err()).contains("Checking the file\n", "Loading\n", "Analyzing\n");
    assertThat(restore.exit()).isZero();
    assertThat(restore.out())
        .contains("restored ")
        .contains("to ledger position 40\n")
        .hasLineCount(1);
    for (String sql :
        List.of(
            "SELECT * FROM user_identities ORDER BY user_id",
            "SELECT * FROM user_decisions ORDER BY position",
            "SELECT * FROM segment.users ORDER BY id")) {
      Said before = run("query", "--data", "first", "--format", "csv", sql);
      Said after = run("query", "--data", "second", "--format", "csv", sql);
      assertThat(after.out()).isEqualTo(before.out()).hasLineCount(41);
    }
    assertThat(run("restore", file.toString(), "--data", "second").exit()).isEqualTo(3);
    Said unserved = run("connect", "--data", "second");
    assertThat(unserved.exit()).isEqualTo(1);
    assertThat(unserved.err()).contains("No server runs on second", "selfsame serve --data second");

    stop();
    serve("second");
    identify("u0");
    identify("new");
    assertThat(
            run(
                    "query",
                    "--data",
                    "second",
                    "--format",
                    "csv",
                    "SELECT count(*), max(position) FROM user_decisions")
                .out())
        .as("u0's message is a repeat of one from before the backup")
        .contains("41,41");
    String again = run("connect", "--data", "second").out();
    stop();
    serve("second");
    assertThat(run("connect", "--data", "second").out()).as("the port stays").isEqualTo(again);
  }

  private void assertReads(String readerUrl) throws SQLException {
    URI uri = URI.create(readerUrl);
    String[] login = uri.getUserInfo().split(":", 2);
    String jdbc = "jdbc:postgresql://" + uri.getHost() + ":" + uri.getPort() + uri.getPath();
    try (Connection connection = DriverManager.getConnection(jdbc, login[0], login[1]);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT count(*) FROM users")) {
      row.next();
      assertThat(row.getInt(1)).isEqualTo(40);
    }
  }

  private void identify(String id) throws Exception {
    String body =
        "{\"messageId\":\"m-%s\",\"userId\":\"%s\",\"traits\":{\"email\":\"%s@example.com\",\"plan\":\"pro\"}}"
            .formatted(id, id, id);
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url + "/v1/identify"))
            .header(
                "Authorization",
                "Basic " + Base64.getEncoder().encodeToString((KEY + ":").getBytes(UTF_8)))
            .POST(BodyPublishers.ofString(body))
            .build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      assertThat(client.send(request, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
    }
  }

  private Said run(String... words) throws Exception {
    Path err = Files.createTempFile(directory, "err", "");
    Process process = java(words).redirectError(err.toFile()).start();
    String out = new String(process.getInputStream().readAllBytes(), UTF_8);
    return new Said(process.waitFor(), out, Files.readString(err));
  }

  private void serve(String data, String... more) throws Exception {
    Path log = directory.resolve("serve.log");
    Files.deleteIfExists(log);
    List<String> words =
        new ArrayList<>(List.of("serve", "--data", data, "--listen", "127.0.0.1:0"));
    words.addAll(List.of(more));
    program =
        java(words.toArray(String[]::new))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
    while (!Files.readString(log).contains("Selfsame is ready: ")) {
      assertThat(System.nanoTime()).as("waited two minutes").isLessThan(end);
      assertThat(program.isAlive()).as(Files.readString(log)).isTrue();
      Thread.sleep(20);
    }
    url =
        Files.readString(log)
            .lines()
            .filter(line -> line.startsWith("Selfsame is ready: "))
            .findFirst()
            .orElseThrow()
            .substring("Selfsame is ready: ".length())
            .strip();
  }

  private ProcessBuilder java(String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-jar",
                JAR.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
    builder.environment().put("SELFSAME_WRITE_KEY", KEY);
    builder.environment().put("SELFSAME_TOKEN", "sst_0123456789abcdef0123456789abcdef");
    return builder;
  }
}
