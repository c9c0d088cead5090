package dev.selfsame.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
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
                tlsKey),
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
    out.println("Selfsame is ready: " + running.url());
    out.flush();
    stopped.await();
    return 0;
  }
}
