package dev.selfsame.replay;

import dev.selfsame.identity.Claim;
import dev.selfsame.resolution.Keys;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Of which users the ledger cannot tell any more how they came to be (I6): an erasure touched them,
 * or what was said of them is no longer kept; and whoever may have had to do with them, directly or
 * through others. First all rows are added, then it is asked. Not thread-safe.
 *
 * <p>Accounts tie no users together here, or one erasure would touch whole companies. So where
 * anybody is touched, whatever hangs on accounts cannot be told either: notes that name one, rows
 * that replace accounts, and what was done to accounts.
 */
public final class Touched {

  private final History history;
  private final Connected connections = new Connected();
  private final Set<UUID> first = new HashSet<>();
  private final Set<UUID> parts = new HashSet<>();

  /** Those whose notes or rows hang on companies. */
  private final Set<UUID> companies = new HashSet<>();

  private @Nullable Set<Integer> roots;

  public Touched(History history) {
    this.history = history;
    first.addAll(history.touched());
  }

  public void add(Past past) {
    named(past);
    UUID part = past.row().part();
    if (part != null) {
      parts.add(part);
      if (namesCompany(past)) {
        companies.add(part);
      }
      if (past instanceof Past.Lost lost && lost.why() != Past.Why.SETTING) {
        first.add(part);
      }
    }
    roots = null;
  }

  /** Whether the row, which was added, is about such a user. */
  public boolean has(Past past) {
    if (namesCompany(past) && !first.isEmpty()) {
      return true;
    }
    int named = named(past);
    return named != Connected.NOTHING && roots().contains(connections.root(named));
  }

  /** The live users that are such. */
  public Collection<UUID> users() {
    Set<UUID> touched = new HashSet<>(start());
    for (UUID part : parts) {
      if (roots().contains(root(part))) {
        touched.add(part);
      }
    }
    return new TreeSet<>(history.live(touched));
  }

  private Set<UUID> start() {
    Set<UUID> start = new HashSet<>(first);
    if (!first.isEmpty()) {
      start.addAll(companies);
    }
    return start;
  }

  private static boolean namesCompany(Past past) {
    return past instanceof Past.Said said
        && (said.claim() instanceof Claim.AccountAct
            || (said.claim() instanceof Claim.WarehouseRow row && row.replacesAccounts())
            || (said.claim() instanceof Claim.Note note && note.namesCompany()));
  }

  private int named(Past past) {
    connections.begin();
    connections.name(past.row().part());
    if (past instanceof Past.Said said) {
      connections.nameUsers(
          Keys.of(said.claim(), history.settings(said.row().policyVersion()).policy()));
    }
    return connections.named();
  }

  private int root(UUID part) {
    connections.begin();
    connections.name(part);
    return connections.root(connections.named());
  }

  private Set<Integer> roots() {
    Set<Integer> known = roots;
    if (known == null) {
      // Naming one that no row names adds it, which moves no root.
      known = new HashSet<>();
      for (UUID part : start()) {
        known.add(root(part));
      }
      roots = known;
    }
    return known;
  }
}
