package dev.selfsame.review;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Merge;
import dev.selfsame.identity.Part;
import dev.selfsame.identity.Source;
import dev.selfsame.identity.User;
import dev.selfsame.intake.Intake;
import dev.selfsame.intake.Preview;
import dev.selfsame.intake.Receipt;
import dev.selfsame.intake.Submission;
import dev.selfsame.resolution.Outcome;
import dev.selfsame.resolution.Reason;
import dev.selfsame.review.MergeChanges.AccountChange;
import dev.selfsame.review.MergeChanges.IdentifierChange;
import dev.selfsame.store.FoundIdentifier;
import dev.selfsame.store.FoundUser;
import dev.selfsame.store.MergeQueries;
import dev.selfsame.store.MergeQueries.AccountOf;
import dev.selfsame.store.MergeQueries.Named;
import dev.selfsame.store.UserQueries;
import dev.selfsame.store.UserQueries.Foreseen;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Merging by hand (M1): previewed, or done. Thread-safe. */
public final class Merges {

  /** More at once is no decision that a person made. */
  public static final int MOST_USERS = 100;

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Intake intake;
  private final Supplier<Preview> previews;
  private final UserQueries users;
  private final MergeQueries merges;
  private final InstantSource clock;

  /**
   * @param previews makes an intake that writes nothing
   */
  public Merges(
      Intake intake,
      Supplier<Preview> previews,
      UserQueries users,
      MergeQueries merges,
      InstantSource clock) {
    this.intake = intake;
    this.previews = previews;
    this.users = users;
    this.merges = merges;
    this.clock = clock;
  }

  /**
   * Merges the users; returns when it is committed.
   *
   * @throws Failure {@code INVALID_REQUEST} for one that names too few or too many users, or a
   *     survivor or pick that is not among them; {@code SAME_USER}, {@code UNKNOWN_USER}, {@code
   *     ABSORBED_USER} or {@code LIMIT_REACHED} when the rules refuse it, which the ledger keeps;
   *     {@code TOO_BUSY} or {@code STORE_AWAY} when nothing was done
   */
  public Merged merge(MergeRequest request) {
    return merge(request, null);
  }

  /**
   * The same, to settle a flag.
   *
   * @throws Failure {@code FLAG_CLOSED} too, when somebody was faster
   */
  Merged merge(MergeRequest request, @Nullable Settling flag) {
    check(request);
    Receipt receipt = Acts.decided(intake, submission(request, flag));
    UUID made = accepted(receipt, request);
    // A claim after this one may have merged it on.
    UUID id = users.live(made);
    FoundUser user = id == null ? null : users.user(id);
    if (id == null || user == null) {
      throw new Failure(
          Problem.NOT_FOUND,
          "The users were merged as %d, and the user was taken away right after"
              .formatted(receipt.position()));
    }
    List<String> ids = new ArrayList<>();
    for (int ordinal = 0; ordinal < request.users().size() - 1; ordinal++) {
      ids.add(Merge.id(receipt.position(), ordinal));
    }
    return new Merged(ids, users.absorbed(receipt.position()), user, users.identifiers(id), null);
  }

  /** What {@link #merge} would make of it now; refused as it would be. Writes nothing. */
  public Merged preview(MergeRequest request) {
    return preview(request, null);
  }

  Merged preview(MergeRequest request, @Nullable Settling flag) {
    check(request);
    Submission submission = submission(request, flag);
    try (Preview preview = previews.get()) {
      Receipt receipt = Acts.decided(preview, submission);
      User user = Objects.requireNonNull(preview.user(accepted(receipt, request)));
      Foreseen foreseen = users.foreseen(user, clock.instant());
      List<UUID> absorbed =
          user.merges().stream()
              .filter(merge -> merge.position() == receipt.position())
              .map(Merge::absorbed)
              .toList();
      return new Merged(
          List.of(),
          absorbed,
          foreseen.user(),
          foreseen.identifiers(),
          changes(request.users(), user, absorbed, foreseen.identifiers()));
    }
  }

  private MergeChanges changes(
      List<UUID> before, User user, List<UUID> absorbed, List<FoundIdentifier> after) {
    Set<Named> shows = new HashSet<>();
    for (FoundIdentifier one : after) {
      if (one.current()) {
        shows.add(new Named(one.type(), one.value()));
      }
    }
    List<IdentifierChange> identifiers = new ArrayList<>();
    for (UUID id : before) {
      boolean goes = absorbed.contains(id);
      for (FoundIdentifier one : users.identifiers(id)) {
        boolean current = shows.contains(new Named(one.type(), one.value()));
        if (goes || current != one.current()) {
          identifiers.add(
              new IdentifierChange(one.type(), one.value(), id, one.current(), current));
        }
      }
    }
    List<UUID> parts = user.parts().stream().map(Part::id).toList();
    List<AccountOf> accounts = merges.accounts(parts);
    Map<UUID, Set<UUID>> today = new HashMap<>();
    for (AccountOf account : accounts) {
      UUID live = users.live(account.part());
      // One that was just erased brings nothing.
      if (live != null) {
        today.computeIfAbsent(account.id(), id -> new HashSet<>()).add(live);
      }
    }
    List<AccountChange> brought = new ArrayList<>();
    for (AccountOf account : accounts) {
      Set<UUID> whose = today.getOrDefault(account.id(), Set.of());
      if (!whose.contains(user.id())) {
        for (UUID of : whose) {
          AccountChange change =
              new AccountChange(account.id(), account.externalId(), account.name(), of);
          if (!brought.contains(change)) {
            brought.add(change);
          }
        }
      }
    }
    return new MergeChanges(identifiers, brought, merges.among(parts));
  }

  private static void check(MergeRequest request) {
    if (request.users().size() < 2 || request.users().size() > MOST_USERS) {
      throw new Failure(
          Problem.INVALID_REQUEST,
          "A merge names 2 to %d users; got %d".formatted(MOST_USERS, request.users().size()));
    }
    Set<UUID> among = Set.copyOf(request.users());
    UUID survivor = request.survivor();
    if (survivor != null && !among.contains(survivor)) {
      throw new Failure(
          Problem.INVALID_REQUEST,
          "The survivor %s is not among the users to merge".formatted(survivor));
    }
    request
        .picks()
        .forEach((field, user) -> {
          if (!among.contains(user)) {
            throw new Failure(
                Problem.INVALID_REQUEST,
                "The %s is picked of %s, which is not among the users to merge"
                    .formatted(field.title(), user));
          }
        });
  }

  private Submission submission(MergeRequest request, @Nullable Settling flag) {
    Source source = Acts.source(users);
    long at = Submission.micros(clock.instant());
    Map<String, UUID> fields = new HashMap<>();
    request.picks().forEach((field, user) -> fields.put(field.field(), user));
    Claim act =
        new Claim.MergeByHand(
            source, at, request.by(), request.users(), request.survivor(), fields);
    if (flag != null) {
      act = flag.by(act, request.by());
    }
    return new Submission(act, at, null, payload(request, fields, flag), null, Set.of(), Map.of());
  }

  private static byte[] payload(
      MergeRequest request, Map<String, UUID> fields, @Nullable Settling flag) {
    Map<String, Object> payload = new TreeMap<>();
    if (flag != null) {
      flag.note(payload);
    }
    payload.put("act", "merge");
    request.actor().note(payload);
    payload.put("users", request.users());
    payload.put("fields", new TreeMap<>(fields));
    if (request.survivor() != null) {
      payload.put("survivor", request.survivor());
    }
    return JSON.writeValueAsBytes(payload);
  }

  /** The user that it made; or says which user stood against it. */
  private UUID accepted(Receipt receipt, MergeRequest request) {
    if (receipt.outcome() == Outcome.MERGED) {
      return Objects.requireNonNull(receipt.user());
    }
    Reason reason = receipt.reason();
    if (reason == Reason.FLAG_CLOSED) {
      throw Settling.closed();
    }
    if (reason == Reason.LIMIT_REACHED) {
      throw new Failure(
          Problem.LIMIT_REACHED,
          "The user would be made of too many merges or hold too many identifiers; nothing was"
              + " merged");
    }
    if (reason == Reason.SAME_USER) {
      throw new Failure(Problem.SAME_USER, "A user cannot be merged with itself");
    }
    if (reason == Reason.UNKNOWN_USER || reason == Reason.ABSORBED_USER) {
      throw Acts.notLive(users, reason, request.users());
    }
    throw new IllegalStateException(
        "The merge was refused by %s. Indicates a bug".formatted(reason));
  }
}
