package dev.selfsame.dashboard;

import dev.selfsame.access.Grants.Grant;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.http.Caller;
import dev.selfsame.http.Role;
import dev.selfsame.identity.Channel;
import dev.selfsame.identity.Source;
import dev.selfsame.intake.Receipt;
import dev.selfsame.lookup.BadSearch;
import dev.selfsame.lookup.SentClaim;
import dev.selfsame.policy.Policies;
import dev.selfsame.replay.Past;
import dev.selfsame.resolution.Outcome;
import dev.selfsame.resolution.Rule;
import dev.selfsame.review.Retrials.Retrial;
import dev.selfsame.store.ActivityQueries.Heard;
import dev.selfsame.store.ActivityQueries.Refused;
import dev.selfsame.store.PolicySettings;
import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Who tells of users, how they are, and what each of them said last. */
final class SourcesPage implements Page {

  private static final int LIMIT = 25;
  private static final int REASONS_OF = 1_000;
  private static final int LONGEST_PAYLOAD = 4_000;
  private static final Duration DAY = Duration.ofDays(1);

  private static final List<String> NAMING =
      List.of(
          "/userId", "/previousId", "/groupId", "/traits/email", "/id", "/external_id", "/email");

  private static final JsonMapper PRETTY =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private final Html html;
  private final DashboardServices services;

  SourcesPage(Html html, DashboardServices services) {
    this.html = html;
    this.services = services;
  }

  /** All of them. */
  record View(Frame frame, List<Heard> sources) {}

  /**
   * One of them.
   *
   * @param settings that the policy has of it, and whether each is on
   * @param version of the policy that these settings are of
   * @param keys that write as it, without those that ended
   * @param outcome that is looked for; null: all
   * @param claims the newest first
   * @param refused why claims of late were refused
   * @param older the address of the claims before these; null: there are none
   */
  record SourceView(
      Frame frame,
      Heard heard,
      Map<String, Boolean> settings,
      int version,
      List<Grant> keys,
      @Nullable Outcome outcome,
      List<SentClaim> claims,
      List<Refused> refused,
      @Nullable String older) {

    String path() {
      return SourcesPage.path(heard.source());
    }

    /** Whether it is a query of a warehouse. */
    boolean asked() {
      return heard.source().channel() == Channel.WAREHOUSE;
    }

    static List<Outcome> outcomes() {
      return List.of(Outcome.values());
    }

    /** By what the payload names somebody; empty: by nothing that one would look for. */
    static String who(@Nullable String payload) {
      if (payload == null) {
        return "";
      }
      try {
        JsonNode json = PRETTY.readTree(payload);
        List<String> names = new ArrayList<>();
        for (String each : NAMING) {
          JsonNode value = json.at(each);
          if (value.isValueNode() && !value.isNull() && !value.asString().isBlank()) {
            names.add(value.asString());
          }
        }
        return String.join(" · ", names);
      } catch (JacksonException unreadable) {
        return "";
      }
    }

    /** As a person reads it. */
    static String pretty(String payload) {
      String text;
      try {
        text = PRETTY.writeValueAsString(PRETTY.readTree(payload));
      } catch (JacksonException unreadable) {
        text = payload;
      }
      return text.length() <= LONGEST_PAYLOAD
          ? text
          : text.substring(0, text.offsetByCodePoints(0, text.codePointCount(0, LONGEST_PAYLOAD)))
              + "\n…";
    }

    /** What a setting does, in words. */
    static String words(String setting) {
      return switch (setting) {
        case PolicySettings.TRUSTED -> "Trusted: it may merge users and take an email from another";
        case PolicySettings.MAY_ERASE -> "Its delete events erase users";
        case PolicySettings.LAND_PAGES -> "Page and screen events become rows";
        case PolicySettings.EXTERNAL_ID_IS_OURS -> "Its external ID is the user's own";
        case PolicySettings.CREATES_USERS -> "Records of unknown people become users";
        default -> Shown.words(setting);
      };
    }
  }

  /**
   * One of its claims, decided again.
   *
   * @param user that it would be written to; null: none that is there
   */
  record RetrialView(Frame frame, String source, Retrial retrial, @Nullable UUID user) {

    String path() {
      return "/sources/" + Shown.path(source);
    }

    Receipt now() {
      return Objects.requireNonNull(retrial.now());
    }

    List<Rule> checks() {
      return now().checks().stream().map(Rule::of).toList();
    }

    static String words(Past.Why lost) {
      return switch (lost) {
        case NO_PAYLOAD -> "what it said is not kept.";
        case ERASURE -> "it erased somebody, or lifted what that barred.";
        case INTERNAL_ERROR -> "the program failed on it, and nothing came of it.";
        case SETTING -> "it changed a setting.";
        case UNREADABLE -> "this program does not know its form.";
      };
    }
  }

  /** What the source is, in words. */
  static String kind(Source source) {
    return switch (source.channel()) {
      case SEGMENT -> "Events";
      case BILLING -> "Billing provider";
      case RECORD -> "Records of a tool";
      case CSV -> "CSV files";
      case WAREHOUSE -> "Rows of a warehouse";
      case API -> "Programs, by the Users API";
      case NOTES -> "Notes of programs";
      case INSIGHTS -> "Notes of an integration";
      case ACT -> "People, by hand";
    };
  }

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.get("/sources", this::show, Role.READ);
    routes.get("/sources/{name}", Html.checked(this::one), Role.READ);
    routes.get("/sources/{name}/claims/{position}", this::again, Role.READ);
    routes.post("/sources/{name}", this::change, Role.ADMIN);
  }

  private void show(Context ctx) {
    html.show(ctx, "sources", new View(html.frame(ctx, "Sources", "/sources"), heard()));
  }

  private List<Heard> heard() {
    return services.activity().sources(services.now().minus(DAY));
  }

  private Heard heard(Context ctx) {
    String name = ctx.pathParam("name");
    return heard().stream()
        .filter(each -> each.source().name().equals(name))
        .findFirst()
        .orElseThrow(() -> new Failure(Problem.NOT_FOUND, "There is no source of that name"));
  }

  private void one(Context ctx) {
    Heard heard = heard(ctx);
    Outcome outcome = outcome(Form.parameter(ctx, "outcome"));
    List<Long> positions =
        services
            .activity()
            .positions(
                heard.source().number(), outcome, before(Form.parameter(ctx, "before")), LIMIT + 1);
    List<SentClaim> claims = services.lookup().claims(positions.stream().limit(LIMIT).toList());
    Policies.Shown policy = services.policies().show();
    Map<String, Boolean> settings =
        PRETTY.convertValue(
            policy.policy().path("sources").path(heard.source().name()),
            new TypeReference<Map<String, Boolean>>() {});
    html.show(
        ctx,
        "source",
        new SourceView(
            html.frame(ctx, heard.source().name(), "/sources"),
            heard,
            settings == null ? Map.of() : settings,
            policy.version().number(),
            keys(ctx, heard.source()),
            outcome,
            claims,
            heard.refused() == 0
                ? List.of()
                : services.activity().refused(heard.source().number(), REASONS_OF),
            positions.size() <= LIMIT
                ? null
                : "%s?before=%d%s"
                    .formatted(
                        path(heard.source()),
                        positions.get(LIMIT - 1),
                        outcome == null ? "" : "&outcome=" + outcome.code())));
  }

  /** Decides one of its claims again, as if it came now. */
  private void again(Context ctx) {
    Heard heard = heard(ctx);
    String position = ctx.pathParam("position");
    Retrial retrial =
        position.matches("[1-9]\\d{0,17}")
            ? services.retrials().of(Long.parseLong(position))
            : null;
    if (retrial == null || retrial.then().source() != heard.source().number()) {
      throw new Failure(Problem.NOT_FOUND, "The source said nothing at that place of the ledger");
    }
    Receipt now = retrial.now();
    UUID user = now == null ? null : now.user();
    html.show(
        ctx,
        "retrial",
        new RetrialView(
            html.frame(ctx, "If it came again now", "/sources"),
            heard.source().name(),
            retrial,
            user == null ? null : services.lookup().live(user)));
  }

  private static String path(Source source) {
    return "/sources/" + Shown.path(source.name());
  }

  private List<Grant> keys(Context ctx, Source source) {
    List<Grant> keys = new ArrayList<>();
    for (Grant grant : services.grants(Caller.actor(ctx))) {
      if (source.name().equals(grant.source()) && grant.revokedAt() == null) {
        keys.add(grant);
      }
    }
    return keys;
  }

  private static @Nullable Outcome outcome(@Nullable String code) {
    if (code == null) {
      return null;
    }
    for (Outcome outcome : Outcome.values()) {
      if (outcome.code().equals(code)) {
        return outcome;
      }
    }
    throw new BadSearch("outcome", "There is no outcome " + code);
  }

  private static long before(@Nullable String text) {
    if (text == null) {
      return Long.MAX_VALUE;
    }
    if (!text.matches("\\d{1,18}")) {
      throw new BadSearch("before", "The parameter before is a place in the ledger");
    }
    return Long.parseLong(text);
  }

  /** Turns one of its settings on or off: a new version of the policy. */
  private void change(Context ctx) {
    Heard heard = heard(ctx);
    String setting = Form.entry(ctx, "setting");
    String version = Form.entry(ctx, "version");
    Policies.Shown policy = services.policies().show();
    ObjectNode whole = (ObjectNode) policy.policy().deepCopy();
    JsonNode source = whole.path("sources").path(heard.source().name());
    if (!source.has(setting)) {
      throw new Failure(
          Problem.INVALID_PARAMETER,
          "Of the source %s one can set %s"
              .formatted(heard.source().name(), String.join(", ", source.propertyNames())));
    }
    ((ObjectNode) source).put(setting, Form.entry(ctx, "to").equals("on"));
    services.policies().set(whole.toString(), Form.version(version), Caller.actor(ctx), false);
    Html.go(ctx, path(heard.source()) + "?done=saved");
  }
}
