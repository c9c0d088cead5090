package dev.selfsame.cli;

import dev.selfsame.access.Access;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.postgres.EmbeddedPostgres;
import dev.selfsame.postgres.PostgresFailure;
import dev.selfsame.postgres.PostgresSettings;
import dev.selfsame.store.Database;
import dev.selfsame.store.DatabaseAddress;
import dev.selfsame.store.StoreSettings;
import dev.selfsame.store.StoredSpaces;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The database of a hub, for the time of one command: the one that is named, or that of the server
 * that runs on the data directory, or else the directory's own, started and stopped again.
 */
final class OpenHub implements AutoCloseable {
  private final String space;
  private final DatabaseAddress address;
  private final @Nullable EmbeddedPostgres postgres;
  private @Nullable Database database;

  private OpenHub(
      HubOptions options, DatabaseAddress address, @Nullable EmbeddedPostgres postgres) {
    this.space = options.space();
    this.address = address;
    this.postgres = postgres;
  }

  static OpenHub of(HubOptions options, PrintWriter progress) {
    if (options.databaseUrl != null && !options.databaseUrl.isBlank()) {
      return new OpenHub(options, DatabaseAddress.parse(options.databaseUrl), null);
    }
    ServerFile running = ServerFile.running(options.data);
    if (running != null) {
      return new OpenHub(options, DatabaseAddress.parse(running.databaseUrl()), null);
    }
    if (!holdsData(options.data)) {
      throw new Failure(
          Problem.NOT_FOUND,
          "There is no hub in %s. Start one with: selfsame serve --data %s"
              .formatted(options.data, options.data));
    }
    return start(options, progress);
  }

  /** A database to restore into, which may be new; whether it is empty, it tells itself. */
  static OpenHub toFill(HubOptions options, PrintWriter progress) {
    if (options.databaseUrl != null && !options.databaseUrl.isBlank()) {
      return new OpenHub(options, DatabaseAddress.parse(options.databaseUrl), null);
    }
    if (ServerFile.running(options.data) != null) {
      throw new Failure(
          Problem.NOT_EMPTY,
          "A server runs on %s. Nothing was changed. Restore into a new directory with --data."
              .formatted(options.data));
    }
    try {
      return start(options, progress);
    } catch (PostgresFailure e) {
      switch (e.reason()) {
        case DIRECTORY_NOT_OURS, DIRECTORY_IN_USE ->
            throw new Failure(Problem.NOT_EMPTY, e.getMessage(), 0, e);
        default -> throw e;
      }
    }
  }

  private static OpenHub start(HubOptions options, PrintWriter progress) {
    EmbeddedPostgres postgres =
        EmbeddedPostgres.open(
            PostgresSettings.in(options.data),
            line -> {
              progress.println(line);
              progress.flush();
            });
    return new OpenHub(
        options,
        new DatabaseAddress(postgres.jdbcUrl(), postgres.user(), postgres.password()),
        postgres);
  }

  /** Whether a hub was ever started on the directory. */
  static boolean holdsData(Path directory) {
    String[] names = directory.toFile().list();
    return Files.isDirectory(directory) && names != null && names.length > 0;
  }

  DatabaseAddress address() {
    return address;
  }

  /**
   * The database, brought up to date like a server would.
   *
   * @throws Failure {@code UNKNOWN_SPACE} where the command is about one that there is not
   */
  Database database() {
    Database open = database;
    if (open == null) {
      open = Database.open(address, StoreSettings.DEFAULT, Instant.now());
      database = open;
      if (!space.equals(Access.DEFAULT_SPACE)) {
        new StoredSpaces(open).need(space);
      }
    }
    return open;
  }

  @Override
  public void close() {
    if (database != null) {
      database.close();
    }
    if (postgres != null) {
      postgres.close();
    }
  }
}
