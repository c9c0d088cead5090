package dev.selfsame.resolution;

import dev.selfsame.identity.Account;
import dev.selfsame.identity.Channel;
import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Field;
import dev.selfsame.identity.Held;
import dev.selfsame.identity.Identifier;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.Instead;
import dev.selfsame.identity.Merge;
import dev.selfsame.identity.Part;
import dev.selfsame.identity.Raw;
import dev.selfsame.identity.Source;
import dev.selfsame.identity.User;
import dev.selfsame.identity.Users;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The language of the spec files: users, switches and claims as short words. {@code
 * resolution/README.md} beside the files describes it.
 */
final class Notation {

  static final Source SEGMENT = Source.segment(1, "segment");

  /** Events of a source that is not trusted. */
  static final Source BROWSER = Source.segment(9, "browser").withTrusted(false);

  static final Source WAREHOUSE = Source.warehouse(10, "warehouse");

  static final Source CSV = Source.csv(20);
  static final Source API = Source.api(23, "api");
  static final Source NOTES = Source.notes(24, "notes");
  static final Source INSIGHTS = Source.insights(25, "insights");
  static final Source ACTS = Source.acts(21);

  /** Of the Users API: sent as null. */
  private static final String CLEARED = "∅";

  private static final Map<String, Source> TOOLS = tools();

  private static final Pattern SPECIAL = Pattern.compile("‹(?:(\\d+)×(.+?)|(\\p{XDigit}+))›");
  private static final Pattern USER = Pattern.compile("(u\\d+)\\{([^}]*)}");
  private static final Pattern TOKEN = Pattern.compile("([a-z_]+)([=+-])(.*?)(?:\\(([^()]*)\\))?");

  private Notation() {}

  private static Map<String, Source> tools() {
    Map<String, Source> tools = new LinkedHashMap<>();
    tools.put("stripe", Source.billing(2, "stripe", IdentifierType.STRIPE_ID));
    tools.put("chargebee", Source.billing(3, "chargebee", IdentifierType.CHARGEBEE_ID));
    tools.put("zendesk", Source.record(4, "zendesk", new IdentifierType("zendesk_id"), true));
    tools.put("intercom", Source.record(5, "intercom", new IdentifierType("intercom_id"), true));
    tools.put(
        "salesforce", Source.record(6, "salesforce", new IdentifierType("salesforce_id"), false));
    tools.put("hubspot", Source.record(7, "hubspot", new IdentifierType("hubspot_id"), false));
    tools.put(
        "mailchimp", Source.record(8, "mailchimp", new IdentifierType("mailchimp_id"), false));
    tools.put("warehouse", WAREHOUSE);
    // Who is known by nothing but a fallback id came from there.
    tools.put("fallback", WAREHOUSE);
    return tools;
  }

  static Source tool(String name) {
    Source tool = TOOLS.get(name);
    if (tool == null) {
      throw new IllegalArgumentException("No tool " + name);
    }
    return tool;
  }

  /** A tool, {@code segment}, {@code browser}, {@code csv} or {@code hand}; or null. */
  static @Nullable Source source(String name) {
    return switch (name) {
      case "segment" -> SEGMENT;
      case "browser" -> BROWSER;
      case "csv" -> CSV;
      case "hand" -> ACTS;
      case "api" -> API;
      case "notes" -> NOTES;
      case "insights" -> INSIGHTS;
      default -> TOOLS.get(name);
    };
  }

  private static String source(int number) {
    for (Source tool : TOOLS.values()) {
      if (tool.number() == number) {
        return tool.name();
      }
    }
    return number == SEGMENT.number()
        ? "segment"
        : number == BROWSER.number()
            ? "browser"
            : List.of(CSV, API, NOTES, INSIGHTS).stream()
                .filter(source -> source.number() == number)
                .findFirst()
                .map(Source::name)
                .orElse("hand");
  }

  // Values: visible signs for invisible characters.

  static String decode(String text) {
    if (text.equals("\"\"")) {
      return "";
    }
    Matcher matcher = SPECIAL.matcher(text.replace('␣', ' '));
    return matcher.replaceAll(found -> {
      String times = found.group(1);
      String value =
          times == null
              ? codePoint(Integer.parseInt(found.group(3), 16))
              : found.group(2).repeat(Integer.parseInt(times));
      return Matcher.quoteReplacement(value);
    });
  }

  /** A lone surrogate is one char, which {@link Character#toString(int)} makes too. */
  private static String codePoint(int value) {
    return Character.toString(value);
  }

  static String encode(String value) {
    if (value.isEmpty()) {
      return "\"\"";
    }
    int[] points = value.codePoints().toArray();
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < points.length; ) {
      int run = 1;
      while (i + run < points.length && points[i + run] == points[i]) {
        run++;
      }
      boolean many = run > 20;
      text.append(
          many
              ? "‹" + run + "×" + Character.toString(points[i]) + "›"
              : visible(points[i]).repeat(run));
      i += run;
    }
    return text.toString();
  }

  private static String visible(int point) {
    int type = Character.getType(point);
    boolean unseen =
        type == Character.CONTROL
            || type == Character.FORMAT
            || type == Character.SURROGATE
            || (Character.isSpaceChar(point) && point != ' ');
    if (unseen || "|{}(),‹›".indexOf(point) >= 0) {
      return "‹" + Integer.toHexString(point).toUpperCase(Locale.ROOT) + "›";
    }
    return point == ' ' ? "␣" : Character.toString(point);
  }

  static Raw raw(@Nullable String word) {
    if (word == null || word.equals("-") || word.equals(CLEARED)) {
      return Raw.ABSENT;
    }
    return switch (word.charAt(0)) {
      case '#' -> new Raw.Number(word.substring(1));
      case '%' -> new Raw.Other(word.substring(1));
      default -> Raw.text(decode(word));
    };
  }

  private static IdentifierType type(String word) {
    return switch (word) {
      case "ext" -> IdentifierType.EXTERNAL_ID;
      case "email" -> IdentifierType.EMAIL;
      case "fallback" -> IdentifierType.fallback(WAREHOUSE.name());
      default -> new IdentifierType(word + "_id");
    };
  }

  static String word(IdentifierType type) {
    if (type.equals(IdentifierType.EXTERNAL_ID)) {
      return "ext";
    }
    return type.kind() == IdentifierType.Kind.FALLBACK
        ? "fallback"
        : type.name().replaceFirst("_id$", "");
  }

  /**
   * An identifier by its full name, such as {@code stripe_id:cus_1}; the type of a fallback id has
   * a colon of its own.
   */
  static Identifier identifier(String text) {
    int colon = text.indexOf(':', text.startsWith("fallback:") ? "fallback:".length() : 0);
    return new Identifier(
        new IdentifierType(text.substring(0, colon)), decode(text.substring(colon + 1)));
  }

  private static UUID user(String label) {
    return Space.id(Integer.parseInt(label.substring(1)));
  }

  static String labels(Collection<UUID> ids) {
    return String.join(" ", ids.stream().map(Space::label).sorted().toList());
  }

  // The space before: [switches] u1{…}+u2{…} account acme{…}

  static void fill(Space space, String text) {
    String rest = text.strip();
    if (rest.startsWith("[")) {
      int end = rest.indexOf("] ") < 0 ? rest.length() - 1 : rest.indexOf("] ");
      for (String word : words(rest.substring(1, end))) {
        switchOn(space, word);
      }
      rest = rest.substring(end + 1).strip();
    }
    Map<UUID, Set<UUID>> bars = new HashMap<>();
    List<List<Part>> groups = new ArrayList<>();
    List<String> accounts = new ArrayList<>();
    for (String group : rest.split("(?<=}) +", -1)) {
      if (group.startsWith("account ")) {
        accounts.add(group);
      } else if (!group.isEmpty()) {
        groups.add(parts(group, bars));
      }
    }
    for (List<Part> group : groups) {
      space.put(
          together(
              group.stream()
                  .map(part -> part.withBars(bars.getOrDefault(part.id(), Set.of())))
                  .toList()));
    }
    accounts.forEach(account -> account(space, account));
    space.position = 100;
  }

  private static List<Part> parts(String group, Map<UUID, Set<UUID>> bars) {
    List<Part> parts = new ArrayList<>();
    for (String text : group.split("(?<=})\\+", -1)) {
      Matcher matcher = USER.matcher(text);
      if (!matcher.matches()) {
        throw new IllegalArgumentException("A user is written u1{ext=id1 …}; got " + text);
      }
      parts.add(part(user(matcher.group(1)), words(matcher.group(2)), bars));
    }
    return parts;
  }

  /**
   * Values of a part that no external id names were set by the tool whose record it is; of any
   * other by Segment.
   */
  private static Part part(UUID id, List<String> words, Map<UUID, Set<UUID>> bars) {
    Part part = Part.created(id, id.getLeastSignificantBits() & 0xffff, Space.time("10:00"));
    Source source =
        words.stream().anyMatch(word -> word.startsWith("ext"))
            ? SEGMENT
            : words.stream()
                .map(word -> TOOLS.get(word.split("[=+-]", 2)[0]))
                .filter(tool -> tool != null)
                .findFirst()
                .orElse(SEGMENT);
    for (String word : words) {
      Matcher token = TOKEN.matcher(word);
      if (!token.matches()) {
        throw new IllegalArgumentException("A value is written type=value; got " + word);
      }
      String value = decode(token.group(3));
      Set<String> notes = notes(token.group(4));
      Source by =
          notes.stream()
              .map(Notation::source)
              .filter(named -> named != null)
              .findFirst()
              .orElse(source);
      boolean tool = by.channel() == Channel.BILLING || by.channel() == Channel.RECORD;
      boolean weak = notes.contains("weak") || (tool && !notes.contains("strong"));
      long at =
          notes.stream()
              .filter(note -> note.contains(":"))
              .findFirst()
              .map(Space::time)
              .orElse(Space.time("10:00"));
      if (token.group(1).equals("name")) {
        part = part.withName(new Field(value, at, part.createdPosition(), by.number(), weak));
      } else if (token.group(1).equals("bars")) {
        for (String other : value.split(",", -1)) {
          bars.computeIfAbsent(id, key -> new HashSet<>()).add(user(other));
          bars.computeIfAbsent(user(other), key -> new HashSet<>()).add(id);
        }
      } else {
        part =
            part.with(
                new Held(
                    new Identifier(type(token.group(1)), value),
                    value,
                    token.group(2).equals("="),
                    notes.contains("deleted"),
                    weak,
                    by.number(),
                    at,
                    part.createdPosition(),
                    at,
                    at));
      }
    }
    return part;
  }

  private static Set<String> notes(@Nullable String text) {
    return text == null ? Set.of() : Set.copyOf(Arrays.asList(text.split(",", -1)));
  }

  /** The first part absorbed the others, as by K10. */
  private static User together(List<Part> parts) {
    User user = User.of(parts.getFirst());
    for (Part other : parts.subList(1, parts.size())) {
      Merge merge = new Merge(50 + user.parts().size(), 0, user.id(), other.id(), "K10", Map.of());
      user = User.merged(user, User.of(other), merge);
    }
    return user;
  }

  private static void account(Space space, String text) {
    String name = text.substring("account ".length(), text.indexOf('{'));
    Map<String, String> values =
        values(words(text.substring(text.indexOf('{') + 1, text.length() - 1)));
    Account account =
        new Account(
            new UUID(0xacc, space.accounts.size()),
            decode(name),
            field(values.get("name")),
            field(values.get("domain")));
    space.put(account);
    String users = values.get("users");
    if (users != null) {
      for (String user : users.split(",", -1)) {
        space.link(
            new Decision.Link(account.id(), user(user)), new Users.Link(1, SEGMENT.number()));
      }
    }
  }

  private static @Nullable Field field(@Nullable String value) {
    return value == null
        ? null
        : new Field(decode(value), Space.time("10:00"), 1, SEGMENT.number(), false);
  }

  private static void switchOn(Space space, String word) {
    int equals = word.indexOf('=');
    String name = word.substring(0, equals);
    String value = word.substring(equals + 1);
    if (name.equals("suppressed")) {
      for (String identifier : value.split(",", -1)) {
        space.suppress(identifier(identifier));
      }
    } else if (name.equals("open")) {
      space.users.openFlag(value);
    } else {
      space.obey(Policies.with(space.policy, name, value));
    }
  }

  // The space after: each live user as it shows, u1+u2{ext=id1 ext+id2 …}

  /**
   * Every live user and account on a line of its own; values with all that can be noted of them.
   */
  static Map<String, List<String>> show(Space space) {
    Map<String, List<String>> shown = new LinkedHashMap<>();
    for (User user : space.all()) {
      List<UUID> absorbed =
          user.parts().stream().map(Part::id).filter(id -> !id.equals(user.id())).toList();
      String label =
          Space.label(user.id())
              + (absorbed.isEmpty() ? "" : "+" + labels(absorbed).replace(' ', '+'));
      shown.put(label, show(user));
    }
    for (Account account : space.accounts.values()) {
      List<String> words = new ArrayList<>();
      if (account.name() != null) {
        words.add("name=" + encode(account.name().value()));
      }
      if (account.domain() != null) {
        words.add("domain=" + encode(account.domain().value()));
      }
      List<UUID> linked =
          space.links.keySet().stream()
              .filter(link -> link.account().equals(account.id()))
              .map(link -> space.users.user(link.part()))
              .flatMap(user ->
                  user == null
                      ? java.util.stream.Stream.of()
                      : java.util.stream.Stream.of(user.id()))
              .distinct()
              .toList();
      if (!linked.isEmpty()) {
        words.add("users=" + labels(linked).replace(' ', ','));
      }
      shown.put("account " + encode(account.externalId()), words);
    }
    return shown;
  }

  static List<String> show(User user) {
    Map<String, String> marks = new LinkedHashMap<>();
    for (Part part : user.parts()) {
      for (Held held : part.identifiers()) {
        String mark = shown(user, held) ? "=" : held.matches() ? "+" : "-";
        String noted =
            "("
                + (held.deleted() ? "deleted," : "")
                + (held.weak() ? "weak," : "strong,")
                + source(held.source())
                + ","
                + Space.clock(held.at())
                + ",as:"
                + encode(held.display())
                + ")";
        String value = word(held.type()) + "?" + encode(held.value());
        String before = marks.get(value);
        if (before == null || "=+-".indexOf(mark) < "=+-".indexOf(before.charAt(0))) {
          marks.put(value, mark + noted);
        }
      }
    }
    List<String> words = new ArrayList<>();
    marks.forEach((value, mark) ->
        words.add(
            value.replaceFirst("\\?", Matcher.quoteReplacement(mark.substring(0, 1)))
                + mark.substring(1)));
    Field name = user.name();
    if (name != null) {
      words.add(
          "name="
              + encode(name.value())
              + "("
              + (name.weak() ? "weak," : "strong,")
              + source(name.source())
              + ","
              + Space.clock(name.at())
              + ")");
    }
    Set<UUID> bars = new HashSet<>();
    user.parts().forEach(part -> bars.addAll(part.bars()));
    if (!bars.isEmpty()) {
      words.add("bars=" + labels(bars).replace(' ', ','));
    }
    return words;
  }

  private static boolean shown(User user, Held held) {
    Held shown =
        switch (held.type().kind()) {
          case EXTERNAL -> user.externalId();
          case EMAIL -> user.email();
          case BILLING -> user.billingId(held.type());
          case RECORD, FALLBACK -> held.current() ? held : null;
        };
    return shown != null && shown.id().equals(held.id()) && held.current();
  }

  // Claims

  static Claim claim(String text, String defaultTime) {
    List<String> words = words(text);
    long at = Space.time(defaultTime);
    List<String> modifiers = new ArrayList<>();
    while (List.of("untrusted", "may-erase", "no-create", "ours", "update-only")
        .contains(words.getFirst())) {
      modifiers.add(words.removeFirst());
    }
    if (words.getLast().startsWith("@")) {
      at = Space.time(words.removeLast().substring(1));
    }
    String verb = words.removeFirst();
    List<String> plain =
        words.stream().filter(word -> word.indexOf('=') < 1 || word.startsWith("‹")).toList();
    Map<String, String> values = values(words);
    String first = plain.isEmpty() ? "-" : plain.getFirst();
    Source segment = modified(SEGMENT, modifiers);
    return switch (verb) {
      case "identify" ->
          new Claim.Identify(
              segment,
              at,
              raw(first),
              value(values, "name"),
              value(values, "email"),
              value(values, "billing"),
              value(values, "billingId"));
      case "alias" -> new Claim.Alias(segment, at, raw(first), raw(plain.get(2)));
      case "group" ->
          new Claim.Group(
              segment,
              at,
              raw(first),
              raw(plain.size() > 1 ? plain.get(1) : "-"),
              value(values, "name"),
              value(values, "domain"));
      case "delete" -> new Claim.Delete(segment, at, raw(first));
      case "track", "page", "screen" -> new Claim.Event(segment, at, verb);
      case "stripe", "chargebee" ->
          new Claim.Customer(
              modified(tool(verb), modifiers),
              at,
              raw(first),
              value(values, "email"),
              value(values, "name"),
              plain.contains("deleted"));
      case "row" -> row(at, values);
      case "warehouse" ->
          new Claim.WarehouseRow(
              modified(WAREHOUSE, modifiers),
              at,
              raw(first),
              value(values, values.containsKey("fallback") ? "fallback" : "fallback-email"),
              values.containsKey("fallback-email"),
              value(values, "name"),
              value(values, "email"),
              accounts(values.get("accounts")),
              plain.contains("replace"),
              value(values, "account-name"),
              plain.contains("again"));
      case "api" -> api(at, first, values);
      case "note", "insight" ->
          new Claim.Note(
              verb.equals("note") ? NOTES : INSIGHTS,
              at,
              raw(first),
              value(values, "email"),
              value(values, "company"),
              value(values, "domain"));
      case "create-account", "change-account" ->
          new Claim.PutAccount(
              API,
              at,
              verb.equals("create-account"),
              raw(first),
              value(values, "name"),
              value(values, "domain"),
              plain.contains("traits"),
              plain.contains("no-name")
                  ? Set.of("name")
                  : plain.contains("no-domain") ? Set.of("domain") : Set.of());
      case "delete-account" -> new Claim.DeleteAccount(ACTS, at, first);
      case "merge-accounts" -> new Claim.MergeAccounts(ACTS, at, first, plain.get(2));
      case "link", "choose", "take-off", "take-over" ->
          new Claim.LinkAccount(
              API,
              at,
              first,
              user(plain.get(1)),
              switch (verb) {
                case "link" -> Claim.LinkAccount.Linking.LINKED;
                case "choose" -> Claim.LinkAccount.Linking.CHOSEN;
                case "take-off" -> Claim.LinkAccount.Linking.UNLINKED;
                default -> Claim.LinkAccount.Linking.BY_DOMAIN;
              },
              value(values, "domain"));
      case "merge" -> byHand(at, plain, values);
      case "erase" -> erase(at, plain, values);
      case "unsuppress" -> new Claim.Lift(ACTS, at, "ann", identifier(first));
      case "undo" ->
          new Claim.UndoMerge(
              ACTS,
              at,
              "ann",
              Space.LATEST,
              0,
              user(plain.get(0)),
              user(plain.get(1)),
              List.of(),
              Map.of());
      case "unlink" -> unlink(at, values, user(plain.getFirst()));
      case "move" -> move(at, words, values);
      case "keep-apart", "lift" -> keepApart(at, plain, verb.equals("lift"));
      case "dismiss" ->
          new Claim.SettleFlag(ACTS, at, "ann", first, ids(plain.subList(1, plain.size())), null);
      case "settle" -> {
        Claim act = claim(text.strip().replaceFirst("settle +\\S+ +", ""), defaultTime);
        yield new Claim.SettleFlag(ACTS, at, "ann", first, List.of(), act);
      }
      default ->
          new Claim.ToolRecord(
              modified(tool(verb), modifiers),
              at,
              raw(first),
              value(values, "ext"),
              value(values, "email"),
              value(values, "name"),
              plain.contains("deleted"),
              value(values, "into"));
    };
  }

  private static List<Raw> accounts(@Nullable String ids) {
    return ids == null ? List.of() : Arrays.stream(ids.split(",", -1)).map(Notation::raw).toList();
  }

  /** What the ledger says of it comes with {@link Space#known}. */
  private static Claim unlink(long at, Map<String, String> values, UUID user) {
    Map.Entry<String, String> named = values.entrySet().iterator().next();
    Identifier identifier = new Identifier(type(named.getKey()), named.getValue());
    Part nothing = Part.created(user, 0, 0);
    return new Claim.UndoLink(
        ACTS,
        at,
        "ann",
        Space.LATEST,
        0,
        user,
        new Instead(nothing, nothing),
        nothing,
        Set.of(identifier),
        List.of(),
        List.of(),
        List.of());
  }

  private static Source modified(Source source, List<String> modifiers) {
    Source now = source;
    for (String modifier : modifiers) {
      now =
          switch (modifier) {
            case "untrusted" -> now.equals(SEGMENT) ? BROWSER : now.withTrusted(false);
            case "may-erase" -> now.withMayErase(true);
            case "no-create", "update-only" -> now.withCreatesUsers(false);
            default ->
                new Source(
                    now.number(),
                    now.name(),
                    now.channel(),
                    now.trusted(),
                    now.mayErase(),
                    now.idType(),
                    true,
                    now.createsUsers());
          };
    }
    return now;
  }

  private static Claim row(long at, Map<String, String> values) {
    String id = values.get("id");
    Raw user = id != null && id.matches("u\\d+") ? Raw.text(user(id).toString()) : raw(id);
    Claim.CsvRow.Exported asOf =
        values.keySet().stream().noneMatch(key -> key.startsWith("was."))
            ? null
            : new Claim.CsvRow.Exported(
                values.get("was.ext"),
                values.get("was.name"),
                values.get("was.email"),
                values.get("was.billing"));
    return new Claim.CsvRow(
        CSV,
        at,
        user,
        value(values, "ext"),
        value(values, "name"),
        value(values, "email"),
        value(values, "billing"),
        asOf);
  }

  /** api u1 ext=id1 email=∅ zendesk=5; without a user it creates one. */
  private static Claim api(long at, String user, Map<String, String> values) {
    Set<String> cleared = new HashSet<>();
    List<Claim.ApiUser.RecordId> records = new ArrayList<>();
    values.forEach((field, value) -> {
      if (value.equals(CLEARED)) {
        cleared.add(field.equals("name") ? User.NAME : type(field).name());
      } else if (TOOLS.containsKey(field)) {
        records.add(new Claim.ApiUser.RecordId(type(field), raw(value)));
      }
    });
    return new Claim.ApiUser(
        API,
        at,
        user.equals("-") ? null : user(user),
        value(values, "ext"),
        value(values, "name"),
        value(values, "email"),
        value(values, "billing"),
        records,
        cleared);
  }

  private static Claim keepApart(long at, List<String> users, boolean lift) {
    return new Claim.KeepApart(ACTS, at, "ann", ids(users), lift);
  }

  private static List<UUID> ids(List<String> users) {
    return users.stream().map(Notation::user).toList();
  }

  private static Claim byHand(long at, List<String> users, Map<String, String> values) {
    Map<String, UUID> fields = new HashMap<>();
    values.forEach((field, user) -> {
      if (!field.equals("survivor")) {
        String name = field.equals("name") ? User.NAME : type(field).name();
        fields.put(name, user(user));
      }
    });
    String survivor = values.get("survivor");
    return new Claim.MergeByHand(
        ACTS, at, "ann", ids(users), survivor == null ? null : user(survivor), fields);
  }

  /** move email=a@x.com u1 -> u2 current=yes. */
  private static Claim move(long at, List<String> words, Map<String, String> values) {
    String what = words.getFirst();
    int equals = what.indexOf('=');
    String current = values.get("current");
    return new Claim.MoveIdentifier(
        ACTS,
        at,
        "ann",
        type(what.substring(0, equals)),
        raw(what.substring(equals + 1)),
        user(words.get(1)),
        user(words.get(3)),
        current == null ? null : current.equals("yes"));
  }

  private static Claim erase(long at, List<String> words, Map<String, String> values) {
    return new Claim.Erase(
        ACTS,
        at,
        "ann",
        values.entrySet().stream()
            .map(value -> new Identifier(type(value.getKey()), decode(value.getValue())))
            .toList(),
        words.stream().filter(word -> word.matches("u\\d+")).map(Notation::user).toList(),
        words.contains("suppress"));
  }

  private static Raw value(Map<String, String> values, String key) {
    return raw(values.get(key));
  }

  private static Map<String, String> values(List<String> words) {
    Map<String, String> values = new LinkedHashMap<>();
    for (String word : words) {
      int equals = word.indexOf('=');
      if (equals > 0) {
        values.put(word.substring(0, equals), word.substring(equals + 1));
      }
    }
    return values;
  }

  static List<String> words(String text) {
    List<String> words = new ArrayList<>(Arrays.asList(text.strip().split("\\s+", -1)));
    words.removeIf(String::isEmpty);
    return words;
  }
}
