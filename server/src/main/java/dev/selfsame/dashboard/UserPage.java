package dev.selfsame.dashboard;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.http.Caller;
import dev.selfsame.http.Role;
import dev.selfsame.lookup.ExplainedDecision;
import dev.selfsame.lookup.FieldStory;
import dev.selfsame.lookup.Found;
import dev.selfsame.review.Flagged;
import dev.selfsame.review.KeepApartRequest;
import dev.selfsame.store.AccountQueries.Membership;
import dev.selfsame.store.FoundBar;
import dev.selfsame.store.FoundFlag;
import dev.selfsame.store.FoundIdentifier;
import dev.selfsame.store.FoundNote;
import dev.selfsame.store.FoundUser;
import dev.selfsame.store.MergeQueries.StoredMerge;
import dev.selfsame.store.NoteQueries;
import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** One user: who it is, why, and what happened to it. */
final class UserPage implements Page {

  private static final int EVENTS = 25;
  private static final int IDENTIFIERS = 100;
  private static final int FLAGS = 20;
  private static final int MERGES = 20;
  private static final int BARS = 20;
  private static final int NOTES = 3;

  private final Html html;
  private final DashboardServices services;

  UserPage(Html html, DashboardServices services) {
    this.html = html;
    this.services = services;
  }

  /**
   * What the page shows.
   *
   * @param companies its accounts, its company first
   * @param notes the newest about it
   * @param merges those that made it, newest first
   * @param bars whom no rule may join with it
   * @param apart what those are known by
   * @param older the address of the events before these; null: there are none
   */
  record View(
      Frame frame,
      FoundUser user,
      List<FieldStory> fields,
      List<FoundIdentifier> identifiers,
      List<FoundFlag> flags,
      List<Membership> companies,
      List<FoundNote> notes,
      List<StoredMerge> merges,
      List<FoundBar> bars,
      Map<UUID, String> apart,
      List<ExplainedDecision> events,
      @Nullable String older) {

    /** The first of its identifiers. */
    List<FoundIdentifier> some() {
      return identifiers.subList(0, Math.min(identifiers.size(), IDENTIFIERS));
    }

    /** The newest of its notes. */
    List<FoundNote> newest() {
      return notes.subList(0, Math.min(notes.size(), NOTES));
    }

    /** The other of the two that are kept apart. */
    UUID other(FoundBar bar) {
      return bar.one().equals(user.id()) ? bar.other() : bar.one();
    }

    /** What people know it by. */
    String called() {
      return Shown.called(user);
    }
  }

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.get("/users/{id}", Html.checked(this::show), Role.READ);
    routes.get("/users/{id}/graph.svg", this::graph, Role.READ);
    routes.post("/users/{id}/apart", this::apart, Role.WRITE);
  }

  private void show(Context ctx) {
    UUID id = live(ctx, "");
    if (id == null) {
      return;
    }
    FoundUser user = services.lookup().user(id);
    List<FieldStory> fields = services.lookup().fields(id);
    if (user == null || fields == null) {
      throw unknown();
    }
    List<FoundBar> bars = services.bars().list(id, BARS, null).page();
    Map<UUID, String> apart = new HashMap<>();
    for (FoundBar bar : bars) {
      UUID other = bar.one().equals(id) ? bar.other() : bar.one();
      FoundUser known = services.lookup().user(other);
      apart.put(other, known == null ? other.toString() : Shown.called(known));
    }
    Found<ExplainedDecision> events =
        services.lookup().timeline(id, EVENTS, Form.parameter(ctx, "before"));
    html.show(
        ctx,
        "user",
        new View(
            html.frame(ctx, Shown.called(user), "/users"),
            user,
            fields,
            services.lookup().identifiers(id),
            services.flagged().list(new Flagged.Search(null, "open", id, FLAGS, null)).page(),
            services.accounts().of(id),
            services.notes().list(NoteQueries.Wanted.ofUser(id), null, NOTES + 1),
            services.undos().list(id, null, null, null, MERGES).merges(),
            bars,
            apart,
            events.page(),
            events.next() == null
                ? null
                : "/users/" + id + "?before=" + Form.encoded(events.next())));
  }

  /** Lets rules join the user with another again, or keeps the two apart. */
  private void apart(Context ctx) {
    List<UUID> users = Form.ids(List.of(ctx.pathParam("id"), Form.entry(ctx, "other")));
    boolean lift = Form.entry(ctx, "action").equals("lift");
    services.bars().keepApart(new KeepApartRequest(users, lift, Caller.actor(ctx), null));
    Html.go(ctx, "/users/" + users.getFirst() + "?done=" + (lift ? "saved" : "apart"));
  }

  private void graph(Context ctx) {
    UUID id = live(ctx, "/graph.svg");
    if (id == null) {
      return;
    }
    String svg = services.lookup().graph(id);
    if (svg == null) {
      throw unknown();
    }
    ctx.contentType("image/svg+xml; charset=utf-8")
        .header("Cache-Control", "no-store")
        .header("X-Content-Type-Options", "nosniff")
        .header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
        .result(svg);
  }

  /**
   * The live user that the path names; null: it is part of another, and the browser is sent there.
   */
  private @Nullable UUID live(Context ctx, String below) {
    UUID id = Form.id(ctx.pathParam("id"));
    UUID live = id == null ? null : services.lookup().live(id);
    if (live == null) {
      throw unknown();
    }
    if (!live.equals(id)) {
      Html.go(ctx, "/users/" + live + below);
      return null;
    }
    return live;
  }

  private static Failure unknown() {
    return new Failure(
        Problem.UNKNOWN_USER, "There is no user of that id. It may have been erased");
  }
}
