package dev.selfsame.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The program under test: the real one, in a process of its own, on a data directory of its own.
 */
final class Hub implements AutoCloseable {

  static final String WRITE_KEY = "bench-write-key-0123456789abcdef";
  static final String TOKEN = "bench-token-0123456789abcdef01234";
  private static final String READY = "Selfsame is ready:";
  private static final String SIGN_IN = "/sign-in?link=";
  private static final int LAST_LINES = 30;
  private static final int START_SECONDS = 300;
  private static final int STOP_SECONDS = 120;

  private final Process process;
  private final Path data;
  private final int port;
  private final long startedAt;
  private final CountDownLatch said = new CountDownLatch(1);
  private final Deque<String> lastLines = new ArrayDeque<>();
  private volatile long readyAt;
  private volatile @Nullable String signInLink;
  private final Thread stopAtExit = new Thread(this::stop);

  /** Starts the program and returns when it says that it is ready. */
  Hub(List<String> program, Path data, Path gcLog) {
    this.data = data;
    List<String> command = new ArrayList<>(program);
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    command.addAll(List.of("serve", "--data", data.toString(), "--listen", "127.0.0.1:" + port));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("SELFSAME_WRITE_KEY", WRITE_KEY);
    builder.environment().put("SELFSAME_TOKEN", TOKEN);
    logCollections(builder, gcLog);
    startedAt = System.nanoTime();
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new Failed("The hub did not start: " + e.getMessage(), e);
    }
    Runtime.getRuntime().addShutdownHook(stopAtExit);
    Thread listening = new Thread(this::listen, "hub-output");
    listening.setDaemon(true);
    listening.start();
    await();
  }

  /** Has the program's Java write down its collections, for {@link Memory}. */
  static void logCollections(ProcessBuilder program, Path gcLog) {
    program
        .environment()
        .merge("SELFSAME_JAVA_OPTS", "-Xlog:gc:file=" + gcLog, (given, ours) -> given + " " + ours);
  }

  private void listen() {
    try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        if (line.contains(READY)) {
          readyAt = System.nanoTime();
          said.countDown();
        }
        int link = line.indexOf(SIGN_IN);
        if (link >= 0) {
          signInLink = line.substring(link).strip();
        }
        synchronized (lastLines) {
          lastLines.add(line);
          if (lastLines.size() > LAST_LINES) {
            lastLines.remove();
          }
        }
      }
    } catch (IOException e) {
      // The process has ended; the caller finds out.
    } finally {
      said.countDown();
    }
  }

  private void await() {
    boolean heard;
    try {
      heard = said.await(START_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      heard = false;
    }
    if (!heard || readyAt == 0) {
      stop();
      throw new Failed("The hub did not become ready. It said:\n" + lastLines());
    }
  }

  String lastLines() {
    synchronized (lastLines) {
      return String.join("\n", lastLines);
    }
  }

  /** Seconds from the start of the process to when it said that it was ready. */
  double startSeconds() {
    return (readyAt - startedAt) / 1e9;
  }

  /**
   * Where whoever sets up the hub signs in; null until it is told, which is soon after the start.
   */
  @Nullable String signInLink() {
    return signInLink;
  }

  Path data() {
    return data;
  }

  int port() {
    return port;
  }

  long pid() {
    return process.pid();
  }

  boolean alive() {
    return process.isAlive();
  }

  /** Stops it as a service manager does, and waits until its PostgreSQL has gone too. */
  @Override
  public void close() {
    stop();
    try {
      Runtime.getRuntime().removeShutdownHook(stopAtExit);
    } catch (IllegalStateException e) {
      // It runs already.
    }
  }

  private synchronized void stop() {
    Long postmaster = postmaster(data);
    process.destroy();
    try {
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    if (postmaster != null && postmaster.equals(postmaster(data))) {
      // Its own PostgreSQL, left behind: the file that names it lies in this run's directory.
      ProcessHandle.of(postmaster).ifPresent(ProcessHandle::destroyForcibly);
    }
  }

  /** The process of the directory's PostgreSQL; null if none runs. */
  static @Nullable Long postmaster(Path data) {
    try {
      List<String> lines = Files.readAllLines(pidFile(data));
      long pid = Long.parseLong(lines.getFirst().strip());
      boolean postgres =
          ProcessHandle.of(pid)
              .flatMap(running -> running.info().command())
              .map(command -> command.endsWith("postgres"))
              .orElse(false);
      return postgres ? pid : null;
    } catch (IOException | RuntimeException e) {
      return null;
    }
  }

  static Path pidFile(Path data) {
    return data.resolve("postgres").resolve("data").resolve("postmaster.pid");
  }
}
