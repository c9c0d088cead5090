package dev.selfsame.identity;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A live user: one or more parts, and the merges that tie them together. What people see of it (external id, email, name,
 * billing ids) is the fold of its parts, computed here and nowhere else. Immutable.
 */
public final class User {

  public static final String EXTERNAL_ID = "external_id";
  public static final String EMAIL = "email";
  public static final String NAME = "name";

  private final UUID id;
  private final List<Part> parts;
  private final List<Merge> merges;

  private User(UUID id, List<Part> parts, List<Merge> merges) {
    this.id = id;
    this.parts = parts;
    this.merges = merges;
  }

  /** A user that was never merged. */
  public static User of(Part part) {
    return new User(part.id(), List.of(part), List.of());
  }

  /**
   * A user of several parts.
   *
   * @throws IllegalArgumentException if the merges do not tie the parts into the one user {@code id}
   */
  public static User of(UUID id, List<Part> parts, List<Merge> merges) {
    if (merges.size() != parts.size() - 1) {
      throw new IllegalArgumentException(
          "User %s: %d parts need %d merges; got %d".formatted(id, parts.size(), parts.size() - 1, merges.size()));
    }
    List<Part> byCreation = new ArrayList<>(parts);
    byCreation.sort(Comparator.comparingLong(Part::createdPosition).thenComparing(Part::id));
    List<Merge> byPosition = new ArrayList<>(merges);
    byPosition.sort(Comparator.comparingLong(Merge::position).thenComparingInt(Merge::ordinal));
    if (byCreation.stream().noneMatch(part -> part.id().equals(id))) {
      throw new IllegalArgumentException("User " + id + " is none of its parts");
    }
    return new User(id, List.copyOf(byCreation), List.copyOf(byPosition));
  }

  /** {@code survivor} and {@code absorbed} as one user under the survivor's id. */
  public static User merged(User survivor, User absorbed, Merge merge) {
    List<Part> parts = new ArrayList<>(survivor.parts);
    parts.addAll(absorbed.parts);
    List<Merge> merges = new ArrayList<>(survivor.merges);
    merges.addAll(absorbed.merges);
    merges.add(merge);
    return of(survivor.id, parts, merges);
  }

  public UUID id() {
    return id;
  }

  /** In order of creation. */
  public List<Part> parts() {
    return parts;
  }

  /** In ledger order. */
  public List<Merge> merges() {
    return merges;
  }

  /** The part that has the user's own id. */
  public Part root() {
    return part(id);
  }

  public Part part(UUID partId) {
    for (Part part : parts) {
      if (part.id().equals(partId)) {
        return part;
      }
    }
    throw new IllegalArgumentException("User " + id + " has no part " + partId);
  }

  /** The part that holds the identifier, or null. Of former emails and the like too. */
  public @Nullable Part holder(Identifier identifier) {
    for (Part part : parts) {
      if (part.held(identifier) != null) {
        return part;
      }
    }
    return null;
  }

  /** This user with one part replaced by its next version. */
  public User with(Part next) {
    List<Part> now = new ArrayList<>(parts.size());
    for (Part part : parts) {
      now.add(part.id().equals(next.id()) ? next : part);
    }
    return new User(id, List.copyOf(now), merges);
  }

  /** Whether any part has an external id, current or alias. */
  public boolean identified() {
    for (Part part : parts) {
      if (part.identified()) {
        return true;
      }
    }
    return false;
  }

  /** Whether the user was created before the other one: by ledger position, never by a clock. */
  public boolean createdBefore(User other) {
    int byPosition = Long.compare(createdPosition(), other.createdPosition());
    return byPosition != 0 ? byPosition < 0 : id.compareTo(other.id) < 0;
  }

  public long createdPosition() {
    return root().createdPosition();
  }

  public @Nullable Held externalId() {
    return shown(EXTERNAL_ID, part -> part.current(IdentifierType.EXTERNAL_ID));
  }

  public @Nullable Held email() {
    return shown(EMAIL, part -> part.current(IdentifierType.EMAIL));
  }

  public @Nullable Field name() {
    return shown(NAME, Part::name);
  }

  /** The current billing id of one provider (or of the unknown one), or null. */
  public @Nullable Held billingId(IdentifierType provider) {
    return shown(provider.name(), part -> part.current(provider));
  }

  /** The current billing id that was set last, of whatever provider: what the published users show. */
  public @Nullable Held billingId() {
    Held last = null;
    for (Held held : identifiers()) {
      if (held.current() && held.type().kind() == IdentifierType.Kind.BILLING) {
        Held shown = billingId(held.type());
        if (shown != null && (last == null || shown.outranks(last))) {
          last = shown;
        }
      }
    }
    return last;
  }

  /** Every identifier of every part. */
  public List<Held> identifiers() {
    if (parts.size() == 1) {
      return parts.getFirst().identifiers();
    }
    List<Held> all = new ArrayList<>();
    for (Part part : parts) {
      all.addAll(part.identifiers());
    }
    return all;
  }

  /**
   * Folds one field. Values and merges are taken in ledger order, a merge before what its own claim set: a value takes its
   * user's shown place if it outranks what stands there; a merge shows the value that it settled, else the higher of both.
   */
  private <S extends Stated> @Nullable S shown(String field, Function<Part, @Nullable S> value) {
    if (parts.size() == 1) {
      return value.apply(parts.getFirst());
    }
    return new Folding<>(field, value).run();
  }

  private final class Folding<S extends Stated> {
    /** What stands in a user's place: a part's value, or the rank that one had which its part has replaced since. */
    private record Place<S extends Stated>(@Nullable S value, Stated rank) {}

    private final String field;
    private final Function<Part, @Nullable S> value;
    private final Map<UUID, UUID> rootOf = new HashMap<>();
    private final Map<UUID, Place<S>> places = new HashMap<>();

    Folding(String field, Function<Part, @Nullable S> value) {
      this.field = field;
      this.value = value;
    }

    @Nullable S run() {
      List<Part> stating = new ArrayList<>();
      for (Part part : parts) {
        rootOf.put(part.id(), part.id());
        if (value.apply(part) != null) {
          stating.add(part);
        }
      }
      stating.sort(Comparator.comparingLong(part -> position(part)));
      int next = 0;
      for (Merge merge : merges) {
        while (next < stating.size() && position(stating.get(next)) < merge.position()) {
          state(stating.get(next++));
        }
        tie(merge);
      }
      while (next < stating.size()) {
        state(stating.get(next++));
      }
      Place<S> place = places.get(id);
      return place == null ? null : place.value();
    }

    private long position(Part part) {
      S stated = value.apply(part);
      return stated == null ? Long.MAX_VALUE : stated.position();
    }

    private void state(Part part) {
      S stated = value.apply(part);
      UUID root = root(part.id());
      Place<S> place = places.get(root);
      if (stated != null && (place == null || stated.outranks(place.rank()))) {
        places.put(root, new Place<>(stated, stated));
      }
    }

    private void tie(Merge merge) {
      UUID survivor = root(merge.survivor());
      Place<S> ours = places.get(survivor);
      Place<S> theirs = places.remove(merge.absorbed());
      rootOf.put(merge.absorbed(), survivor);
      Merge.Settled settled = merge.settled().get(field);
      Place<S> place;
      if (settled != null) {
        S chosen = value.apply(part(settled.part()));
        boolean stands = chosen != null && chosen.position() < merge.position();
        place = stands
            ? new Place<>(chosen, chosen)
            : new Place<>(null, new Field("", settled.at(), merge.position(), 0, settled.weak()));
      } else if (ours == null || (theirs != null && theirs.rank().outranks(ours.rank()))) {
        place = theirs;
      } else {
        place = ours;
      }
      if (place != null) {
        places.put(survivor, place);
      }
    }

    private UUID root(UUID partId) {
      UUID root = partId;
      for (UUID up = rootOf.get(root); up != null && !up.equals(root); up = rootOf.get(root)) {
        root = up;
      }
      return root;
    }
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof User user
        && user.id.equals(id)
        && user.parts.equals(parts)
        && user.merges.equals(merges);
  }

  @Override
  public int hashCode() {
    return id.hashCode();
  }

  @Override
  public String toString() {
    return "User" + parts + (merges.isEmpty() ? "" : merges);
  }
}
