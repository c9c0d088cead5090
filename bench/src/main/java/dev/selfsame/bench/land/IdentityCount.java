package dev.selfsame.bench.land;

import dev.selfsame.bench.land.Truth.Standard;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How far a table with one row per person, and a column per tool, is from what is true. */
public final class IdentityCount {

  /**
   * What became of the people and of their records.
   *
   * @param right people with exactly one row, which shows a record of theirs in every tool that
   *     knows them, and nobody else's
   * @param doubled rows beyond a person's first
   * @param mixed rows that show records of two people
   * @param lost records that are somebody's and stand in no row
   */
  public record Defects(long rows, long subjects, long right, long doubled, long mixed, long lost) {
    public boolean none() {
      return right == subjects && rows == subjects && doubled == 0 && mixed == 0 && lost == 0;
    }
  }

  private final Truth truth;
  private final Standard standard;

  /** By person: the tools that know them, one bit each. */
  private final byte[] known;

  private final byte[] shown;
  private final byte[] rowsOf;
  private final BitSet faulty = new BitSet();
  private final BitSet seen = new BitSet();
  private long rows;
  private long doubled;
  private long mixed;

  public IdentityCount(Truth truth, Standard standard) {
    this.truth = truth;
    this.standard = standard;
    int subjects = truth.subjects(standard);
    known = new byte[subjects];
    shown = new byte[subjects];
    rowsOf = new byte[subjects];
    for (int tool = 0; tool < Export.FIVE.size(); tool++) {
      for (int record : truth.recordsOf(Export.FIVE.get(tool)).values()) {
        int owner = truth.owner(standard, record);
        if (owner != Truth.NOBODY) {
          known[owner] |= (byte) (1 << tool);
        }
      }
    }
  }

  /** One row: the ids in the order of {@link Export#FIVE}. */
  public void add(@Nullable String... ids) {
    rows++;
    int owner = Truth.NOBODY;
    boolean other = false;
    int tools = 0;
    for (int tool = 0; tool < Export.FIVE.size(); tool++) {
      String id = ids[tool];
      if (id == null) {
        continue;
      }
      int record = truth.record(Export.FIVE.get(tool), id);
      if (record < 0) {
        throw new IllegalArgumentException(
            "No such record of " + Export.FIVE.get(tool).table() + ": " + id);
      }
      int of = truth.owner(standard, record);
      if (owner == Truth.NOBODY) {
        owner = of;
      }
      if (of == Truth.NOBODY || of != owner) {
        other = true;
      } else {
        tools |= 1 << tool;
      }
      seen.set(record);
    }
    if (other) {
      mixed++;
    }
    if (owner == Truth.NOBODY) {
      return;
    }
    if (other) {
      faulty.set(owner);
    }
    shown[owner] |= (byte) tools;
    if (rowsOf[owner] > 0) {
      doubled++;
    }
    if (rowsOf[owner] < 2) {
      rowsOf[owner]++;
    }
  }

  public Defects defects() {
    long right = 0;
    long subjects = 0;
    for (int each = 0; each < known.length; each++) {
      if (known[each] == 0) {
        continue;
      }
      subjects++;
      if (rowsOf[each] == 1 && shown[each] == known[each] && !faulty.get(each)) {
        right++;
      }
    }
    long lost = 0;
    for (Export export : List.copyOf(Export.FIVE)) {
      for (int record : truth.recordsOf(export).values()) {
        if (truth.owner(standard, record) != Truth.NOBODY && !seen.get(record)) {
          lost++;
        }
      }
    }
    return new Defects(rows, subjects, right, doubled, mixed, lost);
  }
}
