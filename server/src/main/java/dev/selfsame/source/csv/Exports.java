package dev.selfsame.source.csv;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.store.Database;
import dev.selfsame.store.UserFilter;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Semaphore;

/** Users as files, sent while they are read; no more than a few at once. Thread-safe. */
public final class Exports {

  /** Each holds a connection, and what its moment of the database looked like. */
  private static final int AT_ONCE = 2;

  private static final int BUFFER = 1 << 16;
  private static final int BUSY_SECONDS = 10;

  private final Database database;
  private final String space;
  private final InstantSource clock;
  private final Semaphore places = new Semaphore(AT_ONCE);

  public Exports(Database database, String space, InstantSource clock) {
    this.database = database;
    this.space = space;
    this.clock = clock;
  }

  /** Where a file goes; it is asked for when there is a place to send one. */
  @FunctionalInterface
  public interface Target {
    OutputStream open() throws IOException;
  }

  private interface Writing {
    void to(Writer writer);
  }

  /**
   * Sends the users that a filter lets through, as of one moment.
   *
   * @throws Failure {@code TOO_BUSY} while others are sent
   */
  public void send(UserFilter filter, Target target) throws IOException {
    send(target, to -> CsvExport.write(database, space, filter, clock.instant(), to));
  }

  /**
   * Sends users by their ids, those that there still are.
   *
   * @param pages read one after the other, as they are sent
   * @throws Failure {@code TOO_BUSY} while others are sent
   */
  public void send(Iterator<List<UUID>> pages, Target target) throws IOException {
    send(target, to -> CsvExport.write(database, space, pages, clock.instant(), to));
  }

  private void send(Target target, Writing writing) throws IOException {
    if (!places.tryAcquire()) {
      throw new Failure(
          Problem.TOO_BUSY,
          "%d exports are being sent, and no more at once; try again.".formatted(AT_ONCE),
          BUSY_SECONDS,
          null);
    }
    try {
      Writer to = new BufferedWriter(new OutputStreamWriter(target.open(), UTF_8), BUFFER);
      writing.to(to);
      to.flush();
    } finally {
      places.release();
    }
  }
}
