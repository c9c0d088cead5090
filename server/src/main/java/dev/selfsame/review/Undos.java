package dev.selfsame.review;

import dev.selfsame.access.Actor;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.identity.Claim;
import dev.selfsame.intake.Intake;
import dev.selfsame.intake.Preview;
import dev.selfsame.intake.Receipt;
import dev.selfsame.resolution.Outcome;
import dev.selfsame.resolution.Reason;
import dev.selfsame.resolution.Rule;
import dev.selfsame.store.MergeQueries;
import dev.selfsame.store.MergeQueries.Facts;
import dev.selfsame.store.MergeQueries.Place;
import dev.selfsame.store.MergeQueries.StoredMerge;
import dev.selfsame.store.UserQueries;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Merges, listed and taken back (U1), or what that would make. Thread-safe. */
public final class Undos {

  /** So many merges on a page at most. */
  public static final int MOST = 1_000;

  /**
   * A page of merges, the newest first.
   *
   * @param next where the next page begins; null: this is the last
   */
  public record Page(List<StoredMerge> merges, @Nullable String next) {
    public Page {
      merges = List.copyOf(merges);
    }
  }

  /** Which merges to list. */
  public enum State {
    LIVE,
    UNDONE;

    public String title() {
      return this == LIVE ? "live" : "undone";
    }

    /** The one of that title; null if there is none. */
    public static @Nullable State titled(String title) {
      return Arrays.stream(values())
          .filter(state -> state.title().equals(title))
          .findFirst()
          .orElse(null);
    }
  }

  private static final Pattern ID = Pattern.compile("(\\d{1,18})(?:\\.(\\d{1,4}))?");

  private final Acts acts;
  private final MergeQueries merges;

  /**
   * @param previews makes an intake that writes nothing
   */
  public Undos(
      Intake intake,
      Supplier<Preview> previews,
      UserQueries users,
      MergeQueries merges,
      InstantSource clock) {
    this.acts = new Acts(intake, previews, users, clock);
    this.merges = merges;
  }

  /**
   * Merges, live and undone.
   *
   * @param user of this user or of one that it was made of; null: of all
   * @param rule the code of the rule that made them; null: any
   * @param state null: both
   * @param after where the page before ended, as it said; null: from the newest on
   * @throws Failure {@code INVALID_PARAMETER} for a cursor that no page gave
   */
  public Page list(
      @Nullable UUID user,
      @Nullable Rule rule,
      @Nullable State state,
      @Nullable String after,
      int limit) {
    Place from = after == null ? Place.NEWEST : place(after);
    if (from == null) {
      throw new Failure(
          Problem.INVALID_PARAMETER, "The cursor is not one that a page of this list ended with");
    }
    List<StoredMerge> found =
        merges.list(
            user,
            rule == null ? null : rule.code(),
            state == null ? null : (Boolean) (state == State.UNDONE),
            from,
            limit + 1);
    boolean more = found.size() > limit;
    List<StoredMerge> page = more ? found.subList(0, limit) : found;
    return new Page(page, more ? page.getLast().place().id() : null);
  }

  /**
   * The merge of that public name.
   *
   * @throws Failure {@code UNKNOWN_MERGE}; {@code ERASED_USER} where an erasure took it
   */
  public StoredMerge merge(String id) {
    Place place = place(id);
    StoredMerge merge = place == null ? null : merges.merge(place);
    if (place == null || merge == null) {
      if (place != null && merges.erased(place.position())) {
        throw new Failure(
            Problem.ERASED_USER,
            "The users of the merge %s were erased; they cannot be restored".formatted(id));
      }
      throw new Failure(
          Problem.UNKNOWN_MERGE, "There is no merge %s; GET /api/merges lists them".formatted(id));
    }
    return merge;
  }

  /** Whether a merge may be called that. */
  public static boolean isId(String id) {
    return place(id) != null;
  }

  private static @Nullable Place place(String id) {
    Matcher matcher = ID.matcher(id);
    if (!matcher.matches()) {
      return null;
    }
    String ordinal = matcher.group(2);
    return new Place(
        Long.parseLong(matcher.group(1)), ordinal == null ? 0 : Integer.parseInt(ordinal));
  }

  /**
   * Takes the merge back; returns when it is committed.
   *
   * @param actor who says so
   * @throws Failure {@code UNKNOWN_MERGE}, {@code ALREADY_UNDONE} or {@code ERASED_USER}; {@code
   *     TOO_BUSY} or {@code STORE_AWAY} when nothing was done
   */
  public Undone undo(String id, Actor actor) {
    StoredMerge merge = live(id);
    Receipt receipt = acts.done(act(merge, actor), payload(merge, actor));
    accepted(receipt, id);
    return undone(
        merge(id),
        acts.shown(merge.survivor()),
        acts.shown(merge.absorbed()),
        merges.raised(receipt.position()).stream().map(RaisedFlag::of).toList());
  }

  /** What {@link #undo} would make of it now; refused as it would be. Writes nothing. */
  public Undone preview(String id, Actor actor) {
    StoredMerge merge = live(id);
    try (Preview preview = acts.preview()) {
      accepted(acts.decided(preview, act(merge, actor), payload(merge, actor)), id);
      return undone(
          merge,
          acts.shown(preview, merge.survivor()),
          acts.shown(preview, merge.absorbed()),
          preview.flags().stream().map(RaisedFlag::of).toList());
    }
  }

  private static Undone undone(
      StoredMerge merge,
      @Nullable ShownUser survivor,
      @Nullable ShownUser restored,
      List<RaisedFlag> flags) {
    return new Undone(
        merge, survivor, restored, restored == null ? List.of() : restored.identifiers(), flags);
  }

  private StoredMerge live(String id) {
    StoredMerge merge = merge(id);
    if (merge.undoneAt() != null) {
      throw alreadyUndone(id);
    }
    return merge;
  }

  private static Failure alreadyUndone(String id) {
    return new Failure(
        Problem.ALREADY_UNDONE,
        "The merge %s is undone already; GET /api/merges/%s says since when".formatted(id, id));
  }

  private Claim act(StoredMerge merge, Actor actor) {
    Facts facts = merges.facts(merge);
    return new Claim.UndoMerge(
        acts.source(),
        acts.now(),
        actor.by(),
        merge.place().position(),
        merge.place().ordinal(),
        merge.survivor(),
        merge.absorbed(),
        facts.instead(),
        facts.left());
  }

  private static Map<String, Object> payload(StoredMerge merge, Actor actor) {
    Map<String, Object> payload = new HashMap<>();
    payload.put("act", "undo");
    payload.put("merge", merge.place().id());
    payload.put("survivor", merge.survivor());
    payload.put("absorbed", merge.absorbed());
    actor.note(payload);
    return payload;
  }

  private void accepted(Receipt receipt, String id) {
    if (receipt.outcome() == Outcome.UNDONE) {
      return;
    }
    if (receipt.reason() == Reason.ALREADY_UNDONE) {
      throw alreadyUndone(id);
    }
    if (receipt.reason() == Reason.UNKNOWN_MERGE) {
      throw new Failure(
          Problem.ERASED_USER,
          "The users of the merge %s were erased; they cannot be restored".formatted(id));
    }
    throw new IllegalStateException(
        "The undo was refused by %s. Indicates a bug".formatted(receipt.reason()));
  }
}
