package dev.selfsame.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.access.GivenSecrets;
import dev.selfsame.access.StoredAccess;
import dev.selfsame.store.StoredGrants;
import dev.selfsame.testing.TestDatabase;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The program's jar, started on a test's database. */
final class RunningHub implements AutoCloseable {
  static final Path JAR = Path.of(System.getProperty("selfsame.jar"));
  private static final String READY = "Selfsame is ready: ";
  private static final String TOKEN = "sst_0123456789abcdef0123456789abcdef";

  private final Process process;
  private final String url;
  private final StoredGrants grants;

  private RunningHub(Process process, String url, StoredGrants grants) {
    this.process = process;
    this.url = url;
    this.grants = grants;
  }

  static RunningHub start(TestDatabase database, Path directory) throws Exception {
    Path log = directory.resolve("serve.log");
    ProcessBuilder builder =
        new ProcessBuilder(
            java().toString(),
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "--enable-native-access=ALL-UNNAMED",
            "-jar",
            JAR.toString(),
            "serve",
            "--data",
            directory.resolve("data").toString(),
            "--listen",
            "127.0.0.1:0");
    builder.environment().put("SELFSAME_DATABASE_URL", database.address().full());
    builder.environment().put(GivenSecrets.WRITE_KEY, "wk_0123456789abcdef0123456789abcdef");
    builder.environment().put(GivenSecrets.TOKEN, TOKEN);
    Process process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
    Optional<String> ready = Optional.empty();
    while (ready.isEmpty()) {
      if (!process.isAlive() || System.nanoTime() > end) {
        process.destroyForcibly();
        throw new AssertionError("The hub did not start; it said: " + Files.readString(log));
      }
      Thread.sleep(50);
      ready = Files.readString(log).lines().filter(line -> line.startsWith(READY)).findFirst();
    }
    return new RunningHub(
        process, ready.get().substring(READY.length()).strip(), new StoredGrants(database.open()));
  }

  static Path java() {
    return Path.of(System.getProperty("java.home"), "bin", "java");
  }

  String url() {
    return url;
  }

  /** Makes a source and a write key for it. */
  String writeKey(String source, boolean trusted) {
    grants.ensureSource("default", source, trusted);
    return new StoredAccess(grants, GivenSecrets.NONE, InstantSource.system())
        .issueWriteKey(source, "default", source)
        .secret();
  }

  /** The answer of the REST API to a path that is there. */
  String get(String path) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(URI.create(url + path))
                  .header("Authorization", "Bearer " + TOKEN)
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).as("%s: %s", path, answer.body()).isEqualTo(200);
      return answer.body();
    }
  }

  @Override
  public void close() {
    process.destroy();
    assertThat(process.onExit())
        .as("the program ends on SIGTERM")
        .succeedsWithin(Duration.ofSeconds(60));
  }
}
