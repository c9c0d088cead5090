package dev.selfsame.publish;

import dev.selfsame.store.PublishedRows;
import dev.selfsame.store.PublishedRows.Position;
import dev.selfsame.store.PublishedRows.Wanted;
import dev.selfsame.store.PublishedTable;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A place while it is published to. What is done from {@link #begin} to {@link #commit} is seen
 * there at once, or, where that does not come, never.
 */
interface Destination extends AutoCloseable {

  /**
   * Up to where who is who stands there.
   *
   * @param publication the definition that wrote it
   */
  record Standing(UUID publication, Position position) {}

  /**
   * Looks at what is there, and makes what is missing.
   *
   * @param anew tables that somebody changed or dropped are made anew; else they are a failure
   * @return null: nothing that could be led on
   */
  @Nullable Standing begin(boolean anew);

  /** Whether each publish writes all rows. */
  boolean whole();

  /** Takes all rows away. */
  void clear(PublishedTable table);

  /** Takes the rows of these keys away. */
  void delete(PublishedTable table, List<String> keys);

  /** Writes rows and returns how many. */
  long fill(PublishedTable table, PublishedRows rows, Wanted wanted);

  /** All of it is seen from now on. */
  void commit(Standing standing, Instant now);

  /** What was not committed is gone. */
  @Override
  void close();
}
