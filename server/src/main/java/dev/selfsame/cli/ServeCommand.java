package dev.selfsame.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Runs the hub until it is told to stop. */
@Command(
    name = "serve",
    description = "Run the hub: take events, resolve users, answer. Stops at Ctrl-C or SIGTERM.",
    mixinStandardHelpOptions = true)
final class ServeCommand implements Callable<Integer> {
  private static final Path DEMO_DATA = Path.of("./selfsame-demo");

  private static final String DEMO_TABLE =
      """
      SELECT segment_id, email, zendesk_id, stripe_id, salesforce_id, intercom_id FROM user_identities_by_email
      WHERE segment_id IN ('mYhgYcRBC7', '7adt7XG27c', 'QZnP7cViH1')
      ORDER BY segment_id <> 'mYhgYcRBC7', segment_id COLLATE "C", email DESC
      """;

  private final Program program;
  @Mixin private HubOptions hub;
  @Spec private CommandSpec spec;

  @Option(
      names = "--listen",
      paramLabel = "HOST:PORT",
      description = "The address to listen on (default: 127.0.0.1:8400).")
  private @Nullable String listen;

  @Option(
      names = "--sql-port",
      paramLabel = "PORT",
      description =
          "The port on 127.0.0.1 under which SQL clients reach the data directory's PostgreSQL"
              + " (default: the one of the last start; a free one at the first).")
  private @Nullable Integer sqlPort;

  @Option(names = "--settings", paramLabel = "FILE", description = "A JSON file with settings.")
  private @Nullable Path settings;

  @Option(
      names = "--tls-cert",
      paramLabel = "FILE",
      description =
          "Listen with TLS: a PEM file with the server's certificate, then each one's issuer. Read"
              + " again when it changes.")
  private @Nullable Path tlsCert;

  @Option(
      names = "--tls-key",
      paramLabel = "FILE",
      description = "A PEM file with the certificate's key, not encrypted.")
  private @Nullable Path tlsKey;

  @Option(
      names = "--demo",
      description =
          "Put users to look at into a hub that has none. The data directory is then"
              + " ./selfsame-demo unless another is given.")
  private boolean demo;

  ServeCommand(Program program) {
    this.program = program;
  }

  @Override
  public Integer call() throws InterruptedException {
    Integer port = sqlPort;
    if (port != null && (port < 1 || port > 65_535)) {
      throw new ParameterException(
          spec.commandLine(), "--sql-port is %d; expected 1 to 65535".formatted(port));
    }
    if (port != null && hub.databaseUrl != null && !hub.databaseUrl.isBlank()) {
      throw new ParameterException(
          spec.commandLine(),
          "--sql-port is for the data directory's PostgreSQL; the port of your own stands in"
              + " --database-url");
    }
    if (demo && !spec.commandLine().getParseResult().hasMatchedOption("--data")) {
      hub.data = DEMO_DATA;
    }
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    CountDownLatch stopped = new CountDownLatch(1);
    Program.Running running =
        program.start(
            new Program.Start(
                hub.data,
                hub.databaseUrl,
                listen,
                port == null ? 0 : port,
                settings,
                tlsCert,
                tlsKey,
                demo),
            line -> {
              err.println(line);
              err.flush();
            });
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  running.close();
                  stopped.countDown();
                },
                "stop"));
    if (running.newWriteKey() != null) {
      out.println("Write key (shown this once): " + running.newWriteKey());
    }
    if (running.newToken() != null) {
      out.println("Admin token (shown this once): " + running.newToken());
    }
    if (running.signInLink() != null) {
      out.println("Set it up in a browser (works once): " + running.signInLink());
    }
    out.println("Selfsame is ready: " + running.url());
    out.flush();
    if (demo) {
      show(out, err);
    }
    stopped.await();
    return 0;
  }

  /** The users of whom everybody has heard, and what to look at next. */
  private void show(PrintWriter out, PrintWriter err) {
    String where = hub.databaseUrl == null || hub.databaseUrl.isBlank() ? "--data=" + hub.data : "";
    List<String> words = new ArrayList<>();
    words.add(where.isEmpty() ? "--database-url=" + hub.databaseUrl : where);
    words.add(DEMO_TABLE);
    out.println();
    int unusedStatus =
        new CommandLine(new QueryCommand())
            .setOut(out)
            .setErr(err)
            .execute(words.toArray(String[]::new));
    out.println();
    out.println("How the first came to be, and what nobody should guess:");
    out.println("  selfsame explain %s external_id:mYhgYcRBC7".formatted(where));
    out.println(
        "  selfsame query %s \"SELECT * FROM user_decisions WHERE flags <> '{}'\""
            .formatted(where));
    out.flush();
  }
}
