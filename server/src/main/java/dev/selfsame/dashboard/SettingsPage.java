package dev.selfsame.dashboard;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.http.Caller;
import dev.selfsame.http.Role;
import dev.selfsame.member.BadEntry;
import dev.selfsame.member.Member;
import dev.selfsame.member.MemberRole;
import dev.selfsame.member.Members;
import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Members, and what they may do. */
final class SettingsPage implements Page {

  private final Html html;
  private final Members members;

  SettingsPage(Html html, Members members) {
    this.html = html;
    this.members = members;
  }

  /**
   * What the page shows.
   *
   * @param link to hand to a member, shown this once; null: none was made
   * @param email what was typed, as is the name
   * @param field which entry is wrong; null: none
   * @param fault what is wrong; null: nothing
   */
  record View(
      Frame frame,
      List<Member> members,
      @Nullable String link,
      String email,
      String name,
      @Nullable String field,
      @Nullable String fault) {

    @Nullable String fault(String entry) {
      return entry.equals(field) ? fault : null;
    }
  }

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.get("/settings", ctx -> show(ctx, null, "", "", null, null), Role.ADMIN);
    routes.post("/settings/members", this::invite, Role.ADMIN);
    routes.post("/settings/members/{id}", this::change, Role.ADMIN);
  }

  private void show(
      Context ctx,
      @Nullable String link,
      String email,
      String name,
      @Nullable String field,
      @Nullable String fault) {
    html.show(
        ctx,
        "settings",
        new View(
            html.frame(ctx, "Settings", "/settings"),
            members.list(),
            link,
            email,
            name,
            field,
            fault));
  }

  private void invite(Context ctx) {
    String email = Form.entry(ctx, "email");
    String name = Form.entry(ctx, "name");
    try {
      MemberRole role = role(ctx);
      show(
          ctx, link(ctx, members.invite(email, name, role, Caller.actor(ctx))), "", "", null, null);
    } catch (BadEntry bad) {
      ctx.status(400);
      show(ctx, null, email, name, bad.field(), bad.getMessage());
    } catch (Failure refused) {
      if (refused.problem() != Problem.MEMBER_EXISTS) {
        throw refused;
      }
      ctx.status(409);
      show(ctx, null, email, name, "email", refused.getMessage());
    }
  }

  private static MemberRole role(Context ctx) {
    MemberRole role = MemberRole.of(Form.entry(ctx, "role"));
    if (role == null) {
      throw new BadEntry("role", "The role is viewer, operator or admin");
    }
    return role;
  }

  private String link(Context ctx, String secret) {
    return html.url(ctx) + "/sign-in?link=" + secret;
  }

  private void change(Context ctx) {
    UUID id = Form.id(ctx.pathParam("id"));
    if (id == null) {
      throw new Failure(Problem.UNKNOWN_MEMBER, "There is no member of that id");
    }
    switch (Form.entry(ctx, "action")) {
      case "link" -> show(ctx, link(ctx, members.anew(id, Caller.actor(ctx))), "", "", null, null);
      case "remove" -> {
        members.remove(id, Caller.actor(ctx));
        Html.go(ctx, "/settings?done=saved");
      }
      case "role" -> {
        members.setRole(id, role(ctx), Caller.actor(ctx));
        Html.go(ctx, "/settings?done=saved");
      }
      default -> throw new Failure(Problem.INVALID_PARAMETER, "The action is link, remove or role");
    }
  }
}
