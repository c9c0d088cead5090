package dev.selfsame.review;

import dev.selfsame.access.Actor;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Identifier;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.intake.Intake;
import dev.selfsame.intake.Receipt;
import dev.selfsame.intake.Submission;
import dev.selfsame.intake.Trial;
import dev.selfsame.resolution.Outcome;
import dev.selfsame.resolution.Reason;
import dev.selfsame.store.ErasureQueries;
import dev.selfsame.store.ErasureQueries.Erasure;
import dev.selfsame.store.FoundUser;
import dev.selfsame.store.Session;
import dev.selfsame.store.SessionFailure;
import dev.selfsame.store.UserQueries;
import dev.selfsame.store.UserQueries.Holding;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Pattern;
import tools.jackson.databind.json.JsonMapper;

/**
 * Erasing users by hand (E1), previewed or done, and lifting what that barred (E2). Thread-safe.
 */
public final class Erasures {

  /** More at once is no decision that a person made. */
  public static final int MOST = 100;

  private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final String space;
  private final Intake intake;
  private final Session.Connector connector;
  private final UserQueries users;
  private final ErasureQueries erasures;
  private final InstantSource clock;

  /**
   * @param connector where a preview writes what it takes back
   */
  public Erasures(
      String space,
      Intake intake,
      Session.Connector connector,
      UserQueries users,
      ErasureQueries erasures,
      InstantSource clock) {
    this.space = space;
    this.intake = intake;
    this.connector = connector;
    this.users = users;
    this.erasures = erasures;
    this.clock = clock;
  }

  /**
   * Erases the users; returns when that is committed.
   *
   * @return the receipt
   * @throws AmbiguousIdentifier for an email that several users have
   * @throws Failure {@code INVALID_REQUEST} for one that names nobody or too many; {@code
   *     UNKNOWN_USER} where an identifier or id finds nobody (of identifiers only where nothing is
   *     to be barred), {@code ABSORBED_USER}; {@code TOO_BUSY} or {@code STORE_AWAY} when nothing
   *     was done
   */
  public Erasure erase(EraseRequest request) {
    check(request);
    Receipt receipt = Acts.decided(intake, submission(request));
    accepted(receipt, request);
    return Objects.requireNonNull(erasures.find(receipt.position()));
  }

  /**
   * What {@link #erase} would take away now; refused as it would be. Writes nothing, but keeps
   * writers waiting while it looks.
   */
  public Map<String, Long> preview(EraseRequest request) {
    check(request);
    try {
      Trial.Tried<String> tried =
          Trial.of(
              space,
              connector,
              submission(request),
              look ->
                  Objects.requireNonNullElse(
                      look.session().erased(look.space(), look.position()), "{}"));
      accepted(tried.receipt(), request);
      return ErasureQueries.counts(tried.found());
    } catch (SessionFailure failure) {
      throw new Failure(
          Problem.STORE_AWAY, "The database did not answer; nothing was done", 1, failure);
    }
  }

  /**
   * Lifts what was barred.
   *
   * @param suppression its public name
   * @throws Failure {@code NOT_FOUND} where nothing of that name is barred
   */
  public void lift(String suppression, Actor actor) {
    if (!HASH.matcher(suppression).matches()) {
      throw notBarred();
    }
    long at = Submission.micros(clock.instant());
    Map<String, Object> payload = new TreeMap<>();
    payload.put("act", "lift_suppression");
    payload.put("suppression", suppression);
    actor.note(payload);
    Claim act =
        new Claim.Lift(
            Acts.source(users),
            at,
            actor.by(),
            new Identifier(IdentifierType.SUPPRESSION, suppression));
    Receipt receipt = Acts.decided(intake, submission(act, at, payload));
    if (receipt.outcome() != Outcome.UPDATED) {
      throw notBarred();
    }
  }

  private static Failure notBarred() {
    return new Failure(Problem.NOT_FOUND, "Nothing is barred under this name.");
  }

  private static void check(EraseRequest request) {
    int named = request.identifiers().size() + request.users().size();
    if (named < 1 || named > MOST) {
      throw new Failure(
          Problem.INVALID_REQUEST,
          "An erasure names 1 to %d identifiers; got %d".formatted(MOST, named));
    }
  }

  /** Of an erasure the ledger keeps who asked for it, and nothing that it names. */
  private Submission submission(EraseRequest request) {
    long at = Submission.micros(clock.instant());
    Map<String, Object> payload = new TreeMap<>();
    payload.put("act", "erase");
    payload.put("suppress", request.suppress());
    request.actor().note(payload);
    Claim act =
        new Claim.Erase(
            Acts.source(users),
            at,
            request.actor().by(),
            request.identifiers(),
            request.users(),
            request.suppress());
    return submission(act, at, payload);
  }

  private static Submission submission(Claim act, long at, Map<String, Object> payload) {
    return new Submission(act, at, null, JSON.writeValueAsBytes(payload), null, Set.of(), Map.of());
  }

  private void accepted(Receipt receipt, EraseRequest request) {
    Reason reason = receipt.reason();
    if (reason == null) {
      return;
    }
    if (reason == Reason.AMBIGUOUS_EMAIL) {
      throw new AmbiguousIdentifier(sharing(request.identifiers()));
    }
    if (reason == Reason.UNKNOWN_ID) {
      throw new Failure(
          Problem.UNKNOWN_USER,
          "Nobody holds one of the identifiers; nothing was erased. With suppress it is barred all"
              + " the same");
    }
    if (reason == Reason.UNKNOWN_USER || reason == Reason.ABSORBED_USER) {
      throw Acts.notLive(users, reason, request.users());
    }
    throw new IllegalStateException(
        "The erasure was refused by %s. Indicates a bug".formatted(reason));
  }

  private List<UUID> sharing(List<Identifier> identifiers) {
    Set<UUID> sharing = new LinkedHashSet<>();
    for (Identifier identifier : identifiers) {
      if (identifier.type().equals(IdentifierType.EMAIL)) {
        List<FoundUser> holders =
            users.holding(
                List.of(new Holding(List.of(identifier), false)), null, AmbiguousIdentifier.TOLD);
        if (holders.size() > 1) {
          holders.forEach(user -> sharing.add(user.id()));
        }
      }
    }
    return List.copyOf(sharing);
  }
}
