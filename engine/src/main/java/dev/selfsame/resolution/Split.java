package dev.selfsame.resolution;

import dev.selfsame.identity.Channel;
import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Field;
import dev.selfsame.identity.Held;
import dev.selfsame.identity.Identifier;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.Instead;
import dev.selfsame.identity.Part;
import dev.selfsame.identity.User;
import dev.selfsame.identity.Users;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What taking back an adoption or a link (U2) makes of a part: which of the claims that were
 * written to it since are the brought identifier's, how the part would stand without them, and what
 * they say of a user of their own.
 *
 * @param stays how the part stands and would stand; null if nothing that was brought is held any
 *     more
 * @param goes the user of its own, under the part's id
 * @param left what was brought and moved on since
 * @param positions of the claims that go
 * @param accounts which accounts the claims name
 */
public record Split(
    @Nullable Instead stays,
    Part goes,
    Set<Identifier> left,
    Set<Long> positions,
    Accounts accounts) {

  public Split {
    left = Collections.unmodifiableSet(new LinkedHashSet<>(left));
    positions = Set.copyOf(positions);
  }

  /**
   * External ids of accounts.
   *
   * @param going that claims that go name
   * @param staying that claims that stay name
   */
  public record Accounts(Set<String> going, Set<String> staying) {
    public Accounts {
      going = Set.copyOf(going);
      staying = Set.copyOf(staying);
    }
  }

  /**
   * Of a part what one claim changed, as it was before.
   *
   * @param named whether it changed the name
   * @param identifiers those that it changed; empty: not held before
   */
  public record Was(
      boolean named, @Nullable Field name, Map<Identifier, Optional<Held>> identifiers) {
    public Was {
      identifiers = Map.copyOf(identifiers);
    }

    private Optional<Held> identifier(Identifier identifier) {
      return identifiers.getOrDefault(identifier, Optional.empty());
    }

    private boolean held(Identifier identifier) {
      return identifier(identifier).isPresent();
    }
  }

  /**
   * A claim that was written to the part.
   *
   * @param claim null where it cannot be read any more: it stays
   * @param policy that it was decided under
   */
  public record Step(@Nullable Claim claim, Stamp stamp, Policy policy) {
    long position() {
      return stamp.position();
    }
  }

  /**
   * Splits a part. There may be very many steps: they are gone through once, and not kept.
   *
   * @param now the part as the last step left it
   * @param changes what each of the steps changed
   * @param steps all that was written to it from the claim on that brought the identifier: that one
   *     first
   */
  public static Split of(Part now, List<Was> changes, Iterable<Step> steps) {
    return new Splitting(now, changes, steps).run();
  }

  /** As I7 has it; an email is no identifier of one user. */
  private static final Comparator<Identifier> BY_STRENGTH =
      Comparator.<Identifier>comparingInt(each ->
              switch (each.type().kind()) {
                case EXTERNAL -> 0;
                case RECORD -> 1;
                case BILLING -> 2;
                case FALLBACK -> 3;
                case EMAIL -> 4;
              })
          .thenComparing(Identifier::toString);

  private static final class Splitting {
    private final Part now;
    private final List<Was> changes;
    private final Iterable<Step> steps;

    /** What each step left of what it changed. */
    private final List<Was> after = new ArrayList<>();

    /** As everything stood before the first step, as far as any of them changed it. */
    private final Map<Identifier, Optional<Held>> first = new HashMap<>();

    private @Nullable Field firstName;

    /** What the part holds while the steps are gone through. */
    private final Set<Identifier> holding = new HashSet<>();

    /** Identifiers but emails that the claims that go brought to the part. */
    private final Set<Identifier> brought = new LinkedHashSet<>();

    private final Set<Identifier> broughtEmails = new HashSet<>();

    /** What claims that go changed. */
    private final Set<Identifier> touched = new HashSet<>();

    private boolean nameTouched;

    /** What claims that stay said last. */
    private final Map<Identifier, Held> said = new HashMap<>();

    /** When claims that stay said it first. */
    private final Map<Identifier, Long> saidFirst = new HashMap<>();

    private @Nullable Field saidName;

    private final Alone alone;
    private final Set<Long> going = new HashSet<>();
    private final Set<String> accountsGoing = new HashSet<>();
    private final Set<String> accountsStaying = new HashSet<>();

    Splitting(Part now, List<Was> changes, Iterable<Step> steps) {
      this.now = now;
      this.changes = changes;
      this.steps = steps;
      this.alone = new Alone(now);
    }

    Split run() {
      walkBack();
      int i = 0;
      for (Step step : steps) {
        Was was = changes.get(i);
        Was left = after.get(i);
        Keys keys = step.claim() == null ? Keys.NONE : Keys.of(step.claim(), step.policy());
        if (i == 0 || goes(step, keys)) {
          accountsGoing.addAll(keys.accounts());
          go(step, was, left);
          alone.hear(step, keys);
        } else {
          accountsStaying.addAll(keys.accounts());
          stay(step, left);
        }
        i++;
        left.identifiers()
            .forEach((each, held) -> {
              if (held.isPresent()) {
                holding.add(each);
              } else {
                holding.remove(each);
              }
            });
      }
      if (i == 0) {
        throw new IllegalArgumentException("Nothing was written to the part");
      }
      Set<Identifier> left = new LinkedHashSet<>(brought);
      left.removeIf(each -> now.held(each) != null);
      return new Split(
          Instead.of(now, staying()),
          alone.part(),
          left,
          going,
          new Accounts(accountsGoing, accountsStaying));
    }

    /** Each step's before-image is what the step before it left. */
    private void walkBack() {
      Map<Identifier, Optional<Held>> held = new HashMap<>();
      now.identifiers().forEach(each -> held.put(each.id(), Optional.of(each)));
      Field name = now.name();
      for (Was was : changes.reversed()) {
        Map<Identifier, Optional<Held>> left = new HashMap<>();
        for (Identifier each : was.identifiers().keySet()) {
          left.put(each, held.getOrDefault(each, Optional.empty()));
        }
        after.add(new Was(was.named(), was.named() ? name : null, left));
        held.putAll(was.identifiers());
        first.putAll(was.identifiers());
        name = was.named() ? was.name() : name;
      }
      Collections.reverse(after);
      firstName = name;
      held.forEach((each, was) -> {
        if (was.isPresent()) {
          holding.add(each);
        }
      });
    }

    /**
     * Whether the strongest identifier by which the claim found the part was brought, or the email
     * was, where it found it by nothing else.
     */
    private boolean goes(Step step, Keys keys) {
      Claim claim = step.claim();
      if (claim == null || claim.source().channel() == Channel.ACT) {
        return false;
      }
      if (keys.users().contains(now.id())) {
        return false;
      }
      Identifier strongest = null;
      for (Identifier each : keys.identifiers()) {
        boolean stronger = strongest == null || BY_STRENGTH.compare(each, strongest) < 0;
        strongest = holding.contains(each) && stronger ? each : strongest;
      }
      return strongest == null
          ? keys.emails().stream().map(Identifier::email).anyMatch(broughtEmails::contains)
          : brought.contains(strongest);
    }

    private void go(Step step, Was was, Was left) {
      going.add(step.position());
      nameTouched |= was.named();
      left.identifiers()
          .forEach((identifier, held) -> {
            touched.add(identifier);
            boolean email = identifier.type().equals(IdentifierType.EMAIL);
            if (email && isCurrent(held) && !isCurrent(was.identifier(identifier))) {
              broughtEmails.add(identifier);
            } else if (!email && !was.held(identifier)) {
              brought.add(identifier);
              alone.bring(identifier);
            }
          });
    }

    private static boolean isCurrent(Optional<Held> held) {
      return held.isPresent() && held.get().current();
    }

    /** Only what the claim stated itself counts: that it replaced another value follows from it. */
    private void stay(Step step, Was left) {
      left.identifiers()
          .forEach((identifier, held) -> {
            if (held.isPresent() && held.get().position() == step.position()) {
              said.put(identifier, held.get());
              saidFirst.putIfAbsent(identifier, step.stamp().receivedAt());
              broughtEmails.remove(identifier);
            }
          });
      Field name = left.name();
      if (name != null && name.position() == step.position()) {
        saidName = name;
      }
    }

    private Part staying() {
      List<Held> identifiers = new ArrayList<>();
      for (Held held : now.identifiers()) {
        if (brought.contains(held.id())) {
          continue;
        }
        if (!touched.contains(held.id())) {
          identifiers.add(held);
          continue;
        }
        Held before = first.getOrDefault(held.id(), Optional.empty()).orElse(null);
        Held otherwise = said.getOrDefault(held.id(), before);
        if (otherwise != null) {
          long seen =
              before == null
                  ? saidFirst.getOrDefault(held.id(), held.firstSeen())
                  : held.firstSeen();
          identifiers.add(
              new Held(
                  held.id(),
                  otherwise.display(),
                  otherwise.current(),
                  otherwise.deleted(),
                  otherwise.weak(),
                  otherwise.source(),
                  otherwise.at(),
                  otherwise.position(),
                  seen,
                  held.lastSeen()));
        }
      }
      Field otherwise = saidName == null ? firstName : saidName;
      Field name = nameTouched ? otherwise : now.name();
      Part part =
          new Part(now.id(), now.createdPosition(), now.createdAt(), name, identifiers, now.bars());
      return Instead.oneCurrentEach(part);
    }
  }

  /** What the claims that go say, decided once more where there is nobody else. */
  private static final class Alone {
    /** More identifiers than one event brings. */
    private static final int MOST_NAMED = 10;

    private final Part now;
    private final Users users = new Users();
    private final Map<Identifier, Held> holds = new LinkedHashMap<>();
    private final Set<Identifier> shown = new LinkedHashSet<>();

    /** That the claims brought, as they stand now: no claim that is heard again changes them. */
    private final Set<Identifier> ids = new HashSet<>();

    private @Nullable Part part;

    Alone(Part now) {
      this.now = now;
    }

    /** An identifier that the next claim to be heard brought; it may have moved on since. */
    void bring(Identifier identifier) {
      Held held = now.held(identifier);
      if (held != null && ids.add(identifier)) {
        put(held);
      }
    }

    private void put(Held held) {
      holds.put(held.id(), held);
      if (held.current()) {
        shown.add(held.id());
      } else {
        shown.remove(held.id());
      }
    }

    void hear(Step step, Keys keys) {
      UUID id = now.id();
      if (part == null) {
        part = Part.created(id, step.position(), step.stamp().receivedAt());
      }
      Claim claim = step.claim();
      if (claim == null) {
        return;
      }
      Part seen = with(part, seen(step, keys));
      users.put(User.of(seen));
      for (User user : Resolution.decide(claim, step.stamp(), users, step.policy()).users()) {
        if (user.contains(id)) {
          Part next = user.part(id);
          for (Held held : seen.identifiers()) {
            holds.computeIfPresent(held.id(), (each, was) -> next.held(each));
          }
          next.identifiers().forEach(this::put);
          part = next;
        }
      }
    }

    /** The user of its own. */
    Part part() {
      List<Held> identifiers = new ArrayList<>();
      for (Held held : now.identifiers()) {
        if (ids.contains(held.id())) {
          identifiers.add(held);
        }
      }
      for (Held held : holds.values()) {
        if (held.type().equals(IdentifierType.EMAIL)) {
          identifiers.add(held);
        }
      }
      return with(Objects.requireNonNull(part, "No claim was heard"), identifiers);
    }

    private static Part with(Part part, List<Held> identifiers) {
      return new Part(
          part.id(), part.createdPosition(), part.createdAt(), part.name(), identifiers, Set.of());
    }

    /**
     * What the claim has to do with. An event is about what it names and what shows, whatever else
     * there is, unless that reaches a limit; to go through hundreds for each of very many events
     * takes long.
     */
    private List<Held> seen(Step step, Keys keys) {
      Claim claim = step.claim();
      boolean event =
          claim instanceof Claim.Identify
              || claim instanceof Claim.Group
              || claim instanceof Claim.Alias;
      if (!event || holds.size() + MOST_NAMED > step.policy().limits().identifiersPerUser()) {
        return List.copyOf(holds.values());
      }
      Set<Identifier> names = new LinkedHashSet<>(shown);
      names.addAll(keys.identifiers());
      keys.emails().forEach(email -> names.add(Identifier.email(email)));
      List<Held> seen = new ArrayList<>();
      for (Identifier each : names) {
        Held held = holds.get(each);
        if (held != null) {
          seen.add(held);
        }
      }
      return seen;
    }
  }
}
