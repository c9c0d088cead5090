package dev.selfsame.cli;

import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The whole program, as the command that starts it sees it. */
public interface Program {

  /**
   * What the command line says about a start.
   *
   * @param databaseUrl null: the PostgreSQL in the data directory
   * @param listen null: as the settings say
   * @param sqlPort of the PostgreSQL in the data directory; 0: the one that it had last
   * @param settings null: no settings file
   * @param tlsCert null: as the settings say
   * @param tlsKey null: as the settings say
   * @param demo users to look at are put into a hub that has none
   */
  record Start(
      Path data,
      @Nullable String databaseUrl,
      @Nullable String listen,
      int sqlPort,
      @Nullable Path settings,
      @Nullable Path tlsCert,
      @Nullable Path tlsKey,
      boolean demo) {}

  /** A program that serves. */
  interface Running extends AutoCloseable {

    /** Where it listens. */
    String url();

    /** The key that was made at this first start; null at every other. */
    @Nullable String newWriteKey();

    /** The token that was made at this first start; null at every other. */
    @Nullable String newToken();

    /** The link that lets the first member in; null where there is one. */
    @Nullable String signInLink();

    /** Takes no more, finishes what it has, and ends. */
    @Override
    void close();
  }

  /**
   * Starts it and returns when it is ready.
   *
   * @param progress is told, in words for a person, what takes long
   */
  Running start(Start start, Consumer<String> progress);
}
