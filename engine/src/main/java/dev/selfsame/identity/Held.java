package dev.selfsame.identity;

/**
 * An identifier that a part holds, now or formerly.
 *
 * <p>{@code current} means: the part's external id, its email, its billing id of that provider; of
 * record and fallback ids each one is current until released. An external id that is not current is
 * an alias and still matches; so does a billing id; an email that is not current matches nobody
 * (G1).
 *
 * @param display what was sent, where it differs from the normalised value only by case, blanks or
 *     compatibility forms
 * @param deleted the tool said that its record is gone: it still matches, but is not live (S5, R8)
 * @param at event time of the claim that made it current, microseconds
 * @param position ledger position of that claim
 * @param source the number of the source that stated it
 * @param firstSeen when it was first received here, microseconds
 * @param lastSeen when it was last received here, microseconds; moves at most once a day
 */
public record Held(
    Identifier id,
    String display,
    boolean current,
    boolean deleted,
    boolean weak,
    int source,
    long at,
    long position,
    long firstSeen,
    long lastSeen)
    implements Stated {

  public IdentifierType type() {
    return id.type();
  }

  @Override
  public String value() {
    return id.value();
  }

  /** Whether a claim that names this identifier finds its user (G1), former emails aside. */
  public boolean matches() {
    return current || type().kind() != IdentifierType.Kind.EMAIL;
  }

  /** The same under another type: a billing id whose provider has become known. */
  public Held withId(Identifier now) {
    return new Held(
        now, display, current, deleted, weak, source, at, position, firstSeen, lastSeen);
  }

  public Held withCurrent(boolean now) {
    return new Held(id, display, now, deleted, weak, source, at, position, firstSeen, lastSeen);
  }

  public Held withDeleted(boolean now) {
    return new Held(id, display, current, now, weak, source, at, position, firstSeen, lastSeen);
  }

  public Held withLastSeen(long seen) {
    return new Held(id, display, current, deleted, weak, source, at, position, firstSeen, seen);
  }
}
