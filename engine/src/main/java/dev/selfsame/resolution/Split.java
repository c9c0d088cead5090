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
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
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
 */
public record Split(@Nullable Instead stays, Part goes, Set<Identifier> left, Set<Long> positions) {

  public Split {
    left = Collections.unmodifiableSet(new LinkedHashSet<>(left));
    positions = Set.copyOf(positions);
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
  public record Step(@Nullable Claim claim, Stamp stamp, Policy policy, Was was) {
    long position() {
      return stamp.position();
    }
  }

  /**
   * Splits a part.
   *
   * @param now the part as the last step left it
   * @param steps all that was written to it from the claim on that brought the identifier: that one
   *     first
   */
  public static Split of(Part now, List<Step> steps) {
    return new Splitting(now, steps).run();
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
    private final List<Step> steps;

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

    private final List<Step> going = new ArrayList<>();

    Splitting(Part now, List<Step> steps) {
      this.now = now;
      this.steps = steps;
    }

    Split run() {
      walkBack();
      for (int i = 0; i < steps.size(); i++) {
        Step step = steps.get(i);
        Was left = after.get(i);
        if (i == 0 || goes(step)) {
          go(step, left);
        } else {
          stay(step, left);
        }
        left.identifiers()
            .forEach((each, held) -> {
              if (held.isPresent()) {
                holding.add(each);
              } else {
                holding.remove(each);
              }
            });
      }
      Set<Long> positions = new HashSet<>();
      going.forEach(step -> positions.add(step.position()));
      Set<Identifier> left = new LinkedHashSet<>(brought);
      left.removeIf(each -> now.held(each) != null);
      return new Split(Instead.of(now, staying()), own(), left, positions);
    }

    /** Each step's before-image is what the step before it left. */
    private void walkBack() {
      Map<Identifier, Optional<Held>> held = new HashMap<>();
      now.identifiers().forEach(each -> held.put(each.id(), Optional.of(each)));
      Field name = now.name();
      for (Step step : steps.reversed()) {
        Map<Identifier, Optional<Held>> left = new HashMap<>();
        for (Identifier each : step.was().identifiers().keySet()) {
          left.put(each, held.getOrDefault(each, Optional.empty()));
        }
        after.add(new Was(step.was().named(), step.was().named() ? name : null, left));
        held.putAll(step.was().identifiers());
        first.putAll(step.was().identifiers());
        name = step.was().named() ? step.was().name() : name;
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
    private boolean goes(Step step) {
      Claim claim = step.claim();
      if (claim == null || claim.source().channel() == Channel.ACT) {
        return false;
      }
      Keys keys = Keys.of(claim, step.policy());
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

    private void go(Step step, Was left) {
      going.add(step);
      nameTouched |= step.was().named();
      left.identifiers()
          .forEach((identifier, held) -> {
            touched.add(identifier);
            boolean email = identifier.type().equals(IdentifierType.EMAIL);
            if (email && isCurrent(held) && !isCurrent(step.was().identifier(identifier))) {
              broughtEmails.add(identifier);
            } else if (!email && !step.was().held(identifier)) {
              brought.add(identifier);
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

    /** What the claims that go say, decided once more where there is nobody else. */
    private Part own() {
      UUID id = now.id();
      Step creating = steps.getFirst();
      Part part = Part.created(id, creating.position(), creating.stamp().receivedAt());
      List<Held> ids = new ArrayList<>();
      for (Held held : now.identifiers()) {
        if (brought.contains(held.id())) {
          ids.add(held);
          part = part.with(held);
        }
      }
      Users alone = new Users();
      alone.put(User.of(part));
      for (Step step : going) {
        Claim claim = step.claim();
        if (claim == null) {
          continue;
        }
        Decision decision = Resolution.decide(claim, step.stamp(), alone, step.policy());
        for (User user : decision.users()) {
          if (user.contains(id)) {
            part = user.part(id);
            alone.put(User.of(part));
          }
        }
      }
      for (Held held : part.identifiers()) {
        if (held.type().equals(IdentifierType.EMAIL)) {
          ids.add(held);
        }
      }
      return new Part(id, part.createdPosition(), part.createdAt(), part.name(), ids, Set.of());
    }
  }
}
