package dev.selfsame.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.http.Area;
import dev.selfsame.http.Bodies;
import dev.selfsame.http.Caller;
import dev.selfsame.http.Role;
import dev.selfsame.identity.Account;
import dev.selfsame.identity.Claim.LinkAccount.Linking;
import dev.selfsame.identity.Field;
import dev.selfsame.intake.Receipt;
import dev.selfsame.lookup.BadSearch;
import dev.selfsame.lookup.Lookup;
import dev.selfsame.source.api.AccountWrite;
import dev.selfsame.source.api.AccountWrites;
import dev.selfsame.source.api.Once;
import dev.selfsame.store.AccountQueries;
import dev.selfsame.store.AccountQueries.FoundAccount;
import dev.selfsame.store.AccountQueries.Member;
import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** {@code /api/accounts}: the companies that users belong to. */
public final class AccountsApi implements Area {

  private static final String PATH = "/api/accounts";
  private static final String ONE = PATH + "/{id}";
  private static final String MEMBER = ONE + "/users/{user}";
  private static final int MOST_BYTES = 64 * 1024;
  private static final int MOST_LISTED = 1_000;
  private static final int LISTED = 100;
  private static final List<String> FILTERS =
      List.of("externalId", "name", "domain", "q", "limit", "cursor");
  private static final List<String> PAGING = List.of("limit", "cursor");

  private final AccountWrites writes;
  private final AccountQueries accounts;
  private final Lookup lookup;
  private final Bodies bodies;

  public AccountsApi(AccountWrites writes, AccountQueries accounts, Lookup lookup, Bodies bodies) {
    this.writes = writes;
    this.accounts = accounts;
    this.lookup = lookup;
    this.bodies = bodies;
  }

  @Override
  public String prefix() {
    return PATH;
  }

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.get(PATH, Answer.checked(this::list), Role.READ);
    routes.get(ONE, Answer.withoutParameters(this::show), Role.READ);
    routes.get(ONE + "/users", Answer.checked(this::users), Role.READ);
    routes.get("/api/users/{id}/accounts", Answer.withoutParameters(this::ofUser), Role.READ);
    routes.post(PATH, reading(this::create), Role.WRITE);
    routes.patch(ONE, reading(this::change), Role.WRITE);
    routes.delete(ONE, Answer.checked(this::delete), Role.WRITE);
    routes.post(ONE + "/merge", reading(this::merge), Role.WRITE);
    routes.put(MEMBER, reading(this::link), Role.WRITE);
    routes.delete(MEMBER, Answer.withoutParameters(this::unlink), Role.WRITE);
  }

  private interface WithBody {
    void answer(Context ctx, byte[] body);
  }

  private io.javalin.http.Handler reading(WithBody answer) {
    return Answer.withoutParameters(ctx ->
        bodies.use(
            ctx, MOST_BYTES, body -> JsonBody.answering(ctx, () -> answer.answer(ctx, body))));
  }

  /**
   * An account.
   *
   * @param company of a user's: whether it is the user's company
   */
  private record View(
      @Nullable UUID id,
      String externalId,
      @Nullable String name,
      @Nullable String domain,
      JsonNode traits,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Boolean company,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Long users,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Long notes,
      @Nullable Instant createdAt,
      @Nullable Instant updatedAt) {
    static View of(FoundAccount account) {
      return of(account, null, null);
    }

    static View of(
        FoundAccount account, @Nullable Boolean company, AccountQueries.@Nullable Size size) {
      return new View(
          account.id(),
          account.externalId(),
          account.name(),
          account.domain(),
          account.traits(),
          company,
          size == null ? null : (Long) size.users(),
          size == null ? null : (Long) size.notes(),
          account.createdAt(),
          account.updatedAt());
    }
  }

  private record UserView(
      UUID id,
      @Nullable String externalId,
      @Nullable String email,
      @Nullable String name,
      boolean company,
      Instant since) {
    static UserView of(Member member) {
      return new UserView(
          member.id(),
          member.externalId(),
          member.email(),
          member.name(),
          member.company(),
          member.since());
    }
  }

  private record DecisionView(long position, String outcome, String code, List<String> warnings) {
    static DecisionView of(Receipt receipt) {
      return new DecisionView(
          receipt.position(), receipt.outcome().code(), receipt.rule().code(), receipt.warnings());
    }
  }

  private record Written(
      View data,
      DecisionView decision,
      @JsonInclude(JsonInclude.Include.NON_NULL) Answer.@Nullable Links links) {}

  /** What deleting or merging did, or would do. */
  private record Moved(
      UUID account,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable UUID into,
      long users,
      long notes,
      boolean dryRun) {}

  private record Outer(Object data) {}

  // ---- reading ----

  private void list(Context ctx) {
    Parameters parameters = Parameters.of(ctx, FILTERS);
    int limit = limit(parameters);
    List<FoundAccount> found =
        accounts.list(
            new AccountQueries.Wanted(
                text(parameters, "externalId"),
                text(parameters, "name"),
                text(parameters, "domain"),
                text(parameters, "q")),
            place(parameters.text("cursor")),
            limit + 1);
    List<FoundAccount> page = found.stream().limit(limit).toList();
    Answer.send(
        ctx,
        new Answer.Data(
            page.stream().map(View::of).toList(),
            new Answer.Links(
                parameters.link(PATH, parameters.text("cursor")),
                found.size() > limit ? parameters.link(PATH, cursor(page.getLast())) : null)));
  }

  private static @Nullable String text(Parameters parameters, String name) {
    String text = parameters.text(name);
    if (text != null && FieldText.fault(text, false) != null) {
      throw new BadSearch(
          name,
          "The parameter %s has 1 to %d characters that are not all blank"
              .formatted(name, FieldText.MOST));
    }
    return text == null ? null : text.strip();
  }

  private static int limit(Parameters parameters) {
    int limit = parameters.number("limit", LISTED);
    if (limit < 1 || limit > MOST_LISTED) {
      throw new BadSearch(
          "limit", "The limit is %d; expected 1 to %d".formatted(limit, MOST_LISTED));
    }
    return limit;
  }

  private static String cursor(FoundAccount last) {
    return last.id()
        + Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(last.shown().getBytes(StandardCharsets.UTF_8));
  }

  private static AccountQueries.@Nullable Place place(@Nullable String cursor) {
    if (cursor == null) {
      return null;
    }
    UUID id = cursor.length() < 36 ? null : Uuid.of(cursor.substring(0, 36));
    try {
      if (id != null) {
        String shown =
            new String(Base64.getUrlDecoder().decode(cursor.substring(36)), StandardCharsets.UTF_8);
        if (shown.indexOf('\0') < 0) {
          return new AccountQueries.Place(shown, id);
        }
      }
    } catch (IllegalArgumentException e) {
      // Said below.
    }
    throw new BadSearch("cursor", "The cursor is not one that a page of this list ended with");
  }

  private void show(Context ctx) {
    FoundAccount account = account(ctx);
    Answer.send(
        ctx,
        new Answer.Data(
            View.of(account, null, accounts.size(account.id())),
            new Answer.Links(PATH + "/" + account.id(), null)));
  }

  private void users(Context ctx) {
    Parameters parameters = Parameters.of(ctx, PAGING);
    FoundAccount account = account(ctx);
    int limit = limit(parameters);
    String cursor = parameters.text("cursor");
    UUID after = cursor == null ? null : Uuid.of(cursor);
    if (cursor != null && after == null) {
      throw new BadSearch("cursor", "The cursor is not one that a page of this list ended with");
    }
    List<Member> found = accounts.users(account.id(), after, limit + 1);
    List<Member> page = found.stream().limit(limit).toList();
    String path = PATH + "/" + account.id() + "/users";
    Answer.send(
        ctx,
        new Answer.Data(
            page.stream().map(UserView::of).toList(),
            new Answer.Links(
                parameters.link(path, cursor),
                found.size() > limit
                    ? parameters.link(path, page.getLast().id().toString())
                    : null)));
  }

  private void ofUser(Context ctx) {
    UUID asked = Uuid.of(ctx.pathParam("id"));
    UUID user = asked == null ? null : lookup.live(asked);
    if (user == null) {
      throw new Failure(Problem.NOT_FOUND, "There is no user with this id.");
    }
    Answer.send(
        ctx,
        new Answer.Data(
            accounts.of(user).stream()
                .map(each -> View.of(each.account(), each.company(), null))
                .toList(),
            new Answer.Links("/api/users/" + user + "/accounts", null)));
  }

  private FoundAccount account(Context ctx) {
    return account(Uuid.of(ctx.pathParam("id")));
  }

  private FoundAccount account(@Nullable UUID id) {
    FoundAccount account = id == null ? null : accounts.find(id);
    if (account == null) {
      throw new Failure(Problem.UNKNOWN_ACCOUNT, "There is no account with this id.");
    }
    return account;
  }

  // ---- writing ----

  private void create(Context ctx, byte[] body) {
    JsonBody json = JsonBody.of(body, List.of("externalId", "name", "domain", "traits", "dryRun"));
    String externalId = json.neededText("externalId");
    write(ctx, body, json, externalId, null);
  }

  private void change(Context ctx, byte[] body) {
    JsonBody json = JsonBody.of(body, List.of("name", "domain", "traits", "dryRun"));
    FoundAccount account = account(ctx);
    write(ctx, body, json, account.externalId(), account);
  }

  private void write(
      Context ctx, byte[] body, JsonBody json, String externalId, @Nullable FoundAccount had) {
    List<Answer.Fault> faults = new ArrayList<>();
    Set<String> cleared = new HashSet<>();
    check(json, "externalId", externalId, faults);
    String name = field(json, "name", cleared, faults);
    String domain = field(json, "domain", cleared, faults);
    Map<String, @Nullable Object> traits = AccountTraits.read(json, AccountTraits.MOST, faults);
    Set<String> all = new HashSet<>(traits.keySet());
    if (had != null) {
      all.addAll(had.traits().propertyNames());
    }
    if (all.size() > AccountTraits.MOST) {
      faults.add(
          fault(
              "limit_reached",
              "The account would have %d traits; expected at most %d"
                  .formatted(all.size(), AccountTraits.MOST),
              "/traits"));
    }
    if (!faults.isEmpty()) {
      ctx.status(400);
      Answer.send(ctx, new Answer.Errors(faults));
      return;
    }
    AccountWrite write = new AccountWrite(externalId, had == null, name, domain, cleared, traits);
    if (json.flag("dryRun")) {
      AccountWrites.Foreseen foreseen = writes.preview(write, Caller.actor(ctx));
      if (foreseen.account() == null) {
        refused(ctx, foreseen.receipt());
        return;
      }
      ctx.status(had == null ? 201 : 200);
      Answer.send(
          ctx,
          new Written(
              foreseen(foreseen.account(), had, traits),
              DecisionView.of(foreseen.receipt()),
              null));
      return;
    }
    String key = ctx.header("Idempotency-Key");
    Once once =
        key == null ? null : Once.of(Caller.of(ctx), key, ctx.method() + " " + ctx.path(), body);
    Receipt receipt = writes.write(write, Caller.actor(ctx), once);
    if (receipt.repeated()) {
      ctx.header("Idempotent-Replayed", "true");
    }
    if (receipt.reason() != null) {
      refused(ctx, receipt);
      return;
    }
    FoundAccount now = accounts.find(externalId.strip());
    if (now == null) {
      throw new Failure(
          Problem.UNKNOWN_ACCOUNT, "The account was written, and deleted right after.");
    }
    String self = PATH + "/" + now.id();
    if (had == null) {
      ctx.status(201);
      ctx.header("Location", self);
    }
    Answer.send(
        ctx, new Written(View.of(now), DecisionView.of(receipt), new Answer.Links(self, null)));
  }

  private static View foreseen(
      Account account, @Nullable FoundAccount had, Map<String, @Nullable Object> traits) {
    Field name = account.name();
    Field domain = account.domain();
    return new View(
        had == null ? null : had.id(),
        account.externalId(),
        name == null ? null : name.value(),
        domain == null ? null : domain.value(),
        AccountTraits.after(had == null ? null : had.traits(), traits),
        null,
        null,
        null,
        had == null ? null : had.createdAt(),
        had == null ? null : had.updatedAt());
  }

  private static @Nullable String field(
      JsonBody json, String name, Set<String> cleared, List<Answer.Fault> faults) {
    if (json.isNull(name)) {
      cleared.add(name);
      return null;
    }
    String text = json.text(name);
    if (text != null) {
      check(json, name, text, faults);
    }
    return text;
  }

  private static void check(JsonBody json, String name, String text, List<Answer.Fault> faults) {
    FieldText.Fault fault = FieldText.fault(text, false);
    if (fault != null) {
      faults.add(
          fault(
              fault.code(), "The field %s %s".formatted(name, fault.words()), json.pointer(name)));
    }
  }

  private static Answer.Fault fault(String code, String detail, String pointer) {
    return new Answer.Fault(code, "Invalid field", detail, new Answer.Source(null, pointer));
  }

  private void delete(Context ctx) {
    boolean dryRun = Parameters.of(ctx, List.of("dryRun")).flag("dryRun");
    FoundAccount account = account(ctx);
    AccountQueries.Size size = accounts.size(account.id());
    if (!dryRun) {
      Receipt receipt = writes.delete(account.externalId(), Caller.actor(ctx));
      if (receipt.reason() != null) {
        refused(ctx, receipt);
        return;
      }
    }
    Answer.send(ctx, new Outer(new Moved(account.id(), null, size.users(), size.notes(), dryRun)));
  }

  private void merge(Context ctx, byte[] body) {
    JsonBody json = JsonBody.of(body, List.of("into", "dryRun"));
    FoundAccount from = account(ctx);
    UUID named = Uuid.of(json.neededText("into"));
    FoundAccount into = named == null ? null : accounts.find(named);
    if (into == null) {
      throw new JsonBody.BadField("/into", "The field into names an account by its id");
    }
    AccountQueries.Size size = accounts.size(from.id());
    boolean dryRun = json.flag("dryRun");
    if (from.id().equals(into.id())) {
      throw new Failure(Problem.SAME_ACCOUNT, "An account cannot be merged with itself");
    }
    if (!dryRun) {
      Receipt receipt = writes.merge(from.externalId(), into.externalId(), Caller.actor(ctx));
      if (receipt.reason() != null) {
        refused(ctx, receipt);
        return;
      }
    }
    Answer.send(
        ctx, new Outer(new Moved(from.id(), into.id(), size.users(), size.notes(), dryRun)));
  }

  private void link(Context ctx, byte[] body) {
    boolean company = JsonBody.of(body, List.of("company")).flag("company");
    linking(ctx, company ? Linking.CHOSEN : Linking.LINKED);
  }

  private void unlink(Context ctx) {
    linking(ctx, Linking.UNLINKED);
  }

  private void linking(Context ctx, Linking linking) {
    FoundAccount account = account(ctx);
    UUID user = Uuid.of(ctx.pathParam("user"));
    if (user == null) {
      throw new Failure(Problem.UNKNOWN_USER, "There is no user with this id.");
    }
    Receipt receipt = writes.link(account.externalId(), user, linking, Caller.actor(ctx));
    if (receipt.reason() == null) {
      ctx.status(204);
    } else {
      refused(ctx, receipt);
    }
  }

  private static void refused(Context ctx, Receipt receipt) {
    List<Answer.Fault> faults = new ArrayList<>();
    ctx.status(AccountFaults.of(receipt, faults));
    Answer.send(ctx, new Answer.Errors(faults));
  }
}
