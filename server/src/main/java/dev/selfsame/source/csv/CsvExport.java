package dev.selfsame.source.csv;

import de.siegmar.fastcsv.writer.CsvWriter;
import dev.selfsame.store.Database;
import dev.selfsame.store.UserExport;
import dev.selfsame.store.UserFilter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Writes all live users as CSV: comma, CRLF, as RFC 4180 has it. Importing what it wrote changes
 * nothing.
 */
public final class CsvExport {

  private static final int TOLD_EVERY = 10_000;

  private CsvExport() {}

  /**
   * Writes them.
   *
   * @param to is not closed
   * @param told how many users were written, from time to time
   * @return how many there were
   */
  public static long write(
      Database database, String space, Instant now, Writer to, LongConsumer told) {
    long[] count = {0};
    return write(
        now,
        to,
        csv ->
            UserExport.each(
                database,
                space,
                user -> {
                  csv.accept(user);
                  if (++count[0] % TOLD_EVERY == 0) {
                    told.accept(count[0]);
                  }
                }));
  }

  /** Writes the users that a filter lets through. */
  static long write(Database database, String space, UserFilter filter, Instant now, Writer to) {
    return write(now, to, csv -> UserExport.each(database, space, filter, null, csv));
  }

  /**
   * Writes those of the users that there still are.
   *
   * @param pages read one after the other
   */
  static long write(
      Database database, String space, Iterator<List<UUID>> pages, Instant now, Writer to) {
    return write(
        now,
        to,
        csv -> {
          long users = 0;
          while (pages.hasNext()) {
            users += UserExport.each(database, space, UserFilter.NONE, pages.next(), csv);
          }
          return users;
        });
  }

  private static long write(
      Instant now, Writer to, ToLongFunction<Consumer<UserExport.Row>> users) {
    String asOf = now.truncatedTo(ChronoUnit.SECONDS).toString();
    try {
      CsvWriter csv = CsvWriter.builder().build(to);
      csv.writeRecord(Arrays.stream(CsvColumn.values()).map(CsvColumn::title).toList());
      long count = users.applyAsLong(user -> csv.writeRecord(cells(user, asOf)));
      csv.flush();
      return count;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String[] cells(UserExport.Row user, String asOf) {
    UUID id = user.id();
    String externalId = text(user.externalId());
    String name = text(user.name());
    String email = text(user.email());
    String billingId = text(user.billingId());
    return new String[] {
      id.toString(),
      Guard.put(externalId),
      Guard.put(name),
      Guard.put(email),
      Guard.put(billingId),
      user.createdAt().toString(),
      AsOf.of(asOf, externalId, name, email, billingId)
    };
  }

  private static String text(@Nullable String value) {
    return value == null ? "" : value;
  }
}
