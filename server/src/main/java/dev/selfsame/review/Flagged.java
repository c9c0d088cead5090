package dev.selfsame.review;

import dev.selfsame.access.Actor;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Nearest;
import dev.selfsame.error.Problem;
import dev.selfsame.identity.Claim;
import dev.selfsame.intake.Intake;
import dev.selfsame.intake.Receipt;
import dev.selfsame.intake.Submission;
import dev.selfsame.lookup.BadSearch;
import dev.selfsame.lookup.Found;
import dev.selfsame.resolution.Flag;
import dev.selfsame.resolution.Reason;
import dev.selfsame.store.FlagId;
import dev.selfsame.store.FlagQueries;
import dev.selfsame.store.FlagQueries.State;
import dev.selfsame.store.FoundFlag;
import dev.selfsame.store.FoundFlag.Place;
import dev.selfsame.store.UserQueries;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** What there is for a person to look at, and settling it. Thread-safe. */
public final class Flagged {

  public static final int DEFAULT_LIMIT = 100;
  public static final int MOST = 1_000;

  private static final List<String> STATES = List.of("open", "closed", "all");
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** What a person may do about a flag. */
  public enum Action {
    MERGE,
    KEEP_APART,
    DISMISS;

    public String code() {
      return name().toLowerCase(Locale.ROOT);
    }

    public static @Nullable Action of(String code) {
      return Arrays.stream(values())
          .filter(action -> action.code().equals(code))
          .findFirst()
          .orElse(null);
    }

    public static List<String> codes() {
      return Arrays.stream(values()).map(Action::code).toList();
    }
  }

  /**
   * What a person does about a flag.
   *
   * @param survivor of a merge; null: the one created first
   * @param picks of a merge: whose value of a field shows
   * @param actor who does it
   * @param reason why; null: not said
   */
  public record Resolve(
      String flag,
      Action action,
      @Nullable UUID survivor,
      Map<MergeField, UUID> picks,
      Actor actor,
      @Nullable String reason) {
    public Resolve {
      picks = Map.copyOf(picks);
    }

    String by() {
      return actor.by();
    }
  }

  /**
   * What came of it.
   *
   * @param flag as it is now
   * @param merged what a merge made, or would make; else null
   * @param keptApart whom it keeps apart, or would; else null
   */
  public record Resolved(FoundFlag flag, @Nullable Merged merged, @Nullable KeptApart keptApart) {}

  /**
   * Users of whom no two are one.
   *
   * @param changed false if they were kept apart already
   */
  public record KeptApart(List<UUID> users, boolean changed) {
    public KeptApart {
      users = List.copyOf(users);
    }
  }

  /**
   * Which flags to tell.
   *
   * @param kind by its code, or several separated by commas; null: all
   * @param state open, closed or all; null: open
   * @param user only those about this user; null: all
   * @param cursor where the page before ended; null: the first
   */
  public record Search(
      @Nullable String kind,
      @Nullable String state,
      @Nullable UUID user,
      int limit,
      @Nullable String cursor) {}

  private final Intake intake;
  private final Merges merges;
  private final Bars bars;
  private final UserQueries users;
  private final FlagQueries queries;
  private final InstantSource clock;

  public Flagged(
      Intake intake,
      Merges merges,
      Bars bars,
      UserQueries users,
      FlagQueries queries,
      InstantSource clock) {
    this.intake = intake;
    this.merges = merges;
    this.bars = bars;
    this.users = users;
    this.queries = queries;
    this.clock = clock;
  }

  /**
   * Flags, newest first.
   *
   * @throws BadSearch if it cannot be meant
   */
  public Found<FoundFlag> list(Search search) {
    if (search.limit() < 1 || search.limit() > MOST) {
      throw new BadSearch(
          "limit", "The limit is %d; expected 1 to %d".formatted(search.limit(), MOST));
    }
    Place after = search.cursor() == null ? null : place(search.cursor());
    List<FoundFlag> found =
        queries.flags(
            new FlagQueries.Page(
                kinds(search.kind()),
                state(search.state()),
                search.user(),
                after,
                search.limit() + 1));
    boolean more = found.size() > search.limit();
    List<FoundFlag> page = more ? found.subList(0, search.limit()) : found;
    return new Found<>(page, more ? cursor(page.getLast().place()) : null);
  }

  /** How many flags the whole space has in that state, by kind; kinds with none are left out. */
  public Map<Flag.Kind, Long> counts(@Nullable String state) {
    return queries.counts(state(state));
  }

  /**
   * A flag by its public name.
   *
   * @throws Failure {@code UNKNOWN_FLAG}
   */
  public FoundFlag flag(String name) {
    FlagId id = FlagId.parse(name);
    FoundFlag flag = id == null ? null : queries.flag(id);
    if (flag == null) {
      throw new Failure(
          Problem.UNKNOWN_FLAG, "There is no flag of that id; GET /api/flags lists them");
    }
    return flag;
  }

  /**
   * Settles a flag; returns when it is committed.
   *
   * @throws Failure {@code UNKNOWN_FLAG}; {@code FLAG_CLOSED} where it is closed, or somebody was
   *     faster; {@code FLAG_ACTION} where the action makes no sense for it; else as {@link
   *     Merges#merge} and {@link Bars#keepApart}
   */
  public Resolved resolve(Resolve request) {
    return resolve(request, false);
  }

  /** What {@link #resolve} would do now; refused as it would be. Writes nothing. */
  public Resolved preview(Resolve request) {
    return resolve(request, true);
  }

  private Resolved resolve(Resolve request, boolean preview) {
    Bars.checkReason(request.reason());
    FoundFlag flag = flag(request.flag());
    if (flag.closed() != null) {
      throw Settling.closed();
    }
    if (request.action() != Action.MERGE
        && (request.survivor() != null || !request.picks().isEmpty())) {
      throw new Failure(
          Problem.FLAG_ACTION, "A survivor and fields are chosen where users are merged only");
    }
    Settling settling = new Settling(request.flag(), request.reason());
    Merged merged = null;
    KeptApart keptApart = null;
    switch (request.action()) {
      case MERGE -> {
        MergeRequest merge =
            new MergeRequest(
                several(flag, "merge"), request.survivor(), request.picks(), request.actor());
        merged = preview ? merges.preview(merge, settling) : merges.merge(merge, settling);
      }
      case KEEP_APART -> {
        KeepApartRequest apart =
            new KeepApartRequest(
                several(flag, "keep apart"), false, request.actor(), request.reason());
        keptApart =
            new KeptApart(
                apart.users(),
                preview ? bars.preview(apart, settling) : bars.keepApart(apart, settling));
      }
      case DISMISS -> {
        if (!preview) {
          dismiss(flag, request);
        }
      }
    }
    return new Resolved(preview ? flag : after(flag), merged, keptApart);
  }

  /** A claim after it may have taken the flag away with its users. */
  private FoundFlag after(FoundFlag before) {
    FoundFlag now = queries.flag(before.id());
    return now == null ? before : now;
  }

  private List<UUID> several(FoundFlag flag, String action) {
    Set<UUID> live = new LinkedHashSet<>();
    flag.users()
        .forEach(user -> live.add(user.mergedInto() == null ? user.id() : user.mergedInto()));
    if (flag.moreUsers()) {
      throw new Failure(
          Problem.FLAG_ACTION,
          "The flag is about more users than it shows; name those that you mean yourself, or"
              + " dismiss it");
    }
    if (live.size() < 2) {
      throw new Failure(
          Problem.FLAG_ACTION,
          "The flag is about one user: there is nobody to %s. Dismiss it, or change the user"
              .formatted(action));
    }
    return List.copyOf(live);
  }

  private void dismiss(FoundFlag flag, Resolve request) {
    long at = Submission.micros(clock.instant());
    List<UUID> about = flag.users().stream().map(user -> user.id()).toList();
    Map<String, Object> payload = new TreeMap<>();
    payload.put("act", "dismiss");
    request.actor().note(payload);
    new Settling(request.flag(), request.reason()).note(payload);
    Claim act =
        new Claim.SettleFlag(Acts.source(users), at, request.by(), request.flag(), about, null);
    Receipt receipt =
        Acts.decided(
            intake,
            new Submission(
                act, at, null, JSON.writeValueAsBytes(payload), null, Set.of(), Map.of()));
    if (receipt.reason() == Reason.FLAG_CLOSED) {
      throw Settling.closed();
    }
    if (receipt.reason() != null) {
      throw new IllegalStateException(
          "The dismissal was refused by %s. Indicates a bug".formatted(receipt.reason()));
    }
  }

  private static Set<Flag.Kind> kinds(@Nullable String codes) {
    Set<Flag.Kind> kinds = EnumSet.noneOf(Flag.Kind.class);
    if (codes != null) {
      for (String code : codes.split(",", -1)) {
        kinds.add(kind(code.strip()));
      }
    }
    return kinds;
  }

  private static Flag.Kind kind(String code) {
    Flag.Kind kind = Flag.Kind.of(code);
    if (kind == null) {
      List<String> known = Arrays.stream(Flag.Kind.values()).map(Flag.Kind::code).toList();
      throw new BadSearch(
          "kind",
          "There is no kind of flag %s; did you mean %s? Known: %s"
              .formatted(code, Nearest.of(code, known), String.join(", ", known)));
    }
    return kind;
  }

  private static State state(@Nullable String state) {
    if (state == null) {
      return State.OPEN;
    }
    if (!STATES.contains(state)) {
      throw new BadSearch(
          "state", "The state is one of %s; got %s".formatted(String.join(", ", STATES), state));
    }
    return State.valueOf(state.toUpperCase(Locale.ROOT));
  }

  private static String cursor(Place place) {
    return PageCursor.encoded(
        "f",
        List.of(place.openedAt(), place.sort(), place.position(), place.ordinal(), place.key()));
  }

  private static Place place(String cursor) {
    List<String> fields = PageCursor.decoded("f", cursor, 5);
    try {
      return new Place(
          Long.parseLong(fields.get(0)),
          Integer.parseInt(fields.get(1)),
          Long.parseLong(fields.get(2)),
          Short.parseShort(fields.get(3)),
          UUID.fromString(fields.get(4)));
    } catch (IllegalArgumentException e) {
      throw PageCursor.bad();
    }
  }
}
