package dev.selfsame.member;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import com.password4j.Argon2Function;
import com.password4j.Password;
import com.password4j.types.Argon2;
import dev.selfsame.access.Actor;
import dev.selfsame.access.SecretHash;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.store.StoredMembers;
import dev.selfsame.store.StoredMembers.StoredLink;
import dev.selfsame.store.StoredMembers.StoredMember;
import dev.selfsame.store.StoredMembers.StoredSession;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The dashboard's members: setting up the first, inviting others, signing in and out. Thread-safe.
 */
public final class Members {

  /** What a password must have at least. */
  public static final int SHORTEST_PASSWORD = 10;

  static final int LONGEST = 200;
  static final int MOST_TRIES = 5;
  static final Duration TRIES_LAST = Duration.ofMinutes(15);

  /** How long an invitation and the link for the first member hold. */
  static final Duration LINK_LASTS = Duration.ofDays(7);

  /** How long a browser stays signed in that nobody uses, and at most. */
  static final Duration UNUSED = Duration.ofDays(14);

  static final Duration LONGEST_SESSION = Duration.ofDays(60);
  private static final Duration SEEN_MOVES = Duration.ofHours(1);

  /** As OWASP advises for Argon2id: 19 MiB, two passes, one lane. */
  private static final Argon2Function ARGON2 =
      Argon2Function.getInstance(19_456, 2, 1, 32, Argon2.ID);

  /** Each takes 19 MiB for a moment. */
  private static final int HASHES_AT_ONCE = 4;

  private static final int REMEMBERED = 10_000;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final StoredMembers store;
  private final InstantSource clock;
  private final Cache<String, AtomicInteger> tries;
  private final Semaphore hashing = new Semaphore(HASHES_AT_ONCE);

  /** What a wrong email is compared with, so that it takes as long as a wrong password. */
  private final String nobody;

  public Members(StoredMembers store, InstantSource clock) {
    this(store, clock, Ticker.systemTicker());
  }

  Members(StoredMembers store, InstantSource clock, Ticker ticker) {
    this.store = store;
    this.clock = clock;
    this.tries =
        Caffeine.newBuilder()
            .expireAfterWrite(TRIES_LAST)
            .maximumSize(REMEMBERED)
            .ticker(ticker)
            .build();
    this.nobody = hash(secret());
  }

  /** A member in a browser where it is signed in. */
  public record Signed(Member member, String formToken) {}

  /**
   * A browser that was just signed in.
   *
   * @param cookie the secret that it proves it by
   */
  public record Opened(Member member, String cookie) {
    @Override
    public String toString() {
      return "Opened[" + member + "]";
    }
  }

  /** Whether nobody has set up the hub yet. */
  public boolean none() {
    return store.none();
  }

  /** A new link for whoever sets up the hub: the secret part. It ends when someone has. */
  public String firstLink() {
    String secret = secret();
    Instant now = clock.instant();
    store.firstLink(SecretHash.of(secret), now.plus(LINK_LASTS), now);
    return secret;
  }

  /**
   * Whom a link is for; null: for whoever sets up the hub.
   *
   * @throws Failure {@code LINK_UNUSABLE} if it was used, is too old, or never was one
   */
  public @Nullable Member invited(String link) {
    StoredMember member = usable(link).member();
    return member == null ? null : Member.of(member);
  }

  private StoredLink usable(String link) {
    StoredLink found = possible(link) ? store.link(SecretHash.of(link), clock.instant()) : null;
    if (found == null) {
      throw unusable();
    }
    return found;
  }

  private static Failure unusable() {
    return new Failure(
        Problem.LINK_UNUSABLE,
        "This link was used, or is too old. Sign in, or ask an admin for another one; for a hub"
            + " that nobody has set up, selfsame serve prints one at each start");
  }

  /**
   * Uses a link: makes the first member, an admin, or lets an invited one choose its password. It
   * is signed in then.
   *
   * @param email of the first member; of an invited one it is known
   * @throws BadEntry naming {@code email}, {@code name} or {@code password}
   * @throws Failure {@code LINK_UNUSABLE}
   */
  public Opened enter(String link, String email, String name, String password, String from) {
    StoredMember invited = usable(link).member();
    String address = invited == null ? email(email) : invited.email();
    String called = name(name);
    if (password.length() < SHORTEST_PASSWORD || password.length() > LONGEST) {
      throw new BadEntry(
          "password",
          "The password must have %d to %d characters; it has %d"
              .formatted(SHORTEST_PASSWORD, LONGEST, password.length()));
    }
    if (password.equalsIgnoreCase(address)) {
      throw new BadEntry("password", "The password must not be the email");
    }
    StoredMember member =
        new StoredMember(
            invited == null ? UUID.randomUUID() : invited.id(),
            address,
            called,
            invited == null ? MemberRole.ADMIN.code() : invited.role(),
            hash(password),
            true,
            clock.instant());
    Actor actor = new Actor(Member.of(member).by(), from);
    if (!store.enter(SecretHash.of(link), member, actor, clock.instant())) {
      throw unusable();
    }
    return opened(member);
  }

  /**
   * Signs in.
   *
   * @param from the address that it comes from: wrong passwords are counted by address and email
   * @throws Failure {@code SIGN_IN_REFUSED}, whatever was wrong; {@code TOO_MANY_TRIES}
   */
  public Opened signIn(String email, String password, String from) {
    String address = email.strip().toLowerCase(Locale.ROOT);
    AtomicInteger failed =
        tries.get(
            from + " " + address.substring(0, Math.min(address.length(), LONGEST)),
            key -> new AtomicInteger());
    if (failed.incrementAndGet() > MOST_TRIES) {
      throw new Failure(
          Problem.TOO_MANY_TRIES,
          "Wrong %d times; try again in %d minutes".formatted(MOST_TRIES, TRIES_LAST.toMinutes()),
          Math.toIntExact(TRIES_LAST.toSeconds()),
          null);
    }
    StoredMember member = address.length() > LONGEST ? null : store.member(address);
    String hash = member == null ? null : member.password();
    boolean right = password.length() <= LONGEST && matches(password, hash == null ? nobody : hash);
    if (member == null || hash == null || !right) {
      throw new Failure(Problem.SIGN_IN_REFUSED, "No member has this email and this password");
    }
    failed.set(0);
    return opened(member);
  }

  /**
   * Signs in someone whom the company's own provider vouches for.
   *
   * @param newcomers what someone may do who is no member yet; null: only members come in
   * @throws Failure {@code NOT_INVITED}
   */
  public Opened admit(OpenId.Vouched vouched, @Nullable MemberRole newcomers, String from) {
    String address = vouched.email();
    Instant now = clock.instant();
    StoredMember newcomer =
        new StoredMember(
            UUID.randomUUID(),
            address,
            vouched.name(),
            (newcomers == null ? MemberRole.VIEWER : newcomers).code(),
            null,
            true,
            now);
    StoredMember member =
        store.admit(newcomer, newcomers != null, new Actor(Member.of(newcomer).by(), from), now);
    if (member == null) {
      throw new Failure(
          Problem.NOT_INVITED,
          none()
              ? "Nobody has set up this hub yet: its first member comes by the link that selfsame"
                  + " serve prints"
              : "%s is no member of this hub; an admin can invite you under Settings"
                  .formatted(address));
    }
    return opened(member);
  }

  private Opened opened(StoredMember member) {
    String cookie = secret();
    Instant now = clock.instant();
    store.signIn(SecretHash.of(cookie), member.id(), secret(), now, now.minus(UNUSED));
    return new Opened(Member.of(member), cookie);
  }

  /** Who is signed in by that cookie; null: nobody any more. */
  public @Nullable Signed signed(String cookie) {
    if (!possible(cookie)) {
      return null;
    }
    SecretHash hash = SecretHash.of(cookie);
    StoredSession session = store.session(hash);
    Instant now = clock.instant();
    if (session == null
        || session.seenAt().isBefore(now.minus(UNUSED))
        || session.createdAt().isBefore(now.minus(LONGEST_SESSION))) {
      return null;
    }
    if (session.seenAt().isBefore(now.minus(SEEN_MOVES))) {
      store.seen(hash, now);
    }
    return new Signed(Member.of(session.member()), session.formToken());
  }

  public void signOut(String cookie) {
    store.signOut(SecretHash.of(cookie));
  }

  /** All, in the order in which they came. */
  public List<Member> list() {
    return store.list().stream().map(Member::of).toList();
  }

  /**
   * Invites someone: the secret part of the link that lets the member in once.
   *
   * @throws BadEntry naming {@code email} or {@code name}
   * @throws Failure {@code MEMBER_EXISTS}
   */
  public String invite(String email, String name, MemberRole role, Actor actor) {
    String secret = secret();
    Instant now = clock.instant();
    store.invite(
        new StoredMember(
            UUID.randomUUID(), email(email), name(name), role.code(), null, false, now),
        SecretHash.of(secret),
        now.plus(LINK_LASTS),
        actor,
        now);
    return secret;
  }

  /**
   * A new link for a member who lost its password or its invitation, in place of the one before.
   *
   * @throws Failure {@code UNKNOWN_MEMBER}
   */
  public String anew(UUID id, Actor actor) {
    String secret = secret();
    Instant now = clock.instant();
    store.renew(id, SecretHash.of(secret), now.plus(LINK_LASTS), actor, now);
    return secret;
  }

  /**
   * Gives a member another role.
   *
   * @throws Failure {@code UNKNOWN_MEMBER}, {@code LAST_ADMIN}
   */
  public void setRole(UUID id, MemberRole role, Actor actor) {
    store.change(id, role.code(), actor, clock.instant());
  }

  /**
   * Takes a member out; wherever it is signed in, it no longer is.
   *
   * @throws Failure {@code UNKNOWN_MEMBER}, {@code LAST_ADMIN}
   */
  public void remove(UUID id, Actor actor) {
    store.change(id, null, actor, clock.instant());
  }

  static String email(String email) {
    String stripped = email.strip().toLowerCase(Locale.ROOT);
    int at = stripped.indexOf('@');
    if (at < 1 || at == stripped.length() - 1 || stripped.length() > LONGEST) {
      throw new BadEntry("email", "An email is expected, such as ann@example.com");
    }
    return stripped;
  }

  /** The name, if it can be one; else the other. */
  static String possibleName(String name, String other) {
    String stripped = name.strip();
    return stripped.isEmpty() || stripped.length() > LONGEST ? other : stripped;
  }

  private static String name(String name) {
    String stripped = name.strip();
    if (stripped.isEmpty() || stripped.length() > LONGEST) {
      throw new BadEntry("name", "A name of 1 to %d characters is expected".formatted(LONGEST));
    }
    return stripped;
  }

  private String hash(String password) {
    hashing.acquireUninterruptibly();
    try {
      return Password.hash(password).addRandomSalt(16).with(ARGON2).getResult();
    } finally {
      hashing.release();
    }
  }

  private boolean matches(String password, String hash) {
    hashing.acquireUninterruptibly();
    try {
      return Password.check(password, hash).with(Argon2Function.getInstanceFromHash(hash));
    } finally {
      hashing.release();
    }
  }

  private static boolean possible(String secret) {
    return Objects.requireNonNull(secret).length() == SECRET_LENGTH;
  }

  private static final int SECRET_BYTES = 32;
  private static final int SECRET_LENGTH = 43;

  private static String secret() {
    byte[] bytes = new byte[SECRET_BYTES];
    RANDOM.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
