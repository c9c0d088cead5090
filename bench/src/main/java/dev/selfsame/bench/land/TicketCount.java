package dev.selfsame.bench.land;

import dev.selfsame.bench.land.Truth.Grouping;
import dev.selfsame.bench.land.Truth.Standard;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** How far an answer that counts tickets by group is from what is true, ticket by ticket. */
public final class TicketCount {

  /**
   * Tickets by what is wrong with them.
   *
   * @param wrong counted in a group that is not theirs
   * @param lost missing, or counted in no group though they belong to one
   * @param doubled how often tickets were counted beyond the first time
   */
  public record Defects(long wrong, long lost, long doubled) {
    public boolean none() {
      return wrong == 0 && lost == 0 && doubled == 0;
    }
  }

  private static final byte RIGHT = 1;
  private static final byte WRONG = 2;

  /** Counted where nobody looks for it: as good as lost, but counted. */
  private static final byte NOWHERE = 4;

  private final @Nullable String[] truth;
  private final byte[] seen;
  private long doubled;

  public TicketCount(Truth truth, Standard standard, Grouping grouping) {
    this.truth = new @Nullable String[truth.tickets()];
    seen = new byte[truth.tickets()];
    for (int ticket = 0; ticket < seen.length; ticket++) {
      this.truth[ticket] = truth.group(standard, grouping, ticket + 1);
    }
  }

  /** One row of an answer before it is counted. Tickets are numbered from 1. */
  public void add(int ticket, @Nullable String group) {
    int index = ticket - 1;
    byte before = seen[index];
    if (before != 0) {
      doubled++;
    }
    String expected = truth[index];
    if (Objects.equals(group, expected)) {
      seen[index] |= RIGHT;
    } else if (group != null) {
      seen[index] |= WRONG;
    } else {
      seen[index] |= NOWHERE;
    }
  }

  public Defects defects() {
    long wrong = 0;
    long lost = 0;
    for (byte each : seen) {
      if ((each & WRONG) != 0) {
        wrong++;
      } else if ((each & RIGHT) == 0) {
        lost++;
      }
    }
    return new Defects(wrong, lost, doubled);
  }
}
