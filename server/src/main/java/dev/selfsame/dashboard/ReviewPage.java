package dev.selfsame.dashboard;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.http.Caller;
import dev.selfsame.http.Role;
import dev.selfsame.lookup.Found;
import dev.selfsame.resolution.Flag;
import dev.selfsame.resolution.Rule;
import dev.selfsame.review.Flagged;
import dev.selfsame.store.AccountQueries.FoundAccount;
import dev.selfsame.store.AccountQueries.Membership;
import dev.selfsame.store.FlagId;
import dev.selfsame.store.FoundFlag;
import dev.selfsame.store.FoundFlag.FlaggedUser;
import dev.selfsame.store.FoundIdentifier;
import dev.selfsame.store.FoundNote;
import dev.selfsame.store.FoundUser;
import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The queue of what must not be guessed: users side by side, and one key for each choice. */
final class ReviewPage implements Page {

  private static final int QUEUE = 25;

  /**
   * What waits for a person one by one. Users without a billing id are as many as nobody goes
   * through like that: they are for a list, and have their own tab.
   */
  private static final String TO_SETTLE =
      Arrays.stream(Flag.Kind.values())
          .filter(kind -> kind != Flag.Kind.MISSING_BILLING_ID)
          .map(Flag.Kind::code)
          .collect(Collectors.joining(","));

  /** So many users of a flag are shown side by side. */
  private static final int ASIDE = 6;

  private final Html html;
  private final DashboardServices services;

  ReviewPage(Html html, DashboardServices services) {
    this.html = html;
    this.services = services;
  }

  /** So many identifiers of each. */
  private static final int IDENTIFIERS = 12;

  /**
   * A user of the flag with what it has.
   *
   * @param more how many identifiers are not among them
   * @param company null: it belongs to none
   */
  record Side(
      FoundUser user, List<FoundIdentifier> identifiers, int more, @Nullable FoundAccount company) {
    static Side of(FoundUser user, List<FoundIdentifier> all, @Nullable FoundAccount company) {
      List<FoundIdentifier> shown = all.subList(0, Math.min(all.size(), IDENTIFIERS));
      return new Side(user, List.copyOf(shown), all.size() - shown.size(), company);
    }
  }

  /**
   * What the page shows.
   *
   * @param kind that the queue is narrowed to; null: to what is settled one by one
   * @param counts of open flags by kind
   * @param flag the one in front; null: the queue is empty
   * @param sides its users
   * @param note the one that raised it; null: it was no note, or it was deleted
   * @param next the address of the flags after these; null: there are none
   * @param fault why nothing was done; null: nothing was asked
   */
  record View(
      Frame frame,
      @Nullable String kind,
      Map<Flag.Kind, Long> counts,
      List<FoundFlag> queue,
      @Nullable FoundFlag flag,
      List<Side> sides,
      @Nullable FoundNote note,
      @Nullable String next,
      @Nullable String fault) {

    long toSettle() {
      return counts.entrySet().stream()
          .filter(each -> each.getKey() != Flag.Kind.MISSING_BILLING_ID)
          .mapToLong(Map.Entry::getValue)
          .sum();
    }

    /** The address of the queue with that flag in front. */
    String to(FoundFlag one) {
      return "/review?flag="
          + Form.encoded(one.id().toString())
          + (kind == null ? "" : "&kind=" + Form.encoded(kind));
    }

    /** The rule in whose course the flag was raised, in words; null: none. */
    static @Nullable String rule(FoundFlag flag) {
      String code = flag.rule();
      return code == null ? null : Rule.of(code).sentence();
    }

    /** Whether the sides say different things, or one says nothing. */
    boolean differ(String field) {
      return sides.stream().map(side -> value(side.user(), field)).distinct().count() > 1;
    }

    static String value(FoundUser user, String field) {
      return Shown.orDash(
          switch (field) {
            case "Name" -> user.name();
            case "Email" -> user.email();
            case "External ID" -> user.externalId();
            default -> user.billingId();
          });
    }

    /** Whether a note named two users as one, and made the first of them. */
    boolean twoInOne() {
      return flag != null && flag.kind() == Flag.Kind.EMAIL_CONFLICT && note != null;
    }

    boolean companies() {
      return sides.stream().anyMatch(side -> side.company() != null);
    }

    /** Whether there is somebody to merge or to keep apart. */
    boolean several() {
      return sides.size() > 1 && flag != null && !flag.moreUsers();
    }
  }

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.get("/review", Html.checked(ctx -> show(ctx, null)), Role.READ);
    routes.post("/review/{id}", Html.checked(this::settle), Role.WRITE);
  }

  private void show(Context ctx, @Nullable String fault) {
    String kind = Form.parameter(ctx, "kind");
    Found<FoundFlag> queue =
        services
            .flagged()
            .list(
                new Flagged.Search(
                    kind == null ? TO_SETTLE : kind,
                    "open",
                    null,
                    QUEUE,
                    Form.parameter(ctx, "cursor")));
    String wanted = Form.parameter(ctx, "flag");
    FoundFlag flag = wanted == null ? first(queue.page()) : services.flagged().flag(wanted);
    Map<Flag.Kind, Long> counts = new EnumMap<>(Flag.Kind.class);
    counts.putAll(services.flagged().counts(null));
    html.show(
        ctx,
        "review",
        new View(
            html.frame(ctx, "Review", "/review"),
            kind,
            counts,
            queue.page(),
            flag,
            flag == null ? List.of() : sides(flag),
            flag != null && flag.id() instanceof FlagId.Stored stored
                ? services.notes().at(stored.position())
                : null,
            queue.next() == null
                ? null
                : "/review?cursor="
                    + Form.encoded(queue.next())
                    + (kind == null ? "" : "&kind=" + Form.encoded(kind)),
            fault));
  }

  private static @Nullable FoundFlag first(List<FoundFlag> queue) {
    return queue.isEmpty() ? null : queue.getFirst();
  }

  private List<Side> sides(FoundFlag flag) {
    List<UUID> ids = new ArrayList<>();
    for (FlaggedUser each : flag.users()) {
      UUID live = each.mergedInto() == null ? each.id() : each.mergedInto();
      if (!ids.contains(live) && ids.size() < ASIDE) {
        ids.add(live);
      }
    }
    List<Side> sides = new ArrayList<>();
    for (UUID id : ids) {
      FoundUser user = services.lookup().user(id);
      if (user != null) {
        List<Membership> accounts = services.accounts().of(id);
        sides.add(
            Side.of(
                user,
                services.lookup().identifiers(id),
                accounts.isEmpty() ? null : accounts.getFirst().account()));
      }
    }
    return sides;
  }

  private void settle(Context ctx) {
    Flagged.Action action = Flagged.Action.of(Form.entry(ctx, "action"));
    if (action == null) {
      throw new Failure(
          Problem.INVALID_PARAMETER,
          "The action is one of "
              + Arrays.stream(Flagged.Action.values()).map(Flagged.Action::code).toList());
    }
    String kind = Form.entry(ctx, "kind");
    String back = kind.isBlank() ? "/review?" : "/review?kind=" + Form.encoded(kind) + "&";
    String reason = Form.entry(ctx, "reason").strip();
    try {
      Flagged.Resolved resolved =
          services
              .flagged()
              .resolve(
                  new Flagged.Resolve(
                      ctx.pathParam("id"),
                      action,
                      action == Flagged.Action.MERGE ? Form.id(ctx.formParam("survivor")) : null,
                      Map.of(),
                      Caller.actor(ctx),
                      reason.isEmpty() ? null : reason));
      Html.go(
          ctx,
          back
              + switch (action) {
                case MERGE ->
                    "done=merged"
                        + (resolved.merged() == null || resolved.merged().mergeIds().size() != 1
                            ? ""
                            : "&merge=" + resolved.merged().mergeIds().getFirst());
                case KEEP_APART -> "done=apart";
                case DISMISS -> "done=dismissed";
              });
    } catch (Failure refused) {
      if (refused.problem().kind() != Problem.Kind.CONFLICT) {
        throw refused;
      }
      // Somebody was faster, or it may not be: the queue as it is now says what is left.
      ctx.status(409);
      show(ctx, refused.getMessage());
    }
  }
}
