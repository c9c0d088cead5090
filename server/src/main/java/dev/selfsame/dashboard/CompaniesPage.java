package dev.selfsame.dashboard;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.http.Caller;
import dev.selfsame.http.Role;
import dev.selfsame.intake.Receipt;
import dev.selfsame.lookup.BadSearch;
import dev.selfsame.resolution.Reason;
import dev.selfsame.source.api.AccountWrite;
import dev.selfsame.store.AccountQueries;
import dev.selfsame.store.AccountQueries.FoundAccount;
import dev.selfsame.store.AccountQueries.Member;
import dev.selfsame.store.FoundNote;
import dev.selfsame.store.NoteQueries;
import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The companies that users belong to: a list, and each with its users and notes. */
final class CompaniesPage implements Page {

  private static final String PATH = "/companies";
  private static final int LISTED = 50;
  private static final int USERS = 50;
  private static final int NOTES = 5;
  private static final int MOST = 256;

  private final Html html;
  private final DashboardServices services;

  CompaniesPage(Html html, DashboardServices services) {
    this.html = html;
    this.services = services;
  }

  /**
   * The list.
   *
   * @param next the address of the companies after these; null: there are none
   */
  record View(Frame frame, String q, List<FoundAccount> companies, @Nullable String next) {}

  /**
   * A company.
   *
   * @param typed what was typed into the form, or stands there
   * @param next the address of the users after these; null: there are none
   * @param fault why nothing was done; null: nothing was asked
   */
  record One(
      Frame frame,
      FoundAccount company,
      AccountQueries.Size size,
      List<Member> users,
      @Nullable String next,
      List<FoundNote> notes,
      Map<String, String> typed,
      @Nullable String fault) {

    /** Its traits as they are read. */
    Map<String, String> traits() {
      Map<String, String> traits = new TreeMap<>();
      company
          .traits()
          .forEachEntry((name, value) ->
              traits.put(name, value.isString() ? value.asString() : value.toString()));
      return traits;
    }
  }

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.get(PATH, Html.checked(this::list), Role.READ);
    routes.get(PATH + "/{id}", Html.checked(ctx -> show(ctx, null)), Role.READ);
    routes.post(PATH + "/{id}", this::change, Role.WRITE);
    routes.post(PATH + "/{id}/merge", this::merge, Role.WRITE);
    routes.post(PATH + "/{id}/delete", this::delete, Role.WRITE);
  }

  private void list(Context ctx) {
    String q = Form.parameter(ctx, "q");
    String cursor = Form.parameter(ctx, "cursor");
    List<FoundAccount> found =
        services
            .accounts()
            .list(
                new AccountQueries.Wanted(null, null, null, q == null ? null : storable(q)),
                cursor == null ? null : place(cursor),
                LISTED + 1);
    List<FoundAccount> page = found.stream().limit(LISTED).toList();
    html.show(
        ctx,
        "companies",
        new View(
            html.frame(ctx, "Companies", PATH),
            q == null ? "" : q,
            page,
            found.size() > LISTED
                ? "%s?cursor=%s%s"
                    .formatted(
                        PATH,
                        Form.encoded(page.getLast().id() + page.getLast().shown()),
                        q == null ? "" : "&q=" + Form.encoded(q))
                : null));
  }

  private static String storable(String text) {
    return text.replace("\0", "");
  }

  private static AccountQueries.Place place(String cursor) {
    UUID id = cursor.length() < 36 ? null : Form.id(cursor.substring(0, 36));
    if (id == null) {
      throw new BadSearch("cursor", "The cursor is not one that a page of this list ended with");
    }
    return new AccountQueries.Place(storable(cursor.substring(36)), id);
  }

  private void show(Context ctx, @Nullable String fault) {
    FoundAccount company = company(ctx);
    if (!company.id().toString().equals(ctx.pathParam("id"))) {
      Html.go(ctx, PATH + "/" + company.id());
      return;
    }
    UUID after = Form.id(Form.parameter(ctx, "after"));
    List<Member> found = services.accounts().users(company.id(), after, USERS + 1);
    List<Member> users = found.stream().limit(USERS).toList();
    Map<String, String> typed = new TreeMap<>();
    for (String field : List.of("name", "domain")) {
      String stands = field.equals("name") ? company.name() : company.domain();
      String entered = fault == null ? null : ctx.formParam(field);
      typed.put(field, entered == null ? stands == null ? "" : stands : entered);
    }
    html.show(
        ctx,
        "company",
        new One(
            html.frame(ctx, company.shown(), PATH),
            company,
            services.accounts().size(company.id()),
            users,
            found.size() > USERS
                ? "%s/%s?after=%s".formatted(PATH, company.id(), users.getLast().id())
                : null,
            services.notes().list(NoteQueries.Wanted.ofAccount(company.id()), null, NOTES),
            typed,
            fault));
  }

  private FoundAccount company(Context ctx) {
    UUID id = Form.id(ctx.pathParam("id"));
    FoundAccount company = id == null ? null : services.accounts().find(id);
    if (company == null) {
      throw new Failure(
          Problem.UNKNOWN_ACCOUNT, "There is no company of that id. It may have been deleted");
    }
    return company;
  }

  private void change(Context ctx) {
    FoundAccount company = company(ctx);
    Set<String> cleared = new HashSet<>();
    String name = entered(ctx, "name", cleared);
    String domain = entered(ctx, "domain", cleared);
    if (name != null && name.codePointCount(0, name.length()) > MOST) {
      refuse(ctx, "The name has at most %d characters.".formatted(MOST));
      return;
    }
    Receipt receipt =
        services
            .accountWrites()
            .write(
                new AccountWrite(company.externalId(), false, name, domain, cleared, Map.of()),
                Caller.actor(ctx),
                null);
    done(ctx, receipt, PATH + "/" + company.id() + "?done=saved");
  }

  private static @Nullable String entered(Context ctx, String name, Set<String> cleared) {
    String text = storable(Form.entry(ctx, name)).strip();
    if (text.isEmpty()) {
      cleared.add(name);
      return null;
    }
    return text;
  }

  private void merge(Context ctx) {
    FoundAccount company = company(ctx);
    String named = storable(Form.entry(ctx, "into")).strip();
    FoundAccount into = named.isEmpty() ? null : services.accounts().find(named);
    if (into == null) {
      refuse(ctx, "No company has that external ID. It stands on the company's page.");
      return;
    }
    Receipt receipt =
        services.accountWrites().merge(company.externalId(), into.externalId(), Caller.actor(ctx));
    done(ctx, receipt, PATH + "/" + into.id() + "?done=saved");
  }

  private void delete(Context ctx) {
    Receipt receipt = services.accountWrites().delete(company(ctx).externalId(), Caller.actor(ctx));
    done(ctx, receipt, PATH + "?done=deleted");
  }

  private void done(Context ctx, Receipt receipt, String to) {
    Reason reason = receipt.reason();
    if (reason == null) {
      Html.go(ctx, to);
    } else {
      refuse(ctx, words(reason));
    }
  }

  private void refuse(Context ctx, String fault) {
    ctx.status(409);
    show(ctx, fault);
  }

  private static String words(Reason reason) {
    return switch (reason) {
      case DOMAIN_CONFLICT -> "Another company has this domain. Merge the two, or clear it there.";
      case VALUE_BLOCKED -> "Anybody can have a mailbox of this domain: it is no company's.";
      case VALUE_MALFORMED -> "This is no domain, such as acme.com.";
      case SAME_ACCOUNT -> "This is the same company.";
      case UNKNOWN_ACCOUNT -> "Somebody just deleted or merged this company.";
      default -> "It was refused: " + Shown.words(reason.code()) + ".";
    };
  }
}
