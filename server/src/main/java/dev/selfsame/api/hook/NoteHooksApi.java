package dev.selfsame.api.hook;

import dev.selfsame.access.Actor;
import dev.selfsame.access.Hook;
import dev.selfsame.api.Answer;
import dev.selfsame.api.NoteBody;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.http.Area;
import dev.selfsame.http.Bodies;
import dev.selfsame.http.Json;
import dev.selfsame.http.Role;
import dev.selfsame.identity.Channel;
import dev.selfsame.resolution.Reason;
import dev.selfsame.source.api.NoteWrites;
import dev.selfsame.source.api.NoteWritten;
import dev.selfsame.store.NoteQueries;
import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code POST /hooks/notes/{integration}/{form}}: other tools post what happened, and a note comes
 * of it. Nobody reads the answer, so all that a signature vouches for is taken: what is said of the
 * user is settled as insights are, what comes again is the note that is there, and what is about
 * something else is passed over.
 */
public final class NoteHooksApi implements Area {

  private static final String PATH = "/hooks/notes";
  private static final int MOST_BYTES = 2 * 1024 * 1024;

  private final Function<String, List<Hook>> hooks;
  private final Function<String, Taking> spaces;
  private final Bodies bodies;
  private final NoteHookSettings settings;

  /** What takes the notes of a space. */
  public record Taking(NoteWrites writes, NoteQueries notes) {}

  /**
   * @param hooks what a webhook may prove itself by, by its source's name
   * @param spaces what takes the notes of a space, by its name
   */
  public NoteHooksApi(
      Function<String, List<Hook>> hooks,
      Function<String, Taking> spaces,
      Bodies bodies,
      NoteHookSettings settings) {
    this.hooks = hooks;
    this.spaces = spaces;
    this.bodies = bodies;
    this.settings = settings;
  }

  @Override
  public String prefix() {
    return PATH;
  }

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.post(PATH + "/{integration}/{form}", this::receive, Role.OPEN);
  }

  /**
   * What came of it.
   *
   * @param outcome {@code made}, {@code there} already, or {@code passed} over
   */
  private record TakenView(@Nullable UUID note, String outcome, List<String> warnings) {}

  private void receive(Context ctx) throws Exception {
    String integration = ctx.pathParam("integration");
    NoteForm form = form(ctx.pathParam("form"), integration);
    List<Hook> known =
        form == null
            ? List.of()
            : hooks.apply(NoteWrites.source(integration).name()).stream()
                .filter(hook -> hook.target().source().channel() == Channel.INSIGHTS)
                .toList();
    if (form == null || known.isEmpty()) {
      throw new Failure(
          Problem.NOT_FOUND,
          "There is no such webhook; make one with: selfsame keys create --note-hook NAME, and post"
              + " to json, zendesk or intercom below it");
    }
    String header = ctx.header("Authorization");
    List<Hook> authorized = known.stream().filter(hook -> hook.authorizedBy(header)).toList();
    if (authorized.isEmpty()) {
      throw new Failure(
          Problem.INVALID_AUTHORIZATION,
          "The Authorization header is missing, or not the webhook's; nothing of this request was"
              + " taken.");
    }
    bodies.use(
        ctx,
        MOST_BYTES,
        body -> {
          Hook proven =
              authorized.stream()
                  .filter(hook -> !hook.signs() || form.signed(hook, ctx, body))
                  .findFirst()
                  .orElseThrow(() ->
                      new Failure(
                          Problem.INVALID_SIGNATURE,
                          form.how()
                              + " with the webhook's secret; nothing of this request was taken."));
          take(ctx, spaces.apply(proven.target().space()), integration, form, body);
        });
  }

  private @Nullable NoteForm form(String name, String integration) {
    return switch (name) {
      case "json" -> new NoteForm.Mapped(settings.mappings().get(integration));
      case "zendesk" -> new NoteForm.Zendesk();
      case "intercom" -> new NoteForm.Intercom();
      default -> null;
    };
  }

  private static void take(
      Context ctx, Taking space, String integration, NoteForm form, byte[] body) {
    NoteWrites writes = space.writes();
    JsonNode read;
    try {
      read = Json.mapper().readTree(body);
    } catch (JacksonException e) {
      throw new Failure(
          Problem.MALFORMED_JSON, "The body is not JSON: " + e.getOriginalMessage(), 0, e);
    }
    ObjectNode note = form.note(read);
    if (note == null) {
      Answer.send(ctx, new TakenView(null, "passed", List.of()));
      return;
    }
    NoteWritten written;
    try {
      written =
          writes.write(
              NoteBody.read(Json.bytes(note), integration, writes.newId(), space.notes()::account),
              new Actor(
                  "source:" + NoteWrites.source(integration).name(), ctx.req().getRemoteAddr()),
              null);
    } catch (NoteBody.Unusable nothing) {
      // It says nothing: there is no note to be made of it, today or when it is sent again.
      Answer.send(
          ctx,
          new TakenView(
              null, "passed", nothing.faults().stream().map(Answer.Fault::code).toList()));
      return;
    }
    if (written.receipt().reason() == Reason.INTERNAL_ERROR) {
      throw new Failure(
          Problem.INTERNAL_ERROR, "The note could not be kept; nothing was written. Send it again");
    }
    boolean made = written.note() != null && written.receipt().reason() == null;
    Answer.send(
        ctx,
        new TakenView(
            written.note() == null ? null : written.note().id(),
            made ? "made" : written.note() != null ? "there" : "passed",
            written.receipt().warnings()));
  }
}
