package dev.selfsame.ask;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A statement worth keeping, with what people need to know to read its answer.
 *
 * @param name what it is called in commands and paths
 * @param about what it counts, and what it does not prove; empty where the file says nothing
 * @param x the columns that name a bar or point; empty: the first column
 * @param y the columns that are drawn; empty: the first of numbers after those of {@code x}
 * @param unit of what is drawn
 * @param sql the whole file, so that the lines of PostgreSQL's errors are the file's
 */
public record Question(
    String name,
    Origin origin,
    String title,
    String about,
    ChartKind chart,
    List<String> x,
    List<String> y,
    @Nullable String unit,
    String sql) {

  /** Where a question comes from. */
  public enum Origin {
    /** Part of the program. */
    BUILT_IN("built in"),
    /** A file of the operator's. */
    OWN("own"),
    /** A file of the operator's in the place of a built-in question of its name. */
    OWN_INSTEAD("own, instead of the built-in one");

    private final String words;

    Origin(String words) {
      this.words = words;
    }

    public String words() {
      return words;
    }
  }

  public Question {
    x = List.copyOf(x);
    y = List.copyOf(y);
  }
}
