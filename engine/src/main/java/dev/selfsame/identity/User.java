package dev.selfsame.identity;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A live user: one or more parts, and the merges that tie them together. What people see of it
 * (external id, email, name, billing ids) is the fold of its parts, computed here and nowhere else.
 * Immutable.
 */
public final class User {

  public static final String EXTERNAL_ID = "external_id";
  public static final String EMAIL = "email";
  public static final String NAME = "name";

  /**
   * The billing id of whatever provider that people see; each provider's own goes by its type's
   * name.
   */
  public static final String BILLING = "billing";

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
   * @throws IllegalArgumentException if the merges do not tie the parts into the one user {@code
   *     id}
   */
  public static User of(UUID id, List<Part> parts, List<Merge> merges) {
    if (merges.size() != parts.size() - 1) {
      throw new IllegalArgumentException(
          "User %s: %d parts need %d merges; got %d"
              .formatted(id, parts.size(), parts.size() - 1, merges.size()));
    }
    List<Part> byCreation = new ArrayList<>(parts);
    byCreation.sort(Comparator.comparingLong(Part::createdPosition).thenComparing(Part::id));
    List<Merge> byPosition = new ArrayList<>(merges);
    byPosition.sort(Comparator.comparingLong(Merge::position).thenComparingInt(Merge::ordinal));
    if (!tied(id, byCreation, byPosition)) {
      throw new IllegalArgumentException(
          "User %s: its merges %s do not tie its parts into one".formatted(id, merges));
    }
    return new User(id, List.copyOf(byCreation), List.copyOf(byPosition));
  }

  /**
   * Whether every merge joins two users that were live then, and all end in the user {@code id}.
   */
  private static boolean tied(UUID id, List<Part> parts, List<Merge> merges) {
    Set<UUID> live = new HashSet<>();
    for (Part part : parts) {
      live.add(part.id());
    }
    Map<UUID, UUID> into = new HashMap<>();
    for (Merge merge : merges) {
      UUID survivor = end(into, merge.survivor());
      if (survivor.equals(merge.absorbed())
          || !live.contains(survivor)
          || !live.remove(merge.absorbed())) {
        return false;
      }
      into.put(merge.absorbed(), survivor);
    }
    return live.equals(Set.of(id));
  }

  /** Where following the merges from a user leads. */
  private static UUID end(Map<UUID, UUID> into, UUID start) {
    UUID end = start;
    for (UUID next = into.get(end); next != null; next = into.get(end)) {
      end = next;
    }
    return end;
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

  /**
   * The two users that it was, had the merge not been made: the survivor's side under this user's
   * id, then the absorbed one with whatever it had absorbed itself.
   *
   * @throws IllegalArgumentException if it is no merge of this user
   */
  public List<User> without(Merge merge) {
    if (!merges.contains(merge)) {
      throw new IllegalArgumentException("User " + id + " has no merge " + merge.id());
    }
    Map<UUID, UUID> into = new HashMap<>();
    for (Merge each : merges) {
      if (!each.equals(merge)) {
        into.put(each.absorbed(), each.survivor());
      }
    }
    return List.of(side(id, into), side(merge.absorbed(), into));
  }

  private User side(UUID root, Map<UUID, UUID> into) {
    List<Part> own = new ArrayList<>();
    for (Part part : parts) {
      if (end(into, part.id()).equals(root)) {
        own.add(part);
      }
    }
    List<Merge> among = new ArrayList<>();
    for (Merge each : merges) {
      if (into.containsKey(each.absorbed()) && end(into, each.absorbed()).equals(root)) {
        among.add(each);
      }
    }
    return of(root, own, among);
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

  /**
   * Of some of its parts that say the same, the one that a claim is about: on the survivor's side
   * of a merge, where both sides have one. Of one side the part created first.
   */
  public Part preferred(List<Part> some) {
    if (some.size() == 1 || merges.isEmpty()) {
      return some.getFirst();
    }
    List<User> sides = without(merges.getLast());
    for (User side : sides) {
      List<Part> there = some.stream().filter(part -> side.contains(part.id())).toList();
      if (!there.isEmpty()) {
        return side.preferred(there);
      }
    }
    throw new IllegalArgumentException("User " + id + " has none of " + some);
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

  /** Whether it is made of this part. */
  public boolean contains(UUID partId) {
    for (Part part : parts) {
      if (part.id().equals(partId)) {
        return true;
      }
    }
    return false;
  }

  /** Whether the email matches it (G1): one of its parts has it now. */
  public boolean has(String email) {
    for (Part part : parts) {
      Held current = part.current(IdentifierType.EMAIL);
      if (current != null && current.value().equals(email)) {
        return true;
      }
    }
    return false;
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

  /** The current billing id of whatever provider that was set last. */
  public @Nullable Held billingId() {
    return shown(BILLING, Part::billingId);
  }

  /** The same of customers that are not deleted: what the published users show. */
  public @Nullable Held liveBillingId() {
    return shown(BILLING, Part::liveBillingId);
  }

  /** Which part's value it shows of each field, as a merge by alias or by hand settles it. */
  public Map<String, UUID> showing() {
    Map<String, UUID> showing = new HashMap<>();
    settle(showing, EXTERNAL_ID, part -> part.current(IdentifierType.EXTERNAL_ID));
    settle(showing, EMAIL, part -> part.current(IdentifierType.EMAIL));
    settle(showing, NAME, Part::name);
    settle(showing, BILLING, Part::billingId);
    for (IdentifierType type : IdentifierType.BILLING_TYPES) {
      settle(showing, type.name(), part -> part.current(type));
    }
    return showing;
  }

  private <S extends Stated> void settle(
      Map<String, UUID> showing, String field, Function<Part, @Nullable S> value) {
    Part part = showingPart(field, value);
    if (part != null && value.apply(part) != null) {
      showing.put(field, part.id());
    }
  }

  public int identifierCount() {
    int count = 0;
    for (Part part : parts) {
      count += part.identifiers().size();
    }
    return count;
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

  /** The value of a field that the user shows, or null. */
  private <S extends Stated> @Nullable S shown(String field, Function<Part, @Nullable S> value) {
    Part part = showingPart(field, value);
    return part == null ? null : value.apply(part);
  }

  private <S extends Stated> @Nullable Part showingPart(
      String field, Function<Part, @Nullable S> value) {
    return parts.size() == 1 ? parts.getFirst() : new Fold<>(field, value).run();
  }

  /**
   * Folds one field of several parts. Values and merges are taken in ledger order, a merge before
   * what its own claim stated: a value takes the place of the one that its user shows if it
   * outranks that; a merge shows the value that it settled, else the higher of the two.
   *
   * <p>Only what a part says today is known, not what it said when it was merged. That suffices: a
   * part's value is replaced only by one that outranks what its user showed, and so all that the
   * replaced one had outranked.
   */
  private final class Fold<S extends Stated> {

    private final String field;
    private final Function<Part, @Nullable S> value;
    private final Map<UUID, UUID> into = new HashMap<>();

    /** Whose value each user shows while the fold goes on. */
    private final Map<UUID, Part> showing = new HashMap<>();

    Fold(String field, Function<Part, @Nullable S> value) {
      this.field = field;
      this.value = value;
    }

    @Nullable Part run() {
      List<Part> stating = new ArrayList<>();
      for (Part part : parts) {
        if (value.apply(part) != null) {
          stating.add(part);
        }
      }
      stating.sort(Comparator.comparingLong(part -> stated(part).position()));
      int next = 0;
      for (Merge merge : merges) {
        while (next < stating.size() && stated(stating.get(next)).position() < merge.position()) {
          state(stating.get(next++));
        }
        tie(merge);
      }
      while (next < stating.size()) {
        state(stating.get(next++));
      }
      return showing.get(id);
    }

    private void state(Part part) {
      UUID user = end(into, part.id());
      showing.put(user, higher(showing.get(user), part));
    }

    private void tie(Merge merge) {
      UUID user = end(into, merge.survivor());
      Part ours = showing.get(user);
      Part theirs = showing.remove(merge.absorbed());
      into.put(merge.absorbed(), user);
      Part settled = settled(merge, user);
      if (settled != null) {
        showing.put(user, settled);
      } else if (theirs != null) {
        // A settled value that is not here left with an earlier merge that was undone: the
        // survivor's own stands then.
        boolean stands = ours != null && merge.settled().containsKey(field);
        showing.put(user, stands ? ours : higher(ours, theirs));
      }
    }

    /**
     * The part whose value the merge shows, if it settled the field and that part is still the
     * user's.
     */
    private @Nullable Part settled(Merge merge, UUID user) {
      UUID chosen = merge.settled().get(field);
      if (chosen == null || !contains(chosen) || !end(into, chosen).equals(user)) {
        return null;
      }
      Part part = part(chosen);
      return value.apply(part) == null ? null : part;
    }

    private Part higher(@Nullable Part shown, Part other) {
      return shown == null || stated(other).outranks(stated(shown)) ? other : shown;
    }

    private Stated stated(Part part) {
      S stated = value.apply(part);
      if (stated == null) {
        throw new IllegalStateException("Part %s states no %s".formatted(part.id(), field));
      }
      return stated;
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
