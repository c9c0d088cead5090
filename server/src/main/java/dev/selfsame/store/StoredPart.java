package dev.selfsame.store;

import dev.selfsame.identity.Part;
import dev.selfsame.identity.User;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A part as the store has it, with what resolution need not know.
 *
 * @param created of the claim that created it
 * @param user the live user that it belongs to
 * @param compound it is the root of a user of several parts
 * @param emailShared another part has, or had, its email: a claim that repeats it must look for the
 *     others
 * @param marks what review has noted on it
 * @param landedAt event time of the latest traits landed on it; {@link #NEVER} if none
 */
record StoredPart(
    Part part,
    Created created,
    UUID user,
    boolean compound,
    boolean emailShared,
    Marks marks,
    long landedAt) {

  static final long NEVER = Long.MIN_VALUE;

  /**
   * Source, weight and event time of the creating claim: what values that came with it need not
   * repeat.
   */
  record Created(int source, boolean weak, long saidAt) {}

  /**
   * Noted by review, each in a statement of its own: hardly any part has one.
   *
   * @param flagged an open flag names it, or did
   * @param billingDismissed a person said that the user need not have a billing id
   */
  record Marks(boolean flagged, boolean billingDismissed) {
    static final Marks NONE = new Marks(false, false);
  }

  UUID id() {
    return part.id();
  }

  boolean absorbed() {
    return !user.equals(part.id());
  }

  @Nullable Long landedAtOrNull() {
    return landedAt == NEVER ? null : landedAt;
  }

  StoredPart with(Part next) {
    return new StoredPart(next, created, user, compound, emailShared, marks, landedAt);
  }

  StoredPart in(User now) {
    boolean root = part.id().equals(now.id());
    return new StoredPart(
        now.part(part.id()),
        created,
        now.id(),
        root && now.parts().size() > 1,
        emailShared,
        marks,
        landedAt);
  }

  StoredPart withFlagged() {
    Marks now = new Marks(true, marks.billingDismissed());
    return new StoredPart(part, created, user, compound, emailShared, now, landedAt);
  }

  StoredPart withBillingDismissed(boolean dismissed) {
    Marks now = new Marks(marks.flagged(), dismissed);
    return new StoredPart(part, created, user, compound, emailShared, now, landedAt);
  }

  StoredPart withEmailShared(boolean shared) {
    return new StoredPart(part, created, user, compound, shared, marks, landedAt);
  }

  StoredPart withLandedAt(long at) {
    return new StoredPart(
        part, created, user, compound, emailShared, marks, Math.max(landedAt, at));
  }
}
