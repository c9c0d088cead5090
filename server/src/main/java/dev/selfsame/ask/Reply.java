package dev.selfsame.ask;

import dev.selfsame.store.ReaderQuery;
import dev.selfsame.store.ReaderQuery.Column;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a question was answered with, in memory: as many rows as people look at.
 *
 * @param rows values as PostgreSQL writes them; null for NULL
 * @param more whether there were more rows than are here
 */
public record Reply(
    Question question,
    List<Column> columns,
    List<@Nullable String[]> rows,
    boolean more,
    Duration took) {

  /** What ends the reading when there is enough. */
  private static final class Enough extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Enough() {
      super(null, null, false, false);
    }
  }

  /**
   * Asks.
   *
   * @param query unused yet; whoever holds it may cancel
   * @param limit how long the database may work
   * @param mostRows where reading ends
   * @throws dev.selfsame.error.Failure as {@link ReaderQuery#run}
   */
  public static Reply to(Question question, ReaderQuery query, Duration limit, int mostRows) {
    List<Column> columns = new ArrayList<>();
    List<@Nullable String[]> rows = new ArrayList<>();
    boolean more = false;
    long start = System.nanoTime();
    try {
      query.run(
          question.sql(),
          limit,
          mostRows + 1,
          new ReaderQuery.Sink() {
            @Override
            public void columns(List<Column> found) {
              columns.addAll(found);
            }

            @Override
            public void row(@Nullable String[] values) {
              if (rows.size() == mostRows) {
                throw new Enough();
              }
              rows.add(values);
            }
          });
    } catch (Enough enough) {
      more = true;
    }
    return new Reply(
        question,
        List.copyOf(columns),
        List.copyOf(rows),
        more,
        Duration.ofNanos(System.nanoTime() - start));
  }
}
