package dev.selfsame.bench.load;

import dev.selfsame.bench.Failed;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** The load's process, from outside. */
public final class Generator implements AutoCloseable {

  /**
   * Where the load goes and what it is made of.
   *
   * @param users in the store from the start
   * @param batch events of a request
   */
  public record Target(
      String host, int port, String writeKey, long users, int connections, int batch, long seed) {}

  private static final int LONGEST_EXTRA_SECONDS = 120;

  private final Process process;
  private final BufferedReader from;
  private final BufferedWriter to;

  public Generator(Target target) {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx1500m",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            Load.class.getName(),
            target.host(),
            Integer.toString(target.port()),
            Long.toString(target.users()),
            Integer.toString(target.connections()),
            Integer.toString(target.batch()),
            Long.toString(target.seed()));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().put("SELFSAME_WRITE_KEY", target.writeKey());
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException("The load's process did not start", e);
    }
    from = process.inputReader(StandardCharsets.UTF_8);
    to = process.outputWriter(StandardCharsets.UTF_8);
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
  }

  public long pid() {
    return process.pid();
  }

  /** Every connection sends when its last request is answered. */
  public Measured closed(double seconds, long ahead, Runnable atStart) {
    return run(String.format(Locale.ROOT, "closed %f %d", seconds, ahead), seconds, atStart);
  }

  /** So many requests a second, come what may. */
  public Measured open(double seconds, long rate, Runnable atStart) {
    return run(String.format(Locale.ROOT, "open %f %d", seconds, rate), seconds, atStart);
  }

  private Measured run(String command, double seconds, Runnable atStart) {
    say(command);
    String ready = hear(LONGEST_EXTRA_SECONDS);
    if (!ready.equals("ready")) {
      throw new Failed("The load's process said: " + ready);
    }
    atStart.run();
    say("go");
    Measured measured = Measured.parse(hear((long) seconds + LONGEST_EXTRA_SECONDS));
    if (measured.wrong() > 0) {
      throw new Failed(
          "%d requests were not answered with 200 and {\"success\":true}; the first: %s"
              .formatted(measured.wrong(), measured.firstWrong()));
    }
    return measured;
  }

  private void say(String line) {
    try {
      to.write(line + "\n");
      to.flush();
    } catch (IOException e) {
      throw new Failed("The load's process has ended", e);
    }
  }

  private String hear(long seconds) {
    CompletableFuture<@Nullable String> line =
        CompletableFuture.supplyAsync(() -> {
          try {
            return from.readLine();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
    try {
      String heard = line.get(seconds, TimeUnit.SECONDS);
      if (heard == null) {
        throw new Failed("The load's process has ended; what it said is above.");
      }
      return heard;
    } catch (TimeoutException e) {
      throw new Failed("The load's process did not answer within %d s".formatted(seconds), e);
    } catch (ExecutionException e) {
      throw new Failed("The load's process could not be heard", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Failed("Interrupted", e);
    }
  }

  @Override
  public void close() {
    process.destroy();
  }
}
