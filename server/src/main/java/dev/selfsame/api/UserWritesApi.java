package dev.selfsame.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.http.Area;
import dev.selfsame.http.Bodies;
import dev.selfsame.http.Caller;
import dev.selfsame.http.Role;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.User;
import dev.selfsame.source.api.Once;
import dev.selfsame.source.api.UserWrite;
import dev.selfsame.source.api.UserWrites;
import dev.selfsame.source.api.Written;
import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** {@code POST /api/users}, {@code PATCH /api/users/{id}}: a program says what users are to be. */
public final class UserWritesApi implements Area {

  private static final String PATH = "/api/users";
  private static final String BATCH = PATH + "/batch";
  private static final int MOST_BYTES = 64 * 1024;
  private static final int MOST_BATCH_BYTES = 1024 * 1024;

  /** By the name that REST gives a field, the one that the ledger does. */
  private static final Map<String, String> FIELDS = fields();

  private static final String RECORD_IDS = "recordIds";
  private static final List<String> USER = user();
  private static final List<String> ONE = and(USER, "dryRun");
  private static final List<String> ROW = and(USER, "id");

  private final UserWrites writes;
  private final Bodies bodies;

  public UserWritesApi(UserWrites writes, Bodies bodies) {
    this.writes = writes;
    this.bodies = bodies;
  }

  private static Map<String, String> fields() {
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("externalId", User.EXTERNAL_ID);
    fields.put("email", User.EMAIL);
    fields.put("name", User.NAME);
    fields.put("billingId", IdentifierType.BILLING_ID.name());
    return fields;
  }

  private static List<String> user() {
    return and(List.copyOf(FIELDS.keySet()), RECORD_IDS);
  }

  private static List<String> and(List<String> some, String more) {
    List<String> all = new ArrayList<>(some);
    all.add(more);
    return List.copyOf(all);
  }

  @Override
  public String prefix() {
    return BATCH;
  }

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.post(
        PATH,
        Answer.withoutParameters(ctx -> bodies.use(ctx, MOST_BYTES, body -> one(ctx, null, body))),
        Role.WRITE);
    routes.patch(
        PATH + "/{id}",
        Answer.withoutParameters(ctx -> bodies.use(ctx, MOST_BYTES, body -> change(ctx, body))),
        Role.WRITE);
    routes.post(
        BATCH,
        Answer.withoutParameters(
            ctx -> bodies.use(ctx, MOST_BATCH_BYTES, body -> batch(ctx, body))),
        Role.WRITE);
  }

  /** What was decided, and what is worth a look. */
  private record DecisionView(
      long position, String outcome, String code, List<String> flags, List<String> warnings) {
    static DecisionView of(Written written) {
      return new DecisionView(
          written.receipt().position(),
          written.receipt().outcome().code(),
          written.receipt().rule().code(),
          written.receipt().flags(),
          written.receipt().warnings());
    }
  }

  private record OneView(WholeUser data, DecisionView decision, Answer.Links links) {}

  private record RowsView(List<Row> data) {}

  /** What became of one of many. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  private record Row(
      int status,
      @Nullable WholeUser user,
      @Nullable DecisionView decision,
      @Nullable List<Answer.Fault> errors) {}

  private void change(Context ctx, byte[] body) {
    UUID id = Uuid.of(ctx.pathParam("id"));
    if (id == null) {
      throw new Failure(Problem.NOT_FOUND, "There is no user with this id.");
    }
    one(ctx, id, body);
  }

  private void one(Context ctx, @Nullable UUID user, byte[] body) {
    Written written;
    try {
      JsonBody json = JsonBody.of(body, ONE);
      List<Answer.Fault> faults = new ArrayList<>();
      UserWrite write = read(json, 0, user, faults, writes.recordTypes());
      if (!faults.isEmpty()) {
        ctx.status(400);
        Answer.send(ctx, new Answer.Errors(faults));
        return;
      }
      List<UserWrite> alone = List.of(write);
      written =
          (json.flag("dryRun")
                  ? writes.preview(alone, Caller.actor(ctx))
                  : writes.write(alone, Caller.actor(ctx), once(ctx, body)))
              .getFirst();
    } catch (JsonBody.BadField bad) {
      ctx.status(400);
      Answer.send(ctx, Answer.badField(bad.pointer(), String.valueOf(bad.getMessage())));
      return;
    }
    repeated(ctx, List.of(written));
    Row row = row(written, "");
    ctx.status(row.status());
    if (row.user() == null || row.decision() == null) {
      Answer.send(ctx, new Answer.Errors(row.errors() == null ? List.of() : row.errors()));
      return;
    }
    String self = PATH + "/" + row.user().user().id();
    if (row.status() == 201) {
      ctx.header("Location", self);
    }
    Answer.send(ctx, new OneView(row.user(), row.decision(), new Answer.Links(self, null)));
  }

  private void batch(Context ctx, byte[] body) {
    List<@Nullable Row> rows = new ArrayList<>();
    List<UserWrite> usable = new ArrayList<>();
    boolean dryRun;
    try {
      JsonBody json = JsonBody.of(body, List.of("users", "dryRun"));
      dryRun = json.flag("dryRun");
      List<String> types = writes.recordTypes();
      int size = json.size("users", UserWrites.MOST);
      for (int i = 0; i < size; i++) {
        List<Answer.Fault> faults = new ArrayList<>();
        try {
          JsonBody row = json.object("users", i, ROW);
          UserWrite write = read(row, i, row.user("id"), faults, types);
          if (faults.isEmpty()) {
            usable.add(write);
          }
        } catch (JsonBody.BadField bad) {
          faults.addAll(Answer.badField(bad.pointer(), String.valueOf(bad.getMessage())).errors());
        }
        rows.add(faults.isEmpty() ? null : new Row(400, null, null, List.copyOf(faults)));
      }
    } catch (JsonBody.BadField bad) {
      ctx.status(400);
      Answer.send(ctx, Answer.badField(bad.pointer(), String.valueOf(bad.getMessage())));
      return;
    }
    List<Written> written =
        usable.isEmpty()
            ? List.of()
            : dryRun
                ? writes.preview(usable, Caller.actor(ctx))
                : writes.write(usable, Caller.actor(ctx), once(ctx, body));
    repeated(ctx, written);
    List<Row> all = new ArrayList<>(rows.size());
    int next = 0;
    for (int i = 0; i < rows.size(); i++) {
      Row refused = rows.get(i);
      all.add(refused == null ? row(written.get(next++), "/users/" + i) : refused);
    }
    Answer.send(ctx, new RowsView(all));
  }

  /** Null: the caller gave the request no name. */
  private static @Nullable Once once(Context ctx, byte[] body) {
    String key = ctx.header("Idempotency-Key");
    return key == null ? null : Once.of(Caller.of(ctx), key, ctx.method() + " " + ctx.path(), body);
  }

  private static void repeated(Context ctx, List<Written> written) {
    if (written.stream().anyMatch(each -> each.receipt().repeated())) {
      ctx.header("Idempotent-Replayed", "true");
    }
  }

  // What is asked for

  private static UserWrite read(
      JsonBody json, int row, @Nullable UUID user, List<Answer.Fault> faults, List<String> types) {
    Map<String, String> texts = new HashMap<>();
    Set<String> cleared = new HashSet<>();
    FIELDS.forEach((name, field) -> read(json, name, field, texts, cleared, faults));
    if (json.has(RECORD_IDS)) {
      JsonBody records = json.object(RECORD_IDS, types);
      types.forEach(type -> read(records, type, type, texts, cleared, faults));
    }
    return new UserWrite(row, user, texts, cleared);
  }

  private static void read(
      JsonBody json,
      String name,
      String field,
      Map<String, String> texts,
      Set<String> cleared,
      List<Answer.Fault> faults) {
    if (json.isNull(name)) {
      cleared.add(field);
      return;
    }
    String text = json.text(name);
    if (text == null) {
      return;
    }
    FieldText.Fault fault = FieldText.fault(text, field.equals(User.EMAIL));
    if (fault == null) {
      texts.put(field, text);
    } else {
      faults.add(
          new Answer.Fault(
              fault.code(),
              "Invalid field",
              "The field %s %s".formatted(name, fault.words()),
              new Answer.Source(null, json.pointer(name))));
    }
  }

  // What became of it

  /**
   * @param at where in the body the user stands
   */
  private static Row row(Written written, String at) {
    DecisionView decision = DecisionView.of(written);
    if (written.user() != null) {
      return new Row(
          decision.code().equals("A8") ? 201 : 200,
          new WholeUser(written.user(), written.identifiers()),
          decision,
          null);
    }
    List<Answer.Fault> faults = new ArrayList<>();
    int status = WriteFaults.of(written, at, FIELDS, faults);
    return new Row(status, null, null, List.copyOf(faults));
  }
}
