package dev.selfsame.dashboard;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.http.Caller;
import dev.selfsame.http.Role;
import dev.selfsame.policy.Policies;
import dev.selfsame.policy.PolicyCheck;
import dev.selfsame.store.StoredPolicies.Change;
import dev.selfsame.store.StoredPolicies.Version;
import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What claims are decided under: as a form or as the file, and what a change would make of it. */
final class PolicyPage implements Page {

  private static final String PATH = "/settings/policy";

  /** Claims that a preview decides again: while somebody waits. */
  private static final int CHECKED = 2_000;

  private static final int VERSIONS = 10;

  /** Keys of the form, with the one above them before a dot. */
  private static final List<String> FLAGS =
      List.of(
          "merge_on_email_change",
          "match_on_billing_id",
          "match_previous_emails",
          "notes_fill_email");

  private static final List<String> LISTS =
      List.of("blocked_values", "never_match_emails", "free_mail_domains");
  private static final List<String> NUMBERS =
      List.of(
          "limits.identifiers_per_user",
          "limits.merges_per_user",
          "limits.id_characters",
          "limits.email_characters");
  private static final List<String> ORDERS = List.of("survivorship.email", "survivorship.name");
  private static final String TRAITS = "traits";

  private final Html html;
  private final Policies policies;

  PolicyPage(Html html, Policies policies) {
    this.html = html;
    this.policies = policies;
  }

  /** What a change would do. */
  record Preview(Change change, PolicyCheck.Report report) {}

  /**
   * What the page shows.
   *
   * @param asFile whether the file is shown, not the form
   * @param version that was looked at when it was typed
   * @param entries of the form, by key
   * @param file as it was typed, or says what the form says
   * @param preview null: it was not asked for
   * @param fault what is wrong with it; null: nothing
   */
  record View(
      Frame frame,
      boolean asFile,
      int version,
      List<Version> versions,
      Map<String, String> entries,
      String file,
      @Nullable Preview preview,
      @Nullable String fault) {

    String entry(String key) {
      return entries.getOrDefault(key, "");
    }

    /** What is wrong with that key: refusals name it. */
    @Nullable String fault(String key) {
      String said = fault;
      return said != null && said.contains(key) ? said : null;
    }

    /** What is wrong with none of the entries in sight. */
    @Nullable String otherFault() {
      boolean beside = !asFile && entries.keySet().stream().anyMatch(key -> fault(key) != null);
      return beside ? null : fault;
    }

    static String title(String key) {
      return switch (key) {
        case "merge_on_email_change" -> "Merge when a user takes over another's email";
        case "match_on_billing_id" -> "A billing ID finds users without an ID";
        case "match_previous_emails" -> "An email that was replaced still finds its user";
        case "blocked_values" -> "Values that identify nobody";
        case "never_match_emails" -> "Emails that match nobody";
        case "notes_fill_email" -> "A note's email goes to a user without one";
        case "free_mail_domains" -> "Email domains that are no company's";
        case "limits.identifiers_per_user" -> "Identifiers of one user";
        case "limits.merges_per_user" -> "Merges of one user";
        case "limits.id_characters" -> "Characters of an ID";
        case "limits.email_characters" -> "Characters of an email";
        case "survivorship.email" -> "Whose email shows";
        case "survivorship.name" -> "Whose name shows";
        case TRAITS -> "Traits that become users' own";
        default -> key;
      };
    }

    static List<String> flags() {
      return FLAGS;
    }

    static List<String> numbers() {
      return NUMBERS;
    }

    static List<String> lists() {
      return LISTS;
    }

    static List<String> orders() {
      return ORDERS;
    }
  }

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.get(PATH, this::show, Role.ADMIN);
    routes.post(PATH, this::change, Role.ADMIN);
  }

  private void show(Context ctx) {
    Policies.Shown standing = policies.show();
    show(
        ctx,
        "file".equals(ctx.queryParam("as")),
        standing.version().number(),
        entries(standing.policy()),
        standing.yaml(),
        null,
        null);
  }

  private void show(
      Context ctx,
      boolean asFile,
      int version,
      Map<String, String> entries,
      String file,
      @Nullable Preview preview,
      @Nullable String fault) {
    html.show(
        ctx,
        "policy",
        new View(
            html.frame(ctx, "Policy", "/settings"),
            asFile,
            version,
            policies.versions().stream().limit(VERSIONS).toList(),
            entries,
            file,
            preview,
            fault));
  }

  private void change(Context ctx) {
    boolean asFile = Form.entry(ctx, "as").equals("file");
    int version = Form.version(Form.entry(ctx, "version"));
    JsonNode standing = policies.show().policy();
    Map<String, String> entries = asFile ? entries(standing) : typed(ctx);
    String file =
        asFile
            ? Form.entry(ctx, "file").replace("\r\n", "\n")
            : Policies.yaml(policy(standing, entries));
    try {
      switch (Form.entry(ctx, "action")) {
        case "preview" -> {
          Change change = policies.set(file, version, Caller.actor(ctx), true);
          PolicyCheck.Report report = policies.check(file, CHECKED, decided -> {});
          show(ctx, asFile, version, entries, file, new Preview(change, report), null);
        }
        case "save" -> {
          policies.set(file, version, Caller.actor(ctx), false);
          Html.go(ctx, PATH + "?done=saved" + (asFile ? "&as=file" : ""));
        }
        default -> throw new Failure(Problem.INVALID_PARAMETER, "The action is preview or save");
      }
    } catch (Failure refused) {
      boolean named =
          Set.of(
                  Problem.POLICY_INVALID,
                  Problem.POLICY_CHANGED,
                  Problem.EMAILS_SHARED,
                  Problem.TOO_BUSY)
              .contains(refused.problem());
      if (!named) {
        throw refused;
      }
      ctx.status(refused.problem() == Problem.POLICY_INVALID ? 400 : 409);
      show(ctx, asFile, version, entries, file, null, refused.getMessage());
    }
  }

  private static Map<String, String> entries(JsonNode policy) {
    Map<String, String> entries = new LinkedHashMap<>();
    entries.put("emails", policy.path("emails").asString());
    for (String key : FLAGS) {
      entries.put(key, policy.path(key).asBoolean() ? "yes" : "");
    }
    for (String key : LISTS) {
      entries.put(key, joined(policy.path(key), "\n"));
    }
    for (String key : NUMBERS) {
      entries.put(key, at(policy, key).asString());
    }
    for (String key : ORDERS) {
      JsonNode order = at(policy, key);
      entries.put(key, order.isArray() ? joined(order, ", ") : order.asString());
    }
    JsonNode traits = policy.path(TRAITS);
    entries.put(TRAITS, traits.isArray() ? joined(traits, ", ") : traits.asString());
    return entries;
  }

  private static JsonNode at(JsonNode policy, String key) {
    return policy.at("/" + key.replace('.', '/'));
  }

  private static String joined(JsonNode list, String by) {
    StringBuilder text = new StringBuilder();
    list.forEach(each -> text.append(text.isEmpty() ? "" : by).append(each.asString()));
    return text.toString();
  }

  private static Map<String, String> typed(Context ctx) {
    Map<String, String> entries = new LinkedHashMap<>();
    entries.put("emails", Form.entry(ctx, "emails"));
    for (List<String> keys : List.of(FLAGS, LISTS, NUMBERS, ORDERS)) {
      for (String key : keys) {
        entries.put(key, Form.entry(ctx, key).strip());
      }
    }
    entries.put(TRAITS, Form.entry(ctx, TRAITS).strip());
    return entries;
  }

  /** The policy that the entries say; its sources stay as they are. */
  private static ObjectNode policy(JsonNode standing, Map<String, String> entries) {
    ObjectNode policy = (ObjectNode) standing.deepCopy();
    policy.put("emails", entries.get("emails"));
    for (String key : FLAGS) {
      policy.put(key, "yes".equals(entries.get(key)));
    }
    for (String key : LISTS) {
      list(policy.putArray(key), entries.getOrDefault(key, ""), "\\R");
    }
    for (String key : NUMBERS) {
      String text = entries.getOrDefault(key, "");
      ObjectNode limits = (ObjectNode) policy.path("limits");
      String name = key.substring(key.indexOf('.') + 1);
      if (text.matches("\\d{1,9}")) {
        limits.put(name, Integer.parseInt(text));
      } else {
        limits.put(name, text);
      }
    }
    for (String key : ORDERS) {
      String text = entries.getOrDefault(key, "");
      ObjectNode survivorship = (ObjectNode) policy.path("survivorship");
      String name = key.substring(key.indexOf('.') + 1);
      if (text.equals("latest") || text.equals("first")) {
        survivorship.put(name, text);
      } else {
        list(survivorship.putArray(name), text, "[,\\s]+");
      }
    }
    String traits = entries.getOrDefault(TRAITS, "");
    if (traits.isEmpty() || traits.equals("none") || traits.equals("all")) {
      policy.put(TRAITS, traits.isEmpty() ? "none" : traits);
    } else {
      list(policy.putArray(TRAITS), traits, ",");
    }
    return policy;
  }

  private static void list(ArrayNode list, String text, String between) {
    for (String each : text.split(between, -1)) {
      if (!each.isBlank()) {
        list.add(each.strip());
      }
    }
  }
}
