package dev.selfsame.api.productboard;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.selfsame.api.AccountFaults;
import dev.selfsame.api.Answer;
import dev.selfsame.api.Parameters;
import dev.selfsame.api.Uuid;
import dev.selfsame.http.Area;
import dev.selfsame.http.Bodies;
import dev.selfsame.http.Caller;
import dev.selfsame.http.ErrorForm;
import dev.selfsame.http.Role;
import dev.selfsame.intake.Receipt;
import dev.selfsame.lookup.BadSearch;
import dev.selfsame.source.api.AccountWrite;
import dev.selfsame.source.api.AccountWrites;
import dev.selfsame.source.api.Once;
import dev.selfsame.store.AccountQueries;
import dev.selfsame.store.AccountQueries.FoundAccount;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** {@code /compat/productboard/companies}: accounts as Productboard's API has companies. */
public final class ProductboardCompaniesApi implements Area {

  static final String PATH = Compatible.PATH + "/companies";
  private static final String ONE = PATH + "/{id}";
  private static final int MOST_BYTES = 64 * 1024;
  private static final int MOST_LISTED = 100;
  private static final int MOST_TERM = 200;

  private static final String LIMIT = "pageLimit";
  private static final String OFFSET = "pageOffset";
  private static final String TERM = "term";
  private static final String HAS_NOTES = "hasNotes";
  private static final String FEATURE = "featureId";
  private static final List<String> PARAMETERS = List.of(LIMIT, OFFSET, TERM, HAS_NOTES, FEATURE);

  private final AccountWrites writes;
  private final AccountQueries accounts;
  private final Bodies bodies;
  private final Compatible compatible;

  /**
   * @param publicUrl where callers reach this server; null: as each request says
   */
  public ProductboardCompaniesApi(
      AccountWrites writes, AccountQueries accounts, Bodies bodies, @Nullable URI publicUrl) {
    this.writes = writes;
    this.accounts = accounts;
    this.bodies = bodies;
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
    routes.get(PATH, Compatible.versioned(this::list), Role.READ);
    routes.post(PATH, writing(this::create), Role.WRITE);
    routes.get(ONE, versioned(this::show), Role.READ);
    routes.patch(ONE, writing(this::change), Role.WRITE);
    routes.delete(ONE, versioned(this::delete), Role.WRITE);
  }

  private interface Writing {
    void with(Context ctx, byte[] body);
  }

  private static Handler versioned(Handler handler) {
    return Compatible.versioned(FieldErrors.checked(FieldErrors.alone(handler)));
  }

  private Handler writing(Writing writing) {
    return versioned(ctx -> bodies.use(ctx, MOST_BYTES, body -> writing.with(ctx, body)));
  }

  /** A company. What it has not is left out. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  private record CompanyView(
      UUID id,
      String name,
      @Nullable String domain,
      @Nullable String description,
      @Nullable String sourceOrigin,
      String sourceRecordId) {
    static CompanyView of(FoundAccount account) {
      return new CompanyView(
          account.id(),
          account.shown(),
          account.domain(),
          trait(account, CompanyRequest.DESCRIPTION),
          trait(account, CompanyRequest.ORIGIN_TRAIT),
          account.externalId());
    }

    private static @Nullable String trait(FoundAccount account, String name) {
      JsonNode value = account.traits().path(name);
      return value.isString() ? value.asString() : null;
    }
  }

  private record OneView(CompanyView data) {}

  private record PageView(List<CompanyView> data, NextView links) {}

  record NextView(@Nullable String next) {}

  // Reading

  private void list(Context ctx) {
    try {
      Parameters parameters = Parameters.of(ctx, PARAMETERS);
      int limit = parameters.number(LIMIT, MOST_LISTED);
      if (limit < 1 || limit > MOST_LISTED) {
        throw new BadSearch(
            LIMIT, "The page limit is %d; expected 1 to %d".formatted(limit, MOST_LISTED));
      }
      int offset = parameters.number(OFFSET, 0);
      if (offset < 0 || offset > Integer.MAX_VALUE - MOST_LISTED) {
        throw new BadSearch(OFFSET, "The page offset is 0 or more");
      }
      String term = term(parameters.text(TERM));
      String hasNotes = parameters.text(HAS_NOTES);
      if (hasNotes != null && !hasNotes.equals("true") && !hasNotes.equals("false")) {
        throw new BadSearch(HAS_NOTES, "The parameter hasNotes must be true or false");
      }
      String feature = parameters.text(FEATURE);
      if (feature != null && Uuid.of(feature) == null) {
        throw new BadSearch(FEATURE, "The parameter featureId must be a UUID");
      }
      if (feature != null) {
        Compatible.refuse(
            ctx, 422, "feature.notFound", "Feature not found", "There are no features here");
        return;
      }
      List<FoundAccount> found =
          accounts.page(
              term, hasNotes == null ? null : Boolean.valueOf(hasNotes), offset, limit + 1);
      String next = null;
      if (found.size() > limit) {
        next =
            compatible.address(
                ctx,
                "%s?%s=%d&%s=%d%s%s"
                    .formatted(
                        PATH,
                        LIMIT,
                        limit,
                        OFFSET,
                        offset + limit,
                        with(TERM, term),
                        with(HAS_NOTES, hasNotes)));
      }
      Answer.send(
          ctx,
          new PageView(
              found.stream().limit(limit).map(CompanyView::of).toList(), new NextView(next)));
    } catch (BadSearch bad) {
      Compatible.refuse(
          ctx, 400, "parameter.invalid", "Invalid parameter", String.valueOf(bad.getMessage()));
    }
  }

  private static String with(String name, @Nullable String value) {
    return value == null ? "" : "&" + name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8);
  }

  private static @Nullable String term(@Nullable String term) {
    if (term != null && (term.isBlank() || term.length() > MOST_TERM || term.indexOf('\0') >= 0)) {
      throw new BadSearch(
          TERM, "The term has 1 to %d characters that are not all blank".formatted(MOST_TERM));
    }
    return term;
  }

  private void show(Context ctx) {
    FoundAccount account = account(ctx);
    if (account != null) {
      Answer.send(ctx, new OneView(CompanyView.of(account)));
    }
  }

  /** The account that is asked for; where there is none, that is answered. */
  private @Nullable FoundAccount account(Context ctx) {
    UUID id = Uuid.of(ctx.pathParam("id"));
    FoundAccount account = id == null ? null : accounts.find(id);
    if (account == null || !account.id().equals(id)) {
      unknown(ctx, account == null ? null : account.id());
      return null;
    }
    return account;
  }

  /**
   * There is no company of this id.
   *
   * @param into the one that it was merged into, or null
   */
  private static void unknown(Context ctx, @Nullable UUID into) {
    FieldErrors.send(
        ctx,
        404,
        List.of(
            new Answer.Fault(
                "company.notFound",
                "Company not found",
                into == null
                    ? "There is no company with this id"
                    : "This company was merged into %s; go on with that id".formatted(into),
                new Answer.Source(null, "/id"))));
  }

  // Writing

  private void create(Context ctx, byte[] body) {
    String key = ctx.header("Idempotency-Key");
    Once once =
        key == null ? null : Once.of(Caller.of(ctx), key, ctx.method() + " " + ctx.path(), body);
    // The same request names the same account when it comes again.
    UUID own = once == null ? UUID.randomUUID() : new UUID(once.name(), once.request());
    write(ctx, CompanyRequest.create(body, own.toString()), once);
  }

  private void change(Context ctx, byte[] body) {
    FoundAccount account = account(ctx);
    if (account != null) {
      String key = ctx.header("Idempotency-Key");
      write(
          ctx,
          CompanyRequest.change(body, account),
          key == null ? null : Once.of(Caller.of(ctx), key, ctx.method() + " " + ctx.path(), body));
    }
  }

  private void write(Context ctx, CompanyRequest.Wanted wanted, @Nullable Once once) {
    AccountWrite write = wanted.write();
    if (write == null) {
      FieldErrors.send(ctx, 422, wanted.faults());
      return;
    }
    Receipt receipt = writes.write(write, Caller.actor(ctx), once);
    if (receipt.repeated()) {
      ctx.header("Idempotent-Replayed", "true");
    }
    if (receipt.reason() != null) {
      refused(ctx, receipt);
      return;
    }
    FoundAccount now = accounts.find(write.externalId().strip());
    if (now == null) {
      unknown(ctx, null);
    } else {
      Compatible.written(ctx, compatible.address(ctx, "/api/accounts/" + now.id()), now.id());
    }
  }

  private static void refused(Context ctx, Receipt receipt) {
    List<Answer.Fault> faults = new ArrayList<>();
    int status = AccountFaults.of(receipt, faults);
    if (status == 404) {
      unknown(ctx, null);
      return;
    }
    // There a company has no conflict with another: what cannot be is 422.
    boolean reused = faults.stream().anyMatch(each -> each.code().equals("idempotency_key_reused"));
    FieldErrors.send(
        ctx,
        status >= 500 || reused ? status : 422,
        faults.stream().map(ProductboardCompaniesApi::inSource).toList());
  }

  /** An external id is the record id of a source there. */
  private static Answer.Fault inSource(Answer.Fault fault) {
    if (!"/externalId".equals(fault.source().pointer())) {
      return fault;
    }
    boolean taken = fault.code().equals("externalId.conflict");
    return new Answer.Fault(
        taken ? "source.conflict" : fault.code(),
        fault.title(),
        taken
            ? "There is a company with this record_id, or there was before a merge"
            : fault.detail(),
        new Answer.Source(null, "/source"));
  }

  private void delete(Context ctx) {
    FoundAccount account = account(ctx);
    if (account == null) {
      return;
    }
    Receipt receipt = writes.delete(account.externalId(), Caller.actor(ctx));
    if (receipt.reason() == null) {
      ctx.status(204);
    } else {
      refused(ctx, receipt);
    }
  }
}
