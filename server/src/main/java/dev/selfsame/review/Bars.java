package dev.selfsame.review;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.identity.Claim;
import dev.selfsame.intake.Intake;
import dev.selfsame.intake.Preview;
import dev.selfsame.intake.Receipt;
import dev.selfsame.intake.Submission;
import dev.selfsame.lookup.BadSearch;
import dev.selfsame.lookup.Found;
import dev.selfsame.resolution.Outcome;
import dev.selfsame.resolution.Reason;
import dev.selfsame.store.FlagQueries;
import dev.selfsame.store.FoundBar;
import dev.selfsame.store.UserQueries;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Keeping users apart by hand and lifting it (M2), and who is kept apart. Thread-safe. */
public final class Bars {

  /** Each is kept apart from each. */
  public static final int MOST_USERS = 100;

  public static final int MOST = 1_000;
  private static final int LONGEST_REASON = 1_000;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Intake intake;
  private final Supplier<Preview> previews;
  private final UserQueries users;
  private final FlagQueries queries;
  private final InstantSource clock;

  /**
   * @param previews makes an intake that writes nothing
   */
  public Bars(
      Intake intake,
      Supplier<Preview> previews,
      UserQueries users,
      FlagQueries queries,
      InstantSource clock) {
    this.intake = intake;
    this.previews = previews;
    this.users = users;
    this.queries = queries;
    this.clock = clock;
  }

  /**
   * Keeps the users apart, or lifts that; returns when it is committed.
   *
   * @return false if it was so already
   * @throws Failure {@code INVALID_REQUEST} for one that names too few or too many users; {@code
   *     SAME_USER}, {@code UNKNOWN_USER}, {@code ABSORBED_USER} or {@code LIMIT_REACHED} when the
   *     rules refuse it; {@code TOO_BUSY} or {@code STORE_AWAY} when nothing was done
   */
  public boolean keepApart(KeepApartRequest request) {
    return keepApart(request, null);
  }

  boolean keepApart(KeepApartRequest request, @Nullable Settling flag) {
    check(request);
    return changed(Acts.decided(intake, submission(request, flag)), request);
  }

  /** What {@link #keepApart} would say now; refused as it would be. Writes nothing. */
  public boolean preview(KeepApartRequest request) {
    return preview(request, null);
  }

  boolean preview(KeepApartRequest request, @Nullable Settling flag) {
    check(request);
    Submission submission = submission(request, flag);
    try (Preview preview = previews.get()) {
      return changed(Acts.decided(preview, submission), request);
    }
  }

  /**
   * Who is kept apart, newest first.
   *
   * @param user only from this user; null: all
   * @throws BadSearch if limit or cursor cannot be meant
   */
  public Found<FoundBar> list(@Nullable UUID user, int limit, @Nullable String cursor) {
    if (limit < 1 || limit > MOST) {
      throw new BadSearch("limit", "The limit is %d; expected 1 to %d".formatted(limit, MOST));
    }
    List<FoundBar> found = queries.bars(user, cursor == null ? null : after(cursor), limit + 1);
    boolean more = found.size() > limit;
    List<FoundBar> page = more ? found.subList(0, limit) : found;
    return new Found<>(page, more ? cursor(page.getLast()) : null);
  }

  private static String cursor(FoundBar last) {
    return PageCursor.encoded(
        "b", List.of(last.position(), last.parts().one(), last.parts().other()));
  }

  private static FoundBar after(String cursor) {
    List<String> fields = PageCursor.decoded("b", cursor, 3);
    try {
      UUID one = UUID.fromString(fields.get(1));
      UUID other = UUID.fromString(fields.get(2));
      return new FoundBar(
          one,
          other,
          Long.parseLong(fields.getFirst()),
          Instant.EPOCH,
          "",
          null,
          new FoundBar.Parts(one, other));
    } catch (IllegalArgumentException e) {
      throw PageCursor.bad();
    }
  }

  private static void check(KeepApartRequest request) {
    if (request.users().size() < 2 || request.users().size() > MOST_USERS) {
      throw new Failure(
          Problem.INVALID_REQUEST,
          "2 to %d users can be kept apart at once; got %d"
              .formatted(MOST_USERS, request.users().size()));
    }
    checkReason(request.reason());
  }

  static void checkReason(@Nullable String reason) {
    if (reason != null && (reason.length() > LONGEST_REASON || reason.indexOf(0) >= 0)) {
      throw new Failure(
          Problem.INVALID_REQUEST,
          "A reason is text of up to %d characters, without NUL".formatted(LONGEST_REASON));
    }
  }

  private Submission submission(KeepApartRequest request, @Nullable Settling flag) {
    long at = Submission.micros(clock.instant());
    Claim act =
        new Claim.KeepApart(Acts.source(users), at, request.by(), request.users(), request.lift());
    Map<String, Object> payload = new TreeMap<>();
    payload.put("act", request.lift() ? "lift" : "keep_apart");
    request.actor().note(payload);
    payload.put("users", request.users());
    if (request.reason() != null) {
      payload.put("reason", request.reason());
    }
    if (flag != null) {
      flag.note(payload);
      act = flag.by(act, request.by());
    }
    return new Submission(act, at, null, JSON.writeValueAsBytes(payload), null, Set.of(), Map.of());
  }

  private boolean changed(Receipt receipt, KeepApartRequest request) {
    if (receipt.outcome() == Outcome.UPDATED) {
      return true;
    }
    Reason reason = receipt.reason();
    if (reason == null) {
      return false;
    }
    if (reason == Reason.FLAG_CLOSED) {
      throw Settling.closed();
    }
    if (reason == Reason.LIMIT_REACHED) {
      throw new Failure(
          Problem.LIMIT_REACHED,
          "A user would be kept apart from too many others; nothing was changed");
    }
    if (reason == Reason.SAME_USER) {
      throw new Failure(Problem.SAME_USER, "A user cannot be kept apart from itself");
    }
    if (reason == Reason.UNKNOWN_USER || reason == Reason.ABSORBED_USER) {
      throw Acts.notLive(users, reason, request.users());
    }
    throw new IllegalStateException(
        "Keeping apart was refused by %s. Indicates a bug".formatted(reason));
  }
}
