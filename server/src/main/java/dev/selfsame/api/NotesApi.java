package dev.selfsame.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.http.Area;
import dev.selfsame.http.Bodies;
import dev.selfsame.http.Caller;
import dev.selfsame.http.Role;
import dev.selfsame.lookup.BadSearch;
import dev.selfsame.lookup.Lookup;
import dev.selfsame.resolution.Reason;
import dev.selfsame.source.api.NoteWrite;
import dev.selfsame.source.api.NoteWrites;
import dev.selfsame.source.api.NoteWritten;
import dev.selfsame.source.api.Once;
import dev.selfsame.store.FoundNote;
import dev.selfsame.store.NoteQueries;
import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * {@code /api/notes} and {@code /api/insights/{integration}/notes}: feedback about users, from
 * programs that are told what is wrong with it and from integrations that are not.
 */
public final class NotesApi implements Area {

  private static final String PATH = "/api/notes";
  private static final String INSIGHTS = "/api/insights";
  private static final int MOST_BYTES = 512 * 1024;
  private static final int MOST_LISTED = 100;
  private static final int LISTED = 50;
  private static final Pattern INTEGRATION = Pattern.compile("[a-z0-9][a-z0-9_-]{0,39}");
  private static final List<String> FILTERS =
      List.of(
          "user",
          "account",
          "origin",
          "recordId",
          "tag",
          "createdFrom",
          "createdTo",
          "term",
          "limit",
          "cursor");

  private final NoteWrites writes;
  private final NoteQueries notes;
  private final Lookup lookup;
  private final Bodies bodies;

  public NotesApi(NoteWrites writes, NoteQueries notes, Lookup lookup, Bodies bodies) {
    this.writes = writes;
    this.notes = notes;
    this.lookup = lookup;
    this.bodies = bodies;
  }

  @Override
  public String prefix() {
    return PATH;
  }

  /**
   * Where integrations post. Their routes are here; but who may call them is found by where they
   * are, and below no prefix of REST that would be whoever is signed in to the dashboard.
   */
  public static Area insights() {
    return new Area() {
      @Override
      public String prefix() {
        return INSIGHTS;
      }

      @Override
      public void addTo(JavalinDefaultRoutingApi routes) {}
    };
  }

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.post(
        PATH,
        Answer.withoutParameters(
            ctx -> bodies.use(ctx, MOST_BYTES, body -> write(ctx, null, body))),
        Role.WRITE);
    routes.post(
        INSIGHTS + "/{integration}/notes",
        Answer.withoutParameters(
            ctx -> bodies.use(ctx, MOST_BYTES, body -> write(ctx, integration(ctx), body))),
        Role.WRITE);
    routes.get(PATH, Answer.checked(this::list), Role.READ);
    routes.get(PATH + "/{id}", Answer.withoutParameters(ctx -> show(ctx, id(ctx))), Role.READ);
    routes.patch(
        PATH + "/{id}",
        Answer.withoutParameters(ctx -> bodies.use(ctx, MOST_BYTES, body -> change(ctx, body))),
        Role.WRITE);
    routes.delete(PATH + "/{id}", Answer.withoutParameters(this::delete), Role.WRITE);
    routes.post(
        PATH + "/{id}/tags",
        Answer.withoutParameters(ctx -> bodies.use(ctx, MOST_BYTES, body -> addTags(ctx, body))),
        Role.WRITE);
    routes.delete(
        PATH + "/{id}/tags/{tag}",
        Answer.withoutParameters(ctx -> {
          UUID id = id(ctx);
          if (!notes.removeTag(id, ctx.pathParam("tag"))) {
            throw unknown();
          }
          show(ctx, id);
        }),
        Role.WRITE);
  }

  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  private record NoteView(
      UUID id,
      String title,
      String content,
      @Nullable String displayUrl,
      List<String> tags,
      @Nullable SourceView source,
      @Nullable UserView user,
      @Nullable CompanyView company,
      String channel,
      Instant createdAt,
      Instant updatedAt) {
    static NoteView of(FoundNote note) {
      return new NoteView(
          note.id(),
          note.title(),
          note.content(),
          note.displayUrl(),
          note.tags(),
          note.record() == null
              ? null
              : new SourceView(note.record().origin(), note.record().recordId()),
          note.user() == null ? null : UserView.of(note.user()),
          note.company() == null ? null : CompanyView.of(note.company()),
          note.source(),
          note.createdAt(),
          note.updatedAt());
    }
  }

  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  private record SourceView(String origin, String recordId) {}

  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  private record UserView(
      UUID id, @Nullable String externalId, @Nullable String email, @Nullable String name) {
    static UserView of(FoundNote.About user) {
      return new UserView(user.id(), user.externalId(), user.email(), user.name());
    }
  }

  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  private record CompanyView(
      UUID id, String externalId, @Nullable String name, @Nullable String domain) {
    static CompanyView of(FoundNote.Company company) {
      return new CompanyView(company.id(), company.externalId(), company.name(), company.domain());
    }
  }

  /** What was left out, repaired or passed over. */
  private record WarningView(String code, String pointer) {
    static WarningView of(String warning) {
      int colon = warning.indexOf(':');
      return new WarningView(
          warning.substring(0, colon), NoteFaults.pointer(warning.substring(colon + 1)));
    }
  }

  private record DecisionView(long position, String outcome, String code, List<String> flags) {}

  private record WrittenView(
      @Nullable NoteView data,
      List<WarningView> warnings,
      DecisionView decision,
      @JsonInclude(JsonInclude.Include.NON_NULL) Answer.@Nullable Links links) {}

  private String integration(Context ctx) {
    String integration = ctx.pathParam("integration");
    if (!INTEGRATION.matcher(integration).matches()) {
      throw new Failure(
          Problem.NOT_FOUND,
          "An integration has a name of 1 to 40 lower-case letters, digits, _ and -, such as"
              + " zendesk");
    }
    return integration;
  }

  private void write(Context ctx, @Nullable String integration, byte[] body) {
    NoteWrite write;
    try {
      write = NoteBody.read(body, integration, writes.newId(), notes::account);
    } catch (NoteBody.Unusable unusable) {
      refused(ctx, unusable);
      return;
    }
    String key = ctx.header("Idempotency-Key");
    Once once =
        key == null ? null : Once.of(Caller.of(ctx), key, ctx.method() + " " + ctx.path(), body);
    NoteWritten written = writes.write(write, Caller.actor(ctx), once);
    boolean repeated = written.receipt().repeated();
    if (repeated) {
      ctx.header("Idempotent-Replayed", "true");
    }
    boolean kept = written.note() != null && written.receipt().reason() == null;
    List<Answer.Fault> faults = new ArrayList<>();
    int status = kept ? 201 : NoteFaults.of(written, faults);
    boolean passed = integration != null && status < 500 && !reused(written);
    if (!kept && !passed) {
      ctx.status(status);
      Answer.send(ctx, new Answer.Errors(faults));
      return;
    }
    List<String> warnings = new ArrayList<>(written.receipt().warnings());
    if (!kept) {
      faults.forEach(fault ->
          warnings.add(
              fault.code().replace('.', '_')
                  + ":"
                  + String.valueOf(fault.source().pointer()).replaceFirst("^/", "")));
    }
    String self = written.note() == null ? null : PATH + "/" + written.note().id();
    ctx.status(kept ? 201 : 200);
    if (kept && self != null) {
      ctx.header("Location", self);
    }
    Answer.send(
        ctx,
        new WrittenView(
            written.note() == null ? null : NoteView.of(written.note()),
            warnings.stream().map(WarningView::of).toList(),
            new DecisionView(
                written.receipt().position(),
                written.receipt().outcome().code(),
                written.receipt().rule().code(),
                written.receipt().flags()),
            self == null ? null : new Answer.Links(self, null)));
  }

  /** Whoever names requests can be told that a name was taken. */
  private static boolean reused(NoteWritten written) {
    return written.receipt().reason() == Reason.KEY_REUSED;
  }

  private static void refused(Context ctx, NoteBody.Unusable unusable) {
    ctx.status(400);
    Answer.send(ctx, new Answer.Errors(unusable.faults()));
  }

  // ---- reading and changing ----

  private void list(Context ctx) {
    Parameters parameters = Parameters.of(ctx, FILTERS);
    int limit = parameters.number("limit", LISTED);
    if (limit < 1 || limit > MOST_LISTED) {
      throw new BadSearch(
          "limit", "The limit is %d; expected 1 to %d".formatted(limit, MOST_LISTED));
    }
    UUID user = uuid(parameters, "user");
    UUID live = user == null ? null : lookup.live(user);
    String term = parameters.text("term");
    if (term != null && (term.isBlank() || term.length() > 200 || term.indexOf('\0') >= 0)) {
      throw new BadSearch("term", "The term has 1 to 200 characters that are not all blank");
    }
    String tag = parameters.text("tag");
    List<FoundNote> found =
        user != null && live == null
            ? List.of()
            : notes.list(
                new NoteQueries.Wanted(
                    live,
                    uuid(parameters, "account"),
                    parameters.text("origin"),
                    parameters.text("recordId"),
                    tag == null ? List.of() : List.of(tag),
                    List.of(),
                    time(parameters, "createdFrom"),
                    time(parameters, "createdTo"),
                    null,
                    null,
                    term,
                    null),
                place(parameters.text("cursor")),
                limit + 1);
    List<FoundNote> page = found.stream().limit(limit).toList();
    Answer.send(
        ctx,
        new Answer.Data(
            page.stream().map(NoteView::of).toList(),
            new Answer.Links(
                parameters.link(PATH, parameters.text("cursor")),
                found.size() > limit ? parameters.link(PATH, cursor(page.getLast())) : null)));
  }

  private static String cursor(FoundNote last) {
    return last.createdAt() + "/" + last.id();
  }

  private static NoteQueries.@Nullable Place place(@Nullable String cursor) {
    if (cursor == null) {
      return null;
    }
    int slash = cursor.indexOf('/');
    UUID id = slash < 0 ? null : Uuid.of(cursor.substring(slash + 1));
    try {
      if (id != null) {
        return new NoteQueries.Place(Instant.parse(cursor.substring(0, slash)), id);
      }
    } catch (DateTimeParseException e) {
      // Said below.
    }
    throw new BadSearch("cursor", "The cursor is not one that a page of this list ended with");
  }

  private static @Nullable UUID uuid(Parameters parameters, String name) {
    String text = parameters.text(name);
    UUID id = text == null ? null : Uuid.of(text);
    if (text != null && id == null) {
      throw new BadSearch(name, "The parameter %s must be an id, a UUID".formatted(name));
    }
    return id;
  }

  private static @Nullable Instant time(Parameters parameters, String name) {
    String text = parameters.text(name);
    try {
      return text == null ? null : Instant.parse(text);
    } catch (DateTimeParseException e) {
      throw new BadSearch(
          name, "The parameter %s must be a time such as 2026-11-23T00:00:00Z".formatted(name));
    }
  }

  private static UUID id(Context ctx) {
    UUID id = Uuid.of(ctx.pathParam("id"));
    if (id == null) {
      throw unknown();
    }
    return id;
  }

  private static Failure unknown() {
    return new Failure(Problem.NOT_FOUND, "There is no note with this id.");
  }

  private void show(Context ctx, UUID id) {
    FoundNote note = notes.find(id);
    if (note == null) {
      throw unknown();
    }
    Answer.send(ctx, new Answer.Data(NoteView.of(note), new Answer.Links(PATH + "/" + id, null)));
  }

  private void change(Context ctx, byte[] body) {
    UUID id = id(ctx);
    NoteQueries.Change change;
    try {
      change = NoteBody.change(body);
    } catch (NoteBody.Unusable unusable) {
      refused(ctx, unusable);
      return;
    }
    if (!notes.change(id, change)) {
      throw unknown();
    }
    show(ctx, id);
  }

  private void delete(Context ctx) {
    if (!notes.delete(id(ctx), Caller.actor(ctx))) {
      throw unknown();
    }
    ctx.status(204);
  }

  private void addTags(Context ctx, byte[] body) {
    UUID id = id(ctx);
    List<String> tags;
    try {
      tags = NoteBody.tags(body);
    } catch (NoteBody.Unusable unusable) {
      refused(ctx, unusable);
      return;
    }
    if (!notes.addTags(id, tags, NoteBody.MOST_TAGS)) {
      if (notes.find(id) == null) {
        throw unknown();
      }
      ctx.status(400);
      Answer.send(
          ctx,
          Answer.badField(
              "/tags", "The note would have more than %d tags".formatted(NoteBody.MOST_TAGS)));
      return;
    }
    show(ctx, id);
  }
}
