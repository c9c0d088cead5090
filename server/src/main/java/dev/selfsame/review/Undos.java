package dev.selfsame.review;

import dev.selfsame.access.Actor;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.identity.Claim;
import dev.selfsame.intake.Intake;
import dev.selfsame.intake.Preview;
import dev.selfsame.intake.Receipt;
import dev.selfsame.replay.History;
import dev.selfsame.resolution.Outcome;
import dev.selfsame.resolution.Reason;
import dev.selfsame.resolution.Rule;
import dev.selfsame.store.LinkQueries;
import dev.selfsame.store.LinkQueries.StoredLink;
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
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Merges, and adoptions and links, listed and taken back (U1, U2), or what that would make.
 * Thread-safe.
 */
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

  /** How often an undo is prepared anew when claims on its users come in between. */
  private static final int TRIES = 5;

  private final Acts acts;
  private final MergeQueries merges;
  private final LinkQueries links;
  private final Unlinking unlinking;

  /**
   * @param previews makes an intake that writes nothing
   * @param histories reads kept claims again
   */
  public Undos(
      Intake intake,
      Supplier<Preview> previews,
      UserQueries users,
      MergeQueries merges,
      LinkQueries links,
      Supplier<History> histories,
      InstantSource clock) {
    this(intake, previews, users, merges, links, histories, clock, Unlinking.MOST_CLAIMS);
  }

  /**
   * @param mostClaims that are gone through to take back one adoption or link
   */
  public Undos(
      Intake intake,
      Supplier<Preview> previews,
      UserQueries users,
      MergeQueries merges,
      LinkQueries links,
      Supplier<History> histories,
      InstantSource clock,
      int mostClaims) {
    this.acts = new Acts(intake, previews, users, clock);
    this.merges = merges;
    this.links = links;
    this.unlinking = new Unlinking(links, histories, mostClaims);
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
    Place from = after == null ? Place.NEWEST : Place.of(after);
    if (from == null) {
      throw badCursor();
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

  private static Failure badCursor() {
    return new Failure(
        Problem.INVALID_PARAMETER, "The cursor is not one that a page of this list ended with");
  }

  /**
   * The merge of that public name.
   *
   * @throws Failure {@code UNKNOWN_MERGE}; {@code ERASED_USER} where an erasure took it
   */
  public StoredMerge merge(String id) {
    Place place = Place.of(id);
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

  /** Adoptions and links, the newest first. */
  public record LinkPage(List<StoredLink> links, @Nullable String next) {
    public LinkPage {
      links = List.copyOf(links);
    }
  }

  /**
   * Adoptions and links of a live user and of those that it was made of.
   *
   * @param state null: both
   * @param after where the page before ended, as it said; null: from the newest on
   */
  public LinkPage links(UUID user, @Nullable State state, @Nullable String after, int limit) {
    Place from = after == null ? Place.NEWEST : Place.of(after);
    if (from == null) {
      throw badCursor();
    }
    List<StoredLink> found =
        links.list(
            user,
            state == null ? null : (Boolean) (state == State.UNDONE),
            from.position(),
            limit + 1);
    boolean more = found.size() > limit;
    List<StoredLink> page = more ? found.subList(0, limit) : found;
    return new LinkPage(page, more ? Long.toString(page.getLast().position()) : null);
  }

  /** The adoption or link that the claim of that public name made; null if there is none. */
  public @Nullable StoredLink link(String id) {
    Place place = Place.of(id);
    return place == null || place.ordinal() != 0 ? null : links.link(place.position());
  }

  /** Whether a merge may be called that. */
  public static boolean isId(String id) {
    return Place.of(id) != null;
  }

  /**
   * Takes the merge, adoption or link back; returns when it is committed.
   *
   * @param actor who says so
   * @throws Failure {@code UNKNOWN_MERGE}, {@code ALREADY_UNDONE} or {@code ERASED_USER}; {@code
   *     NOT_HELD} or {@code LAST_IDENTIFIER} where what a claim brought, or all that was there
   *     before, was moved on since; {@code LEDGER_TOO_LONG}; {@code TOO_BUSY} or {@code STORE_AWAY}
   *     when nothing was done
   */
  public Undone undo(String id, Actor actor) {
    StoredLink link = link(id);
    if (link != null) {
      return unlink(link, actor);
    }
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
    StoredLink link = link(id);
    if (link != null) {
      return previewUnlink(link, actor);
    }
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
        merge,
        null,
        survivor,
        restored,
        restored == null ? List.of() : restored.identifiers(),
        flags);
  }

  private Undone unlink(StoredLink link, Actor actor) {
    return prepared(
        link,
        actor,
        act -> {
          Receipt receipt = acts.done(act, Unlinking.payload(act, actor));
          if (receipt.reason() == Reason.CHANGED_SINCE) {
            return null;
          }
          UUID own = accepted(receipt, link);
          StoredLink now = links.link(link.position());
          return unlinked(
              now == null ? link : now,
              acts.shown(link.part()),
              acts.shown(own),
              merges.raised(receipt.position()).stream().map(RaisedFlag::of).toList());
        });
  }

  private Undone previewUnlink(StoredLink link, Actor actor) {
    return prepared(
        link,
        actor,
        act -> {
          try (Preview preview = acts.preview()) {
            Receipt receipt = acts.decided(preview, act, Unlinking.payload(act, actor));
            if (receipt.reason() == Reason.CHANGED_SINCE) {
              return null;
            }
            UUID own = accepted(receipt, link);
            return unlinked(
                link,
                acts.shown(preview, link.part()),
                acts.shown(preview, own),
                preview.flags().stream().map(RaisedFlag::of).toList());
          }
        });
  }

  /**
   * Prepares the act and has it tried, until no claim came in between.
   *
   * @param tried gives null where one did; then nothing was done
   */
  private Undone prepared(
      StoredLink link, Actor actor, Function<Claim.UndoLink, @Nullable Undone> tried) {
    for (int i = 0; i < TRIES; i++) {
      Undone undone = tried.apply(prepared(link, actor));
      if (undone != null) {
        return undone;
      }
    }
    throw new Failure(
        Problem.TOO_BUSY,
        "Claims on this user kept coming in between, %d times; nothing was done. Try again"
            .formatted(TRIES),
        1,
        null);
  }

  private Claim.UndoLink prepared(StoredLink link, Actor actor) {
    StoredLink now = links.link(link.position());
    if (now != null && now.undoneAt() != null) {
      throw alreadyUndone(Long.toString(link.position()));
    }
    return unlinking.act(link, acts.source(), acts.now(), actor.by());
  }

  private static UUID accepted(Receipt receipt, StoredLink link) {
    UUID own = receipt.user();
    if (receipt.outcome() == Outcome.UNDONE && own != null) {
      return own;
    }
    if (receipt.reason() == Reason.UNKNOWN_MERGE) {
      throw new Failure(
          Problem.ERASED_USER,
          "The user of the claim %d was erased; it cannot be restored".formatted(link.position()));
    }
    if (receipt.reason() == Reason.LAST_IDENTIFIER) {
      throw new Failure(
          Problem.LAST_IDENTIFIER,
          "Without what the claim %d brought nothing would find the user: all else was moved on"
              .formatted(link.position()));
    }
    throw new IllegalStateException(
        "The undo was refused by %s. Indicates a bug".formatted(receipt.reason()));
  }

  private static Undone unlinked(
      StoredLink link, @Nullable ShownUser left, @Nullable ShownUser own, List<RaisedFlag> flags) {
    return new Undone(null, link, left, own, own == null ? List.of() : own.identifiers(), flags);
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
