package dev.selfsame.postgres;

import dev.selfsame.postgres.PostgresFailure.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A real PostgreSQL server that the program unpacks, starts, watches and stops.
 *
 * <p>It is a process of its own and outlives a program that is killed; the next one to open the
 * directory adopts it. When the server dies under a living program it is started again on the same
 * port, so that connection pools find it by themselves.
 *
 * <p>The program calls {@link #close()} at its end, after it has closed its connections; nothing
 * here does so by itself. Safe for use by several threads.
 */
public final class EmbeddedPostgres implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(EmbeddedPostgres.class);
  private static final Duration WATCH = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
  private static final Duration BETWEEN_LOG_CHECKS = Duration.ofMinutes(1);

  private final PostgresSettings settings;
  private final DirectoryLock lock;
  private final Cluster cluster;
  private final boolean adopted;
  private final Thread watcher = new Thread(this::watch, "postgres-watch");
  private final CountDownLatch closing = new CountDownLatch(1);
  private final AtomicBoolean closed = new AtomicBoolean();
  private final AtomicInteger restarts = new AtomicInteger();
  private volatile Postmaster server;

  private EmbeddedPostgres(
      PostgresSettings settings,
      DirectoryLock lock,
      Cluster cluster,
      Postmaster server,
      boolean adopted) {
    this.settings = settings;
    this.lock = lock;
    this.cluster = cluster;
    this.server = server;
    this.adopted = adopted;
    watcher.setDaemon(true);
  }

  /**
   * Opens the databases of a directory, which are made when it is absent or empty, and returns when
   * the server accepts connections. Call it before anything else writes into a new directory.
   *
   * @param progress is told, in words for a person, what takes long
   * @throws PostgresFailure when it cannot be; then nothing is left running or held
   */
  public static EmbeddedPostgres open(PostgresSettings settings, Consumer<String> progress) {
    Path directory = settings.directory().toAbsolutePath().normalize();
    Archive archive = Archive.forThisMachine();
    try {
      Layout layout = Layout.of(directory);
      DirectoryLock lock = DirectoryLock.acquire(layout);
      try {
        EmbeddedPostgres postgres = open(settings, progress, layout, lock, archive);
        postgres.watcher.start();
        return postgres;
      } catch (Throwable e) {
        lock.close();
        throw e;
      }
    } catch (IOException e) {
      throw PostgresFailure.of(e, directory);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PostgresFailure(
          Reason.DID_NOT_START,
          "The start of PostgreSQL in %s was interrupted.".formatted(directory));
    }
  }

  private static EmbeddedPostgres open(
      PostgresSettings settings,
      Consumer<String> progress,
      Layout layout,
      DirectoryLock lock,
      Archive archive)
      throws IOException, InterruptedException {
    // Absolute, since its programs run in a working directory of their own.
    Binaries binaries = Binaries.in(settings.binaries().toAbsolutePath(), archive, progress);
    RunAs runAs = RunAs.choose(layout, binaries);
    Cluster cluster = Cluster.open(layout, binaries, runAs, progress);

    Optional<Postmaster> orphan = Postmaster.leftRunning(cluster, settings.startTimeout());
    if (orphan.isPresent()) {
      Postmaster server = orphan.get();
      boolean samePort = settings.port() == 0 || settings.port() == server.port();
      if (samePort && server.isOurs()) {
        return new EmbeddedPostgres(settings, lock, cluster, server, true);
      }
      progress.accept(
          "Stopping the PostgreSQL that a killed program left (process %d)"
              .formatted(server.pid()));
      server.stop(settings.stopTimeout());
    }
    Postmaster server = start(settings, progress, cluster);
    return new EmbeddedPostgres(settings, lock, cluster, server, false);
  }

  /** On the port that SQL clients know, unless somebody else has it by now. */
  private static Postmaster start(
      PostgresSettings settings, Consumer<String> progress, Cluster cluster)
      throws IOException, InterruptedException {
    int kept = cluster.keptPort();
    int port = settings.port() == 0 ? kept : settings.port();
    boolean elsewhere = settings.port() == 0 && kept != 0 && !Postmaster.isFree(kept);
    if (elsewhere) {
      progress.accept(
          "Port %d, where SQL clients know this database, is taken: this time it gets another one"
              .formatted(kept));
    }
    Postmaster server =
        Postmaster.start(
            cluster, elsewhere ? 0 : port, settings.startTimeout(), () -> false, progress);
    if (!elsewhere) {
      cluster.keepPort(server.port());
    }
    return server;
  }

  /** The address for the PostgreSQL driver, without user and password. */
  public String jdbcUrl() {
    return Cluster.jdbcUrl(port());
  }

  /** The superuser. */
  public String user() {
    return Cluster.USER;
  }

  /** The superuser's password. */
  public String password() {
    return cluster.password();
  }

  /** The port on 127.0.0.1; it stays the same as long as this is open. */
  public int port() {
    return server.port();
  }

  /** The server's process. */
  public long pid() {
    return server.pid();
  }

  /** PostgreSQL's major version. */
  public int majorVersion() {
    return Archive.MAJOR_VERSION;
  }

  /** Whether the server was found running, left by a program that was killed. */
  public boolean adopted() {
    return adopted;
  }

  /** Whether the server runs at this moment. */
  public boolean alive() {
    return server.isRunning();
  }

  /** How often the server died and was started again. */
  public int restarts() {
    return restarts.get();
  }

  /**
   * Stops the server and frees the directory. Clients still connected are cut off. Calling it again
   * does nothing.
   */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    closing.countDown();
    boolean interrupted = joinWatcher();
    try {
      server.stop(settings.stopTimeout());
    } finally {
      try {
        lock.close();
      } catch (IOException e) {
        log.warn("The lock of {} could not be closed", cluster.layout().directory(), e);
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** The watcher sees the closing within one poll, also in the middle of a start. */
  private boolean joinWatcher() {
    boolean interrupted = false;
    while (watcher.isAlive()) {
      try {
        watcher.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    return interrupted;
  }

  private void watch() {
    long logChecked = System.nanoTime();
    try {
      while (!closing.await(WATCH.toMillis(), TimeUnit.MILLISECONDS)) {
        if (!server.isRunning()) {
          restart();
        } else if (System.nanoTime() - logChecked > BETWEEN_LOG_CHECKS.toNanos()) {
          logChecked = System.nanoTime();
          boundLog();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Tries until it runs, at growing distances: what stands in the way, such as a full disk, may be
   * cleared by a person.
   */
  private void restart() throws InterruptedException {
    log.error("PostgreSQL (process {}) ended unexpectedly; starting it again", server.pid());
    Duration pause = WATCH;
    do {
      try {
        server =
            Postmaster.start(
                cluster, server.port(), settings.startTimeout(), this::isClosing, log::info);
        log.warn(
            "PostgreSQL runs again (process {}, restart {})",
            server.pid(),
            restarts.incrementAndGet());
        return;
      } catch (IOException | RuntimeException e) {
        log.error("PostgreSQL could not be started again; next try in {} s", pause.toSeconds(), e);
      }
      pause =
          pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0
              ? pause.multipliedBy(2)
              : LONGEST_PAUSE;
    } while (!closing.await(pause.toMillis(), TimeUnit.MILLISECONDS));
  }

  private boolean isClosing() {
    return closing.getCount() == 0;
  }

  private void boundLog() {
    try {
      cluster.log().bound();
    } catch (IOException e) {
      log.warn("PostgreSQL's log could not be cut", e);
    }
  }
}
