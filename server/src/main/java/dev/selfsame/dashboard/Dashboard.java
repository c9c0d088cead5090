package dev.selfsame.dashboard;

import dev.selfsame.error.Problem;
import dev.selfsame.http.Area;
import dev.selfsame.http.Guard;
import dev.selfsame.member.Members;
import dev.selfsame.member.OpenId;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The pages that people read: everything that is no other part of the address space. */
public final class Dashboard implements Area {

  private final SessionGuard guard;
  private final Html html;
  private final List<Page> pages;

  /**
   * @param openId the company's own way to sign in; null: there is none
   * @param services what the pages show and do
   * @param publicUrl where browsers reach the server, when a proxy stands before it; null: as each
   *     request says
   */
  public Dashboard(
      Members members,
      @Nullable OpenId openId,
      DashboardServices services,
      @Nullable URI publicUrl) {
    Assets assets = Assets.load();
    this.guard = new SessionGuard(members);
    this.html = new Html(assets, publicUrl);
    this.pages =
        List.of(
            assets,
            new SignInPage(html, members, openId),
            new HomePage(html, services),
            new StartPage(html, services),
            new SourcesPage(html, services),
            new WarehousePage(html, services),
            new LandingsPage(html, services),
            new RulesPage(html),
            new UsersPage(html, services),
            new ImportPage(html, services),
            new IdentitiesPage(html, services.identities()),
            new ErasePage(html, services),
            new UserPage(html, services),
            new CompaniesPage(html, services),
            new NotesPage(html, services),
            new MergePage(html, services),
            new ReviewPage(html, services),
            new MergesPage(html, services),
            new AskPage(html, services),
            new SegmentPage(html, services),
            new MovePage(html, services),
            new SettingsPage(html, members),
            new PolicyPage(html, services.policies()),
            new KeysPage(html, services),
            new AuditPage(html, services.acts()),
            new ReferencePage(html));
  }

  @Override
  public String prefix() {
    return "";
  }

  @Override
  public @Nullable Guard guard() {
    return guard;
  }

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    pages.forEach(page -> page.addTo(routes));
  }

  /** What is wrong, as far as a page says it. */
  record ErrorPage(Frame frame, int status, String code, String message) {}

  /** Browsers get a page, and strangers the way in; what asks for no page gets JSON. */
  @Override
  public void refuse(Context ctx, String code, String message) {
    String accept = ctx.header("Accept");
    if (accept == null || !accept.contains("text/html")) {
      Area.super.refuse(ctx, code, message);
      return;
    }
    if (code.equals(Problem.SIGNED_OUT.code())) {
      boolean look = ctx.method().equals(HandlerType.GET) && !ctx.path().equals("/");
      String query = ctx.queryString();
      String next = ctx.path() + (query == null ? "" : "?" + query);
      Html.go(ctx, "/sign-in" + (look ? "?next=" + Form.encoded(next) : ""));
      return;
    }
    html.show(
        ctx,
        "error",
        new ErrorPage(html.frame(ctx, "Not done", ""), ctx.statusCode(), code, message));
  }
}
