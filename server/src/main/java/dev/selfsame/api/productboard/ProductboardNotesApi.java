package dev.selfsame.api.productboard;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.selfsame.api.Answer;
import dev.selfsame.api.NoteBody;
import dev.selfsame.api.NoteFaults;
import dev.selfsame.api.Parameters;
import dev.selfsame.api.Uuid;
import dev.selfsame.http.Area;
import dev.selfsame.http.Bodies;
import dev.selfsame.http.Caller;
import dev.selfsame.http.ErrorForm;
import dev.selfsame.http.Json;
import dev.selfsame.http.Role;
import dev.selfsame.lookup.BadSearch;
import dev.selfsame.source.api.NoteWrites;
import dev.selfsame.source.api.NoteWritten;
import dev.selfsame.source.api.Once;
import dev.selfsame.store.FoundNote;
import dev.selfsame.store.NoteQueries;
import dev.selfsame.store.NoteRecord;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.net.URI;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** {@code /compat/productboard/notes}: notes as Productboard's API has them. */
public final class ProductboardNotesApi implements Area {

  private static final String PATH = Compatible.PATH + "/notes";
  private static final String ONE = PATH + "/{id}";
  private static final String TAGS = ONE + "/tags";
  private static final String TAG = TAGS + "/{tag}";
  private static final int MOST_BYTES = 512 * 1024;
  private static final int LISTED = 100;
  private static final int MOST_LISTED = 2_000;

  private static final String LIMIT = "pageLimit";
  private static final String CURSOR = "pageCursor";
  private static final List<String> PARAMETERS =
      Stream.concat(NoteSearch.FILTERS.stream(), Stream.of(LIMIT, CURSOR)).toList();

  private final NoteWrites writes;
  private final NoteQueries notes;
  private final Bodies bodies;
  private final InstantSource clock;
  private final Compatible compatible;

  /**
   * @param publicUrl where callers reach this server; null: as each request says
   */
  public ProductboardNotesApi(
      NoteWrites writes,
      NoteQueries notes,
      Bodies bodies,
      InstantSource clock,
      @Nullable URI publicUrl) {
    this.writes = writes;
    this.notes = notes;
    this.bodies = bodies;
    this.clock = clock;
    this.compatible = new Compatible(publicUrl);
  }

  @Override
  public String prefix() {
    return PATH;
  }

  @Override
  public ErrorForm errorForm() {
    return (code, message) -> new FieldErrors(false, Map.of(code, List.of(message)));
  }

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.get(PATH, Compatible.versioned(FieldErrors.checked(this::list)), Role.READ);
    routes.post(PATH, Compatible.versioned(writing(this::create)), Role.WRITE);
    routes.get(
        ONE, Compatible.versioned(FieldErrors.checked(FieldErrors.alone(this::show))), Role.READ);
    routes.patch(ONE, Compatible.versioned(writing(this::change)), Role.WRITE);
    routes.delete(
        ONE,
        Compatible.versioned(FieldErrors.checked(FieldErrors.alone(this::delete))),
        Role.WRITE);
    // These alone ask for no version.
    routes.get(TAGS, Compatible.versionedIfSaid(this::tags), Role.READ);
    routes.post(TAG, Compatible.versionedIfSaid(this::addTag), Role.WRITE);
    routes.delete(TAG, Compatible.versionedIfSaid(this::removeTag), Role.WRITE);
  }

  private interface Writing {
    void with(Context ctx, byte[] body);
  }

  private Handler writing(Writing writing) {
    return FieldErrors.checked(
        FieldErrors.alone(ctx ->
            bodies.use(
                ctx,
                MOST_BYTES,
                body -> {
                  try {
                    writing.with(ctx, body);
                  } catch (NoteBody.Unusable unusable) {
                    FieldErrors.send(ctx, 422, unusable.faults());
                  }
                })));
  }

  // What is answered

  private record TagsView(TagListView data) {}

  private record TagListView(List<String> tags) {}

  private record OneView(NoteView data) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  private record PageView(List<NoteView> data, @Nullable String pageCursor, long totalResults) {}

  /**
   * A note. What it has not is left out.
   *
   * @param comments where there is one note alone
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  private record NoteView(
      UUID id,
      String title,
      String content,
      String displayUrl,
      @Nullable String externalDisplayUrl,
      Compatible.@Nullable IdView company,
      Compatible.@Nullable IdView user,
      List<String> followers,
      String state,
      @Nullable SourceView source,
      List<String> tags,
      List<String> features,
      Instant createdAt,
      Instant updatedAt,
      @Nullable List<String> comments) {}

  private record SourceView(String origin, @JsonProperty("record_id") String recordId) {}

  private NoteView view(Context ctx, FoundNote note, boolean alone) {
    NoteRecord record = note.record();
    return new NoteView(
        note.id(),
        note.title(),
        note.content(),
        address(ctx, note.id()),
        note.displayUrl(),
        note.company() == null ? null : new Compatible.IdView(note.company().id()),
        note.user() == null ? null : new Compatible.IdView(note.user().id()),
        List.of(),
        "unprocessed",
        record == null ? null : new SourceView(record.origin(), record.recordId()),
        note.tags(),
        List.of(),
        note.createdAt(),
        note.updatedAt(),
        alone ? List.of() : null);
  }

  private String address(Context ctx, UUID id) {
    return compatible.address(ctx, "/api/notes/" + id);
  }

  private void written(Context ctx, UUID id) {
    Compatible.written(ctx, address(ctx, id), id);
  }

  private static void unknown(Context ctx) {
    FieldErrors.send(
        ctx,
        404,
        List.of(
            new Answer.Fault(
                "note.notFound",
                "Note not found",
                "There is no note with this id",
                new Answer.Source(null, "/id"))));
  }

  private static void refuseTag(Context ctx, String code, String title, String detail) {
    Compatible.refuse(ctx, 422, code, title, detail);
  }

  // Reading

  private void list(Context ctx) {
    Parameters parameters = Parameters.of(ctx, PARAMETERS);
    int limit = parameters.number(LIMIT, LISTED);
    if (limit < 1 || limit > MOST_LISTED) {
      throw new BadSearch(
          LIMIT, "The page limit is %d; expected 1 to %d".formatted(limit, MOST_LISTED));
    }
    Map<String, String> given = new TreeMap<>();
    for (String name : NoteSearch.FILTERS) {
      String value = parameters.text(name);
      if (value != null) {
        given.put(name, value);
      }
    }
    NoteCursor after = cursor(parameters.text(CURSOR), given);
    Map<String, String> filters = after == null ? given : after.filters();
    if (NoteSearch.none(filters)) {
      Answer.send(ctx, new PageView(List.of(), null, 0));
      return;
    }
    NoteQueries.Wanted wanted = NoteSearch.wanted(filters, clock.instant());
    List<FoundNote> found = notes.list(wanted, after == null ? null : after.place(), limit + 1);
    List<FoundNote> page = found.stream().limit(limit).toList();
    long total =
        after != null ? after.total() : found.size() > limit ? notes.count(wanted) : found.size();
    String next = null;
    if (found.size() > limit) {
      FoundNote last = page.getLast();
      next =
          new NoteCursor(
                  filters,
                  new NoteQueries.Place(last.createdAt(), last.id()),
                  total,
                  clock.instant().plus(NoteCursor.LIFE))
              .text();
    }
    Answer.send(
        ctx, new PageView(page.stream().map(note -> view(ctx, note, false)).toList(), next, total));
  }

  private @Nullable NoteCursor cursor(@Nullable String text, Map<String, String> given) {
    if (text == null) {
      return null;
    }
    NoteCursor cursor = NoteCursor.of(text);
    if (cursor == null) {
      throw new BadSearch(CURSOR, "The page cursor is not one that a page of this list ended with");
    }
    if (cursor.until().isBefore(clock.instant())) {
      throw new BadSearch(
          CURSOR,
          "The page cursor is older than %d seconds; begin anew"
              .formatted(NoteCursor.LIFE.toSeconds()));
    }
    given.forEach((name, value) -> {
      if (!value.equals(cursor.filters().get(name))) {
        throw new BadSearch(
            name, "The page cursor is of a list without this; begin anew, or leave it out");
      }
    });
    return cursor;
  }

  private @Nullable FoundNote note(Context ctx) {
    UUID id = Uuid.of(ctx.pathParam("id"));
    return id == null ? null : notes.find(id);
  }

  private void show(Context ctx) {
    FoundNote note = note(ctx);
    if (note == null) {
      unknown(ctx);
    } else {
      Answer.send(ctx, new OneView(view(ctx, note, true)));
    }
  }

  // Writing

  private void create(Context ctx, byte[] body) {
    String key = ctx.header("Idempotency-Key");
    Once once =
        key == null ? null : Once.of(Caller.of(ctx), key, ctx.method() + " " + ctx.path(), body);
    NoteWritten written =
        writes.write(
            NoteRequest.create(body, writes.newId(), notes::account), Caller.actor(ctx), once);
    if (written.receipt().repeated()) {
      ctx.header("Idempotent-Replayed", "true");
    }
    FoundNote note = written.note();
    if (note != null && written.receipt().reason() == null) {
      written(ctx, note.id());
      return;
    }
    List<Answer.Fault> faults = new ArrayList<>();
    int status = NoteFaults.of(written, faults);
    // What is wrong with a note is 422 here; 409 is who it is about, and nothing else.
    boolean repeated = faults.stream().anyMatch(fault -> fault.code().equals("source.conflict"));
    FieldErrors.send(ctx, status == 400 || repeated ? 422 : status, faults);
  }

  private void change(Context ctx, byte[] body) {
    FoundNote note = note(ctx);
    if (note != null && notes.change(note.id(), NoteRequest.change(body, note))) {
      written(ctx, note.id());
    } else {
      unknown(ctx);
    }
  }

  private void delete(Context ctx) {
    UUID id = Uuid.of(ctx.pathParam("id"));
    if (id != null && notes.delete(id, Caller.actor(ctx))) {
      ctx.status(204);
    } else {
      unknown(ctx);
    }
  }

  // Tags

  private void tags(Context ctx) {
    FoundNote note = note(ctx);
    if (note == null) {
      noNote(ctx);
    } else {
      Answer.send(ctx, new TagsView(new TagListView(note.tags())));
    }
  }

  private static void noNote(Context ctx) {
    refuseTag(ctx, "note.notFound", "Note not found", "There is no note with this id");
  }

  private void addTag(Context ctx) {
    FoundNote note = note(ctx);
    if (note == null) {
      noNote(ctx);
      return;
    }
    List<String> tags;
    try {
      tags = NoteBody.tags(Json.bytes(Map.of("tags", List.of(tag(ctx)))));
    } catch (NoteBody.Unusable unusable) {
      refuseTag(
          ctx, "parameter.invalid", "Invalid parameter", unusable.faults().getFirst().detail());
      return;
    }
    if (notes.addTags(note.id(), tags, NoteBody.MOST_TAGS)) {
      written(ctx, note.id());
    } else {
      refuseTag(
          ctx,
          "parameter.invalid",
          "Invalid parameter",
          "The note would have more than %d tags".formatted(NoteBody.MOST_TAGS));
    }
  }

  private static String tag(Context ctx) {
    return ctx.pathParam("tag");
  }

  private void removeTag(Context ctx) {
    FoundNote note = note(ctx);
    String tag = tag(ctx);
    if (note == null) {
      noNote(ctx);
    } else if (note.tags().contains(tag)) {
      notes.removeTag(note.id(), tag);
      ctx.status(204);
    } else if (notes.count(with(tag)) > 0) {
      refuseTag(ctx, "tag.notOnNote", "Tag not on note", "Other notes have this tag; this has not");
    } else {
      refuseTag(ctx, "tag.notFound", "Tag not found", "No note has this tag");
    }
  }

  private static NoteQueries.Wanted with(String tag) {
    return new NoteQueries.Wanted(
        null, null, null, null, List.of(tag), List.of(), null, null, null, null, null, null);
  }
}
