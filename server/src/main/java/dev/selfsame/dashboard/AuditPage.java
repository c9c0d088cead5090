package dev.selfsame.dashboard;

import dev.selfsame.http.Role;
import dev.selfsame.lookup.BadSearch;
import dev.selfsame.store.ActLog;
import dev.selfsame.store.ActLog.Act;
import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Who did what, when, and from where. */
final class AuditPage implements Page {

  private static final int LIMIT = 50;

  private final Html html;
  private final ActLog acts;

  AuditPage(Html html, ActLog acts) {
    this.html = html;
    this.acts = acts;
  }

  /**
   * What the page shows.
   *
   * @param act the kind that is looked for; empty: all
   * @param actor whose are looked for; empty: everybody's
   * @param next the address of the older ones; null: there are none
   */
  record View(Frame frame, String act, String actor, List<Act> acts, @Nullable String next) {

    static List<String> kinds() {
      return ActLog.NAMES;
    }
  }

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.get("/settings/audit", Html.checked(this::show), Role.ADMIN);
  }

  private void show(Context ctx) {
    String act = Form.parameter(ctx, "act");
    String actor = Form.parameter(ctx, "actor");
    if (act != null && !ActLog.NAMES.contains(act)) {
      throw new BadSearch("act", "There is no act " + act);
    }
    List<Act> found =
        acts.list(
            new ActLog.Wanted(actor, act, null, null),
            after(Form.parameter(ctx, "cursor")),
            LIMIT + 1);
    List<Act> page = found.stream().limit(LIMIT).toList();
    String next =
        found.size() <= LIMIT
            ? null
            : "/settings/audit?cursor="
                + Form.encoded(page.getLast().cursor())
                + (act == null ? "" : "&act=" + Form.encoded(act))
                + (actor == null ? "" : "&actor=" + Form.encoded(actor));
    html.show(
        ctx,
        "audit",
        new View(
            html.frame(ctx, "Audit", "/settings"),
            act == null ? "" : act,
            actor == null ? "" : actor,
            page,
            next));
  }

  private static @Nullable Act after(@Nullable String cursor) {
    Act last = cursor == null ? null : Act.ending(cursor);
    if (cursor != null && last == null) {
      throw new BadSearch("cursor", "The cursor is not one that a page of this list ended with");
    }
    return last;
  }
}
