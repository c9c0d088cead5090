package dev.selfsame.dashboard;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.http.Caller;
import dev.selfsame.http.Role;
import dev.selfsame.lookup.BadSearch;
import dev.selfsame.store.AccountQueries.FoundAccount;
import dev.selfsame.store.FoundNote;
import dev.selfsame.store.FoundUser;
import dev.selfsame.store.NoteQueries;
import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What customers say: a list that is filtered, and each note. */
final class NotesPage implements Page {

  private static final String PATH = "/notes";
  private static final int LISTED = 50;

  private final Html html;
  private final DashboardServices services;

  NotesPage(Html html, DashboardServices services) {
    this.html = html;
    this.services = services;
  }

  /** A filter that stands, in words, and the address without it. */
  record Chip(String words, String without) {}

  /**
   * The list.
   *
   * @param asked what is asked for, by its name in the address
   * @param sources out of which notes came
   * @param next the address of the notes after these; null: there are none
   */
  record View(
      Frame frame,
      Map<String, String> asked,
      List<Chip> chips,
      List<String> sources,
      List<FoundNote> notes,
      @Nullable String next) {

    String asked(String name) {
      return asked.getOrDefault(name, "");
    }
  }

  record One(Frame frame, FoundNote note) {

    /** Where it can be read, if that is an address of the web. */
    @Nullable String link() {
      String url = note.displayUrl();
      return url != null && (url.startsWith("https://") || url.startsWith("http://")) ? url : null;
    }
  }

  /** What people know the note's user by. */
  static String called(FoundNote.About user) {
    return Shown.firstOf(user.name(), user.email(), user.externalId());
  }

  static String called(FoundNote.Company company) {
    return Shown.firstOf(company.name(), company.domain(), company.externalId());
  }

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.get(PATH, Html.checked(this::list), Role.READ);
    routes.get(PATH + "/{id}", this::show, Role.READ);
    routes.post(PATH + "/{id}/delete", this::delete, Role.WRITE);
  }

  private void list(Context ctx) {
    Map<String, String> asked = new LinkedHashMap<>();
    for (String name : List.of("q", "source", "tag", "user", "company")) {
      String value = Form.parameter(ctx, name);
      if (value != null) {
        asked.put(name, value.replace("\0", ""));
      }
    }
    UUID user = id(asked, "user");
    UUID live = user == null ? null : services.lookup().live(user);
    UUID company = id(asked, "company");
    String tag = asked.get("tag");
    List<FoundNote> found =
        user != null && live == null
            ? List.of()
            : services
                .notes()
                .list(
                    new NoteQueries.Wanted(
                        live,
                        company,
                        null,
                        null,
                        tag == null ? List.of() : List.of(tag),
                        List.of(),
                        null,
                        null,
                        null,
                        null,
                        asked.get("q"),
                        asked.get("source")),
                    place(Form.parameter(ctx, "cursor")),
                    LISTED + 1);
    List<FoundNote> page = found.stream().limit(LISTED).toList();
    html.show(
        ctx,
        "notes",
        new View(
            html.frame(ctx, "Notes", PATH),
            asked,
            chips(asked, live, company),
            services.notes().sources(),
            page,
            found.size() > LISTED ? address(asked, null, cursor(page.getLast())) : null));
  }

  private static @Nullable UUID id(Map<String, String> asked, String name) {
    String text = asked.get(name);
    UUID id = Form.id(text);
    if (text != null && id == null) {
      throw new BadSearch(name, "The parameter %s must be an id, a UUID".formatted(name));
    }
    return id;
  }

  private List<Chip> chips(Map<String, String> asked, @Nullable UUID live, @Nullable UUID company) {
    List<Chip> chips = new ArrayList<>();
    asked.forEach((name, value) -> {
      String words =
          switch (name) {
            case "source" -> "From " + value;
            case "tag" -> "Tag " + value;
            case "user" -> "About " + user(live, value);
            case "company" -> "Of " + company(company, value);
            default -> null;
          };
      if (words != null) {
        chips.add(new Chip(words, address(asked, name, null)));
      }
    });
    return chips;
  }

  private String user(@Nullable UUID id, String otherwise) {
    FoundUser user = id == null ? null : services.lookup().user(id);
    return user == null ? otherwise : Shown.called(user);
  }

  private String company(@Nullable UUID id, String otherwise) {
    FoundAccount company = id == null ? null : services.accounts().find(id);
    return company == null ? otherwise : company.shown();
  }

  private static String address(
      Map<String, String> asked, @Nullable String without, @Nullable String cursor) {
    StringBuilder address = new StringBuilder(PATH);
    Map<String, String> all = new LinkedHashMap<>(asked);
    if (cursor != null) {
      all.put("cursor", cursor);
    }
    all.forEach((name, value) -> {
      if (!name.equals(without)) {
        address
            .append(address.indexOf("?") < 0 ? '?' : '&')
            .append(name)
            .append('=')
            .append(Form.encoded(value));
      }
    });
    return address.toString();
  }

  private static String cursor(FoundNote last) {
    return last.createdAt() + "/" + last.id();
  }

  private static NoteQueries.@Nullable Place place(@Nullable String cursor) {
    if (cursor == null) {
      return null;
    }
    int slash = cursor.indexOf('/');
    UUID id = slash < 0 ? null : Form.id(cursor.substring(slash + 1));
    try {
      if (id != null) {
        return new NoteQueries.Place(Instant.parse(cursor.substring(0, slash)), id);
      }
    } catch (DateTimeParseException e) {
      // Said below.
    }
    throw new BadSearch("cursor", "The cursor is not one that a page of this list ended with");
  }

  private void show(Context ctx) {
    FoundNote note = note(ctx);
    html.show(ctx, "note", new One(html.frame(ctx, note.title(), PATH), note));
  }

  private void delete(Context ctx) {
    if (!services.notes().delete(note(ctx).id(), Caller.actor(ctx))) {
      throw unknown();
    }
    Html.go(ctx, PATH + "?done=deleted");
  }

  private FoundNote note(Context ctx) {
    UUID id = Form.id(ctx.pathParam("id"));
    FoundNote note = id == null ? null : services.notes().find(id);
    if (note == null) {
      throw unknown();
    }
    return note;
  }

  private static Failure unknown() {
    return new Failure(Problem.NOT_FOUND, "There is no note of that id. It may have been deleted");
  }
}
