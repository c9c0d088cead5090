package dev.selfsame.source.land;

import dev.selfsame.resolution.Outcome;
import dev.selfsame.store.ColumnType;
import dev.selfsame.store.LandedRows.Counts;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What became of a landing.
 *
 * @param table as people call it
 * @param counts of its rows
 * @param newColumns that the table has since, with what they are
 * @param renamed columns that are called differently in the table, by what the rows call them
 * @param leftOut columns that did not land, with the reason
 * @param decided what the rows claimed; null where they are no people
 */
public record Landed(
    String table,
    Counts counts,
    Map<String, ColumnType> newColumns,
    Map<String, String> renamed,
    Map<String, String> leftOut,
    @Nullable Decided decided) {

  /**
   * What became of the claims.
   *
   * @param claims how many rows claimed something
   * @param outcomes claims by outcome
   * @param codes claims by rule
   * @param rejected by reason
   * @param flagged claims that raised something for a person to look at
   * @param again rows that could not be settled, and are tried again when the tool lands next
   */
  public record Decided(
      long claims,
      Map<Outcome, Long> outcomes,
      Map<String, Long> codes,
      Map<String, Long> rejected,
      long flagged,
      long again) {

    public long of(Outcome outcome) {
      return outcomes.getOrDefault(outcome, 0L);
    }
  }
}
