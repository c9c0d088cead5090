package dev.selfsame.dashboard;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.http.Role;
import dev.selfsame.lookup.BadSearch;
import dev.selfsame.lookup.Found;
import dev.selfsame.lookup.Lookup;
import dev.selfsame.lookup.Search;
import dev.selfsame.source.csv.Exports;
import dev.selfsame.store.FoundUser;
import dev.selfsame.store.UserFilter;
import dev.selfsame.store.UserQueries;
import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Everybody, found as one types, filtered, and as a file. */
final class UsersPage implements Page {

  private static final String PATH = "/users";
  private static final int LIMIT = 50;
  private static final int LONGEST_SEARCH = 300;

  private final Html html;
  private final DashboardServices services;

  UsersPage(Html html, DashboardServices services) {
    this.html = html;
    this.services = services;
  }

  /** What the list may show of each user, beside its name. */
  enum Column {
    EMAIL("Email"),
    EXTERNAL_ID("External ID"),
    BILLING_ID("Billing ID"),
    SOURCES("Sources"),
    TRAITS("Traits"),
    CREATED("Created"),
    CHANGED("Changed");

    private static final Set<Column> USUAL = EnumSet.of(EMAIL, EXTERNAL_ID, BILLING_ID, CREATED);

    private final String words;

    Column(String words) {
      this.words = words;
    }

    String words() {
      return words;
    }

    String code() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** Those that an address names; the usual ones where it names none. */
    static Set<Column> of(List<String> codes) {
      Set<Column> columns = EnumSet.noneOf(Column.class);
      for (Column column : values()) {
        if (codes.contains(column.code())) {
          columns.add(column);
        }
      }
      return columns.isEmpty() ? USUAL : columns;
    }
  }

  /**
   * What the address asks for, as it was typed; empty text: nothing.
   *
   * @param source the name of one
   */
  record Asked(
      String q,
      String source,
      boolean withoutBillingId,
      boolean flagged,
      String createdFrom,
      String createdTo,
      Set<Column> columns) {

    static Asked of(Context ctx) {
      return new Asked(
          text(ctx, "q"),
          text(ctx, "source"),
          "true".equals(ctx.queryParam("withoutBillingId")),
          "true".equals(ctx.queryParam("flagged")),
          text(ctx, "createdFrom"),
          text(ctx, "createdTo"),
          Column.of(ctx.queryParams("columns")));
    }

    private static String text(Context ctx, String name) {
      String text = Form.parameter(ctx, name);
      return text == null ? "" : text;
    }

    boolean filtered() {
      return !source.isEmpty()
          || withoutBillingId
          || flagged
          || !createdFrom.isEmpty()
          || !createdTo.isEmpty();
    }

    private String address(String path, String without) {
      StringBuilder address = new StringBuilder(path);
      add(address, "q", q, without);
      add(address, "source", source, without);
      add(address, "withoutBillingId", withoutBillingId ? "true" : "", without);
      add(address, "flagged", flagged ? "true" : "", without);
      add(address, "createdFrom", createdFrom, without);
      add(address, "createdTo", createdTo, without);
      if (!columns.equals(Column.USUAL)) {
        columns.forEach(column -> add(address, "columns", column.code(), without));
      }
      return address.toString();
    }

    private static void add(StringBuilder address, String name, String value, String without) {
      if (!value.isEmpty() && !name.equals(without)) {
        address
            .append(address.indexOf("?") < 0 ? '?' : '&')
            .append(name)
            .append('=')
            .append(Form.encoded(value));
      }
    }

    /** Where the list goes on. */
    private String next(String cursor) {
      String address = address(PATH, "");
      return address + (address.contains("?") ? "&" : "?") + "cursor=" + Form.encoded(cursor);
    }

    /** Where this list is as a file. */
    String export() {
      return address(PATH + "/export.csv", "columns");
    }

    /** The address without any filter. */
    String cleared() {
      return new Asked(q, "", false, false, "", "", columns).address(PATH, "");
    }

    /** Each filter, and the address without it. */
    List<Chip> chips() {
      List<Chip> chips = new ArrayList<>();
      if (!source.isEmpty()) {
        chips.add(new Chip("Known to " + source, address(PATH, "source")));
      }
      if (withoutBillingId) {
        chips.add(new Chip("No billing ID", address(PATH, "withoutBillingId")));
      }
      if (flagged) {
        chips.add(new Chip("Flagged", address(PATH, "flagged")));
      }
      if (!createdFrom.isEmpty()) {
        chips.add(new Chip("Created from " + createdFrom, address(PATH, "createdFrom")));
      }
      if (!createdTo.isEmpty()) {
        chips.add(new Chip("Created up to " + createdTo, address(PATH, "createdTo")));
      }
      return chips;
    }
  }

  /** A filter that can be taken away. */
  record Chip(String words, String without) {}

  /** What is wrong with an entry. */
  record Fault(String parameter, String message) {}

  /**
   * What the page shows.
   *
   * @param sources the names of those that there are
   * @param knownBy the sources of each user, where they are shown
   * @param next the address of the page after this one; null: there is none
   * @param cut nobody looked further yet, since few pass the filter
   * @param fault what is wrong with the search; null: nothing
   */
  record View(
      Frame frame,
      Asked asked,
      List<String> sources,
      List<FoundUser> users,
      Map<UUID, List<String>> knownBy,
      @Nullable String next,
      boolean cut,
      @Nullable Fault fault) {

    /** What is wrong with that entry; null: nothing. */
    @Nullable String fault(String parameter) {
      Fault wrong = fault;
      return wrong != null && wrong.parameter().equals(parameter) ? wrong.message() : null;
    }

    /** What is wrong with none of the filters. */
    @Nullable String otherFault() {
      Fault wrong = fault;
      return wrong == null
              || List.of("source", "createdFrom", "createdTo").contains(wrong.parameter())
          ? null
          : wrong.message();
    }

    boolean shows(Column column) {
      return asked.columns().contains(column);
    }

    static String lookedAt() {
      return Shown.count(UserQueries.MOST_LOOKED_AT);
    }
  }

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.get(PATH, this::show, Role.READ);
    routes.get(PATH + "/export.csv", Html.checked(this::export), Role.READ);
  }

  private void show(Context ctx) {
    Asked asked = Asked.of(ctx);
    Found<FoundUser> found = new Found<>(List.of(), null);
    Fault fault = null;
    try {
      found = find(asked, LIMIT, Form.parameter(ctx, "cursor"));
    } catch (BadSearch bad) {
      ctx.status(400);
      fault = new Fault(bad.parameter(), String.valueOf(bad.getMessage()));
    }
    List<FoundUser> users = found.page();
    Map<UUID, List<String>> knownBy =
        asked.columns().contains(Column.SOURCES) && !users.isEmpty()
            ? services.lookup().sources(users.stream().map(FoundUser::id).toList())
            : Map.of();
    html.show(
        ctx,
        "users",
        new View(
            html.frame(ctx, "Users", PATH),
            asked,
            services.lookup().sources(),
            users,
            knownBy,
            found.next() == null ? null : asked.next(found.next()),
            found.next() != null && users.size() < LIMIT,
            fault));
  }

  private Found<FoundUser> find(Asked asked, int limit, @Nullable String cursor) {
    UserFilter filter = filter(asked);
    if (asked.q().isEmpty()) {
      return services.lookup().newest(filter, limit, cursor);
    }
    if (asked.q().length() > LONGEST_SEARCH) {
      throw new BadSearch("q", "At most %d characters are looked for".formatted(LONGEST_SEARCH));
    }
    return services
        .lookup()
        .find(new Search(null, null, null, null, false, asked.q(), filter, limit, cursor));
  }

  private static UserFilter filter(Asked asked) {
    return Lookup.filter(
        asked.source().isEmpty() ? null : asked.source(),
        asked.withoutBillingId(),
        asked.flagged(),
        asked.createdFrom().isEmpty() ? null : asked.createdFrom(),
        asked.createdTo().isEmpty() ? null : asked.createdTo());
  }

  private void export(Context ctx) throws IOException {
    List<UUID> chosen = Form.ids(ctx.queryParams("user"));
    if (ctx.queryParam("chosen") != null && chosen.isEmpty()) {
      throw new Failure(Problem.INVALID_PARAMETER, "Choose at least one user to export");
    }
    Asked asked = Asked.of(ctx);
    Exports.Target file = CsvFile.users(ctx, "users.csv");
    if (!chosen.isEmpty()) {
      services.exports().send(List.of(chosen).iterator(), file);
    } else if (asked.q().isEmpty()) {
      // Asks for the first page too, which refuses what cannot be meant.
      find(asked, 1, null);
      services.exports().send(filter(asked), file);
    } else {
      services.exports().send(new Pages(asked), file);
    }
  }

  /** The ids of all that a search finds, page by page. */
  private final class Pages implements Iterator<List<UUID>> {
    private final Asked asked;
    private @Nullable Found<FoundUser> next;

    /**
     * Asks for the first page: a search that cannot be meant is refused before anything is sent.
     */
    Pages(Asked asked) {
      this.asked = asked;
      this.next = find(asked, Search.MOST, null);
    }

    @Override
    public boolean hasNext() {
      return next != null;
    }

    @Override
    public List<UUID> next() {
      Found<FoundUser> page = next;
      if (page == null) {
        throw new NoSuchElementException("There is no further page");
      }
      next = page.next() == null ? null : find(asked, Search.MOST, page.next());
      return page.page().stream().map(FoundUser::id).toList();
    }
  }
}
