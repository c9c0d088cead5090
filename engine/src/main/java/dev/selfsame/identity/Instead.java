package dev.selfsame.identity;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * How one part would stand, had the claim that merged its user not merged: the row without a merge
 * may write more, less or elsewhere. Undo puts the one in the place of the other, where no later
 * claim has changed it.
 *
 * @param made of the part as the claim left it, what differs: identifiers, the name if that does,
 *     and bars that only this one has
 * @param apart the same of the part as the claim would have left it
 */
public record Instead(Part made, Part apart) {

  public Instead {
    if (!made.id().equals(apart.id())) {
      throw new IllegalArgumentException("Two versions of one part; got " + made + " and " + apart);
    }
  }

  /** What differs between the two; null if nothing does. */
  public static @Nullable Instead of(Part made, Part apart) {
    if (made.equals(apart)) {
      return null;
    }
    boolean named = !Objects.equals(made.name(), apart.name());
    return new Instead(
        new Part(
            made.id(),
            made.createdPosition(),
            made.createdAt(),
            named ? made.name() : null,
            beyond(made, apart),
            without(made.bars(), apart.bars())),
        new Part(
            apart.id(),
            apart.createdPosition(),
            apart.createdAt(),
            named ? apart.name() : null,
            beyond(apart, made),
            without(apart.bars(), made.bars())));
  }

  private static List<Held> beyond(Part part, Part other) {
    return part.identifiers().stream().filter(held -> !held.equals(other.held(held.id()))).toList();
  }

  private static Set<UUID> without(Set<UUID> bars, Set<UUID> others) {
    Set<UUID> left = new HashSet<>(bars);
    left.removeAll(others);
    return left;
  }

  public UUID part() {
    return made.id();
  }

  /** Every identifier that stands otherwise. */
  public Set<Identifier> identifiers() {
    Set<Identifier> all = new LinkedHashSet<>();
    made.identifiers().forEach(held -> all.add(held.id()));
    apart.identifiers().forEach(held -> all.add(held.id()));
    return all;
  }

  /**
   * The part as it stands today, with what the claim made of it taken back. An identifier that it
   * no longer holds stays away, and one that is only to come ({@link #toCome}) is not added here.
   */
  public Part takenBack(Part now) {
    List<Held> next = new ArrayList<>(now.identifiers().size());
    for (Held held : now.identifiers()) {
      Held left = made.held(held.id());
      if (left == null || !same(held, left)) {
        next.add(held);
        continue;
      }
      Held was = apart.held(held.id());
      if (was != null) {
        next.add(was.withLastSeen(held.equals(left) ? was.lastSeen() : held.lastSeen()));
      }
    }
    boolean named = !Objects.equals(made.name(), apart.name());
    Field name = named && Objects.equals(now.name(), made.name()) ? apart.name() : now.name();
    return oneCurrentEach(
        new Part(now.id(), now.createdPosition(), now.createdAt(), name, next, now.bars()));
  }

  /** What the part would hold and the claim did not leave there. */
  public List<Held> toCome() {
    return apart.identifiers().stream().filter(held -> made.held(held.id()) == null).toList();
  }

  /** Being seen again is no change. */
  private static boolean same(Held now, Held left) {
    return now.withLastSeen(left.lastSeen()).equals(left);
  }

  /**
   * What a later claim made current stays so; what was current before the merge then was replaced.
   */
  private static Part oneCurrentEach(Part part) {
    return part.map(held -> {
      boolean one =
          switch (held.type().kind()) {
            case EXTERNAL, EMAIL, BILLING -> true;
            case RECORD, FALLBACK -> false;
          };
      boolean later =
          one
              && held.current()
              && part.identifiers().stream()
                  .anyMatch(other ->
                      other.current()
                          && other.type().equals(held.type())
                          && other.position() > held.position());
      return later ? held.withCurrent(false) : held;
    });
  }
}
