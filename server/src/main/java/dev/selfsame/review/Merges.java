package dev.selfsame.review;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.identity.Channel;
import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Merge;
import dev.selfsame.identity.Source;
import dev.selfsame.identity.User;
import dev.selfsame.intake.Intake;
import dev.selfsame.intake.Preview;
import dev.selfsame.intake.Receipt;
import dev.selfsame.intake.Submission;
import dev.selfsame.resolution.Outcome;
import dev.selfsame.resolution.Reason;
import dev.selfsame.store.FoundUser;
import dev.selfsame.store.UserQueries;
import dev.selfsame.store.UserQueries.Foreseen;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import tools.jackson.databind.json.JsonMapper;

/** Merging by hand (M1): previewed, or done. Thread-safe. */
public final class Merges {

  /** More at once is no decision that a person made. */
  public static final int MOST_USERS = 100;

  private static final int ANSWER_SECONDS = 20;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Intake intake;
  private final Supplier<Preview> previews;
  private final UserQueries users;
  private final InstantSource clock;

  /**
   * @param previews makes an intake that writes nothing
   */
  public Merges(Intake intake, Supplier<Preview> previews, UserQueries users, InstantSource clock) {
    this.intake = intake;
    this.previews = previews;
    this.users = users;
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
    check(request);
    Receipt receipt = decided(intake, submission(request));
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
    return new Merged(ids, users.absorbed(receipt.position()), user, users.identifiers(id));
  }

  /** What {@link #merge} would make of it now; refused as it would be. Writes nothing. */
  public Merged preview(MergeRequest request) {
    check(request);
    Submission submission = submission(request);
    try (Preview preview = previews.get()) {
      Receipt receipt = decided(preview, submission);
      User user = Objects.requireNonNull(preview.user(accepted(receipt, request)));
      Foreseen foreseen = users.foreseen(user, clock.instant());
      List<UUID> absorbed =
          user.merges().stream()
              .filter(merge -> merge.position() == receipt.position())
              .map(Merge::absorbed)
              .toList();
      return new Merged(List.of(), absorbed, foreseen.user(), foreseen.identifiers());
    }
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

  private Submission submission(MergeRequest request) {
    Source source = acts(users);
    long at = Submission.micros(clock.instant());
    Map<String, UUID> fields = new HashMap<>();
    request.picks().forEach((field, user) -> fields.put(field.field(), user));
    Claim act =
        new Claim.MergeByHand(
            source, at, request.by(), request.users(), request.survivor(), fields);
    return new Submission(act, at, null, payload(request, fields), null, Set.of(), Map.of());
  }

  /** The source that acts of people are written under. */
  static Source acts(UserQueries users) {
    return users.settings().sources().values().stream()
        .filter(each -> each.channel() == Channel.ACT)
        .findFirst()
        .orElseThrow(
            () -> new Failure(Problem.INVALID_SETTING, "The space has no source for acts"));
  }

  private static byte[] payload(MergeRequest request, Map<String, UUID> fields) {
    Map<String, Object> payload = new TreeMap<>();
    payload.put("act", "merge");
    request.actor().note(payload);
    payload.put("users", request.users());
    payload.put("fields", new TreeMap<>(fields));
    if (request.survivor() != null) {
      payload.put("survivor", request.survivor());
    }
    return JSON.writeValueAsBytes(payload);
  }

  /** What became of an act, when it is committed. */
  static Receipt decided(Intake intake, Submission submission) {
    try {
      return intake.submit(List.of(submission)).get(ANSWER_SECONDS, TimeUnit.SECONDS).getFirst();
    } catch (TimeoutException e) {
      throw new Failure(
          Problem.STORE_AWAY,
          "The act was not committed within %d seconds; look whether it was done before you try again"
              .formatted(ANSWER_SECONDS),
          0,
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Failure(Problem.STORE_AWAY, "The server is stopping; try again", 0, e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Failure failure) {
        throw failure;
      }
      throw new IllegalStateException("The intake failed in an unforeseen way", e.getCause());
    }
  }

  /** The user that it made; or says which user stood against it. */
  private UUID accepted(Receipt receipt, MergeRequest request) {
    if (receipt.outcome() == Outcome.MERGED) {
      return Objects.requireNonNull(receipt.user());
    }
    Reason reason = receipt.reason();
    if (reason == Reason.LIMIT_REACHED) {
      throw new Failure(
          Problem.LIMIT_REACHED,
          "The user would be made of too many merges or hold too many identifiers; nothing was"
              + " merged");
    }
    if (reason == Reason.SAME_USER) {
      throw new Failure(Problem.SAME_USER, "A user cannot be merged with itself");
    }
    for (UUID id : request.users()) {
      UUID live = users.live(id);
      if (live == null) {
        throw new Failure(Problem.UNKNOWN_USER, "There is no user %s".formatted(id));
      }
      if (!live.equals(id)) {
        throw new Failure(
            Problem.ABSORBED_USER,
            "The user %s was merged into %s; name that one".formatted(id, live));
      }
    }
    throw new IllegalStateException(
        "The merge was refused by %s. Indicates a bug".formatted(reason));
  }
}
