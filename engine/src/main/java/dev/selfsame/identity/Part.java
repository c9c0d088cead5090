package dev.selfsame.identity;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What the claims that named one created user's own identifiers have said. Every user that was ever
 * created is a part for ever; a merge only ties parts together ({@link Merge}), so that taking it
 * away again restores both sides exactly.
 *
 * @param id minted when the user was created; the user's id while the part is not absorbed
 * @param createdPosition ledger position of the claim that created it: which of two users was
 *     created first
 * @param createdAt when that claim was received, microseconds
 * @param identifiers in the order in which the part first held them; at most one current per type
 *     of external id, email and billing provider
 * @param bars parts that no rule may join with this one (an undo or a "keep apart"); symmetric
 */
public record Part(
    UUID id,
    long createdPosition,
    long createdAt,
    @Nullable Field name,
    List<Held> identifiers,
    Set<UUID> bars) {

  public Part {
    identifiers = List.copyOf(identifiers);
    bars = Set.copyOf(bars);
  }

  public static Part created(UUID id, long position, long at) {
    return new Part(id, position, at, null, List.of(), Set.of());
  }

  /** The current identifier of a type, or null. */
  public @Nullable Held current(IdentifierType type) {
    for (Held held : identifiers) {
      if (held.current() && held.type().equals(type)) {
        return held;
      }
    }
    return null;
  }

  /** The identifier as held here, current or not, or null. */
  public @Nullable Held held(Identifier id) {
    for (Held held : identifiers) {
      if (held.id().equals(id)) {
        return held;
      }
    }
    return null;
  }

  /** The current billing id that was set last, of whatever provider, or null. */
  public @Nullable Held billingId() {
    Held last = null;
    for (Held held : identifiers) {
      if (held.current()
          && held.type().kind() == IdentifierType.Kind.BILLING
          && (last == null || held.outranks(last))) {
        last = held;
      }
    }
    return last;
  }

  /** The same of customers that the provider has not deleted. */
  public @Nullable Held liveBillingId() {
    Held last = null;
    for (Held held : identifiers) {
      if (held.current()
          && !held.deleted()
          && held.type().kind() == IdentifierType.Kind.BILLING
          && (last == null || held.outranks(last))) {
        last = held;
      }
    }
    return last;
  }

  /** Whether it has an external id, current or alias. */
  public boolean identified() {
    for (Held held : identifiers) {
      if (held.type().equals(IdentifierType.EXTERNAL_ID)) {
        return true;
      }
    }
    return false;
  }

  public Part withId(UUID now) {
    return new Part(now, createdPosition, createdAt, name, identifiers, bars);
  }

  public Part withName(@Nullable Field now) {
    return new Part(id, createdPosition, createdAt, now, identifiers, bars);
  }

  public Part withBars(Set<UUID> now) {
    return new Part(id, createdPosition, createdAt, name, identifiers, now);
  }

  /**
   * This part with the identifier put in place of the one of the same type and value, or added.
   * Others are left alone.
   */
  public Part with(Held now) {
    List<Held> next = new ArrayList<>(identifiers.size() + 1);
    boolean found = false;
    for (Held held : identifiers) {
      boolean same = held.id().equals(now.id());
      next.add(same ? now : held);
      found |= same;
    }
    if (!found) {
      next.add(now);
    }
    return new Part(id, createdPosition, createdAt, name, next, bars);
  }

  /**
   * This part with the identifier made the current one of its type: what was current before stays,
   * not current. For a billing id, external id or email.
   */
  public Part withCurrent(Held now) {
    List<Held> next = new ArrayList<>(identifiers.size() + 1);
    boolean found = false;
    for (Held held : identifiers) {
      if (held.id().equals(now.id())) {
        next.add(now);
        found = true;
      } else {
        boolean replaced = held.current() && held.type().equals(now.type());
        next.add(replaced ? held.withCurrent(false) : held);
      }
    }
    if (!found) {
      next.add(now);
    }
    return new Part(id, createdPosition, createdAt, name, next, bars);
  }

  public Part without(Identifier id) {
    List<Held> next = new ArrayList<>(identifiers);
    next.removeIf(held -> held.id().equals(id));
    return new Part(this.id, createdPosition, createdAt, name, next, bars);
  }

  public Part map(UnaryOperator<Held> change) {
    return new Part(
        id, createdPosition, createdAt, name, identifiers.stream().map(change).toList(), bars);
  }
}
