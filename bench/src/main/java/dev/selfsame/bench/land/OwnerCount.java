package dev.selfsame.bench.land;

import dev.selfsame.bench.land.Truth.Standard;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How far the hub's users are from those that the rules make, record by record: two records have
 * one user exactly if they should.
 */
public final class OwnerCount {

  /**
   * Records by what is wrong with them.
   *
   * @param wrong with a user who is another's, or with one where they should have none
   * @param lost without a user though they should have one
   */
  public record Defects(long wrong, long lost) {
    public boolean none() {
      return wrong == 0 && lost == 0;
    }
  }

  private final Truth truth;
  private final BitSet seen = new BitSet();
  private final Map<String, Integer> ownerOf = new HashMap<>();
  private final @Nullable String[] userOf;
  private long wrong;

  public OwnerCount(Truth truth) {
    this.truth = truth;
    userOf = new @Nullable String[truth.users()];
  }

  /** A record that the hub says to be a user's. */
  public void add(Export table, String id, String user) {
    int record = truth.record(table, id);
    int owner = record < 0 ? Truth.NOBODY : truth.owner(Standard.RULES, record);
    if (owner == Truth.NOBODY || seen.get(record)) {
      wrong++;
      return;
    }
    seen.set(record);
    if (userOf[owner] == null) {
      userOf[owner] = user;
    }
    Integer other = ownerOf.putIfAbsent(user, owner);
    if (!user.equals(userOf[owner]) || (other != null && other != owner)) {
      wrong++;
    }
  }

  public Defects defects() {
    long lost = 0;
    for (int record = 0; record < truth.records(); record++) {
      if (truth.owner(Standard.RULES, record) != Truth.NOBODY && !seen.get(record)) {
        lost++;
      }
    }
    return new Defects(wrong, lost);
  }
}
