package dev.selfsame.lookup;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Nearest;
import dev.selfsame.error.Problem;
import dev.selfsame.identity.Held;
import dev.selfsame.identity.Identifier;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.Normalised;
import dev.selfsame.identity.Normalised.Cause;
import dev.selfsame.identity.Part;
import dev.selfsame.identity.Raw;
import dev.selfsame.identity.Source;
import dev.selfsame.identity.User;
import dev.selfsame.lookup.Match.MatchedUser;
import dev.selfsame.resolution.Policy;
import dev.selfsame.resolution.Values;
import dev.selfsame.store.FoundIdentifier;
import dev.selfsame.store.FoundUser;
import dev.selfsame.store.SpaceSettings;
import dev.selfsame.store.UserFilter;
import dev.selfsame.store.UserHistory.Line;
import dev.selfsame.store.UserHistory.Moment;
import dev.selfsame.store.UserQueries;
import dev.selfsame.store.UserQueries.Hit;
import dev.selfsame.store.UserQueries.Holder;
import dev.selfsame.store.UserQueries.Holders;
import dev.selfsame.store.UserQueries.Holding;
import dev.selfsame.store.UserQueries.Listed;
import dev.selfsame.store.UserQueries.Place;
import java.text.Normalizer;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Finds users as resolution would: values are normalised as a claim's are, and found through
 * aliases and absorbed users. A value that can identify nobody finds nobody. Thread-safe.
 */
public final class Lookup {

  /** How many decisions an explanation tells of one user. */
  static final int EXPLAINED = 1_000;

  /** How many values are looked up at once. */
  public static final int MOST_ASKED = 1_000;

  /** How many users a value that they share is answered with. */
  static final int TOLD = 20;

  /** How many ids an answer has: that of a thousand values must fit into memory. */
  static final int MOST_IDS = 200_000;

  /** How many users a message names that hold one identifier. */
  private static final int TOLD_OF_SEVERAL = 10;

  /** How often a filtered search looks further for one page. */
  private static final int MOST_ROUNDS = 20;

  private static final int FIRST_YEAR = 1970;
  private static final int LAST_YEAR = 9999;

  private static final Pattern ID =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

  /** The types that are there from the start; sources bring others. */
  private static final List<String> TYPES =
      List.of(
          "external_id",
          "email",
          "stripe_id",
          "chargebee_id",
          "billing_id",
          "zendesk_id",
          "salesforce_id",
          "intercom_id",
          "mailchimp_id",
          "hubspot_id");

  private static final Pattern FALLBACK = Pattern.compile("fallback:.{1,100}");
  private static final int LONGEST_TYPE = 40;

  private static final List<IdentifierType> BILLING =
      List.of(IdentifierType.STRIPE_ID, IdentifierType.CHARGEBEE_ID, IdentifierType.BILLING_ID);

  private final UserQueries users;

  public Lookup(UserQueries users) {
    this.users = users;
  }

  /**
   * The users that a search finds.
   *
   * @throws BadSearch if it cannot be meant
   */
  public Found<FoundUser> find(Search search) {
    if (search.limit() < 1 || search.limit() > Search.MOST) {
      throw new BadSearch(
          "limit", "The limit is %d; expected 1 to %d".formatted(search.limit(), Search.MOST));
    }
    checkSource(search.filter());
    boolean conditions =
        search.externalId() != null
            || search.email() != null
            || search.billingId() != null
            || search.identifier() != null;
    if (search.q() == null) {
      return conditions ? holding(search) : everybody(search);
    }
    if (conditions) {
      throw new BadSearch(
          "q",
          "A search by q cannot be narrowed by externalId, email, billingId or identifier; give one"
              + " or the other");
    }
    return startingWith(search, search.q());
  }

  /**
   * The users that a filter lets through, those who were created last first.
   *
   * @param cursor where the page before ended; null: the first
   * @return fewer than the limit, with a place to go on, where few pass the filter
   * @throws BadSearch if the cursor is none, or there is no such source
   */
  public Found<FoundUser> newest(UserFilter filter, int limit, @Nullable String cursor) {
    checkSource(filter);
    return found(users.listed(filter, cursor == null ? null : Cursor.user(cursor), true, limit));
  }

  private static Found<FoundUser> found(Listed listed) {
    return new Found<>(listed.users(), listed.next() == null ? null : Cursor.of(listed.next()));
  }

  /**
   * What must hold of listed users, as callers write it.
   *
   * @param createdFrom a day such as 2026-11-22; null: any
   * @throws BadSearch for what is no day, and a last day before the first
   */
  public static UserFilter filter(
      @Nullable String source,
      boolean withoutBillingId,
      boolean flagged,
      @Nullable String createdFrom,
      @Nullable String createdTo) {
    LocalDate from = day("createdFrom", createdFrom);
    LocalDate to = day("createdTo", createdTo);
    if (from != null && to != null && to.isBefore(from)) {
      throw new BadSearch(
          "createdTo", "The last day, %s, is before the first, %s".formatted(to, from));
    }
    return new UserFilter(source, withoutBillingId, flagged, from, to);
  }

  private static @Nullable LocalDate day(String name, @Nullable String text) {
    if (text == null) {
      return null;
    }
    try {
      LocalDate day = LocalDate.parse(text);
      if (day.getYear() >= FIRST_YEAR && day.getYear() <= LAST_YEAR) {
        return day;
      }
    } catch (DateTimeParseException e) {
      BadSearch bad = badDay(name);
      bad.addSuppressed(e);
      throw bad;
    }
    throw badDay(name);
  }

  private static BadSearch badDay(String name) {
    return new BadSearch(
        name,
        "The parameter %s must be a day such as 2026-11-22, from %d to %d"
            .formatted(name, FIRST_YEAR, LAST_YEAR));
  }

  /** The names of the sources that there are. */
  public List<String> sources() {
    return users.settings().sources().values().stream().map(Source::name).sorted().toList();
  }

  private void checkSource(UserFilter filter) {
    if (filter.source() == null) {
      return;
    }
    List<String> known = sources();
    if (!known.contains(filter.source())) {
      String named = shortened(filter.source());
      throw new BadSearch(
          "source",
          "There is no source %s; did you mean %s? Known: %s"
              .formatted(named, Nearest.of(named, known), String.join(", ", known)));
    }
  }

  /** The names of the sources that know each of the users. */
  public Map<UUID, List<String>> sources(List<UUID> of) {
    return users.sources(of);
  }

  /**
   * The live user that an id leads to today: itself or the one that absorbed it; null if there
   * never was one.
   */
  public @Nullable UUID live(UUID id) {
    return users.live(id);
  }

  /** A live user, or null. */
  public @Nullable FoundUser user(UUID id) {
    return users.user(id);
  }

  /** Everything that a live user holds or held. */
  public List<FoundIdentifier> identifiers(UUID id) {
    return users.identifiers(id);
  }

  /**
   * Everything that happened to a live user and to those it was made of, newest first: the claims
   * written to them, the acts on them, and what merged or parted them.
   *
   * @throws BadSearch if limit or cursor cannot be meant
   */
  public Found<ExplainedDecision> timeline(UUID user, int limit, @Nullable String cursor) {
    if (limit < 1 || limit > Search.MOST) {
      throw new BadSearch(
          "limit", "The limit is %d; expected 1 to %d".formatted(limit, Search.MOST));
    }
    Long before = cursor == null ? null : Cursor.position(cursor);
    return users
        .history()
        .at(now -> {
          User whole = now.user(user);
          if (whole == null) {
            return new Found<>(List.of(), null);
          }
          List<Line> lines = now.page(user, before, limit + 1);
          Changes changes = new Changes(whole);
          List<ExplainedDecision> page =
              lines.stream().limit(limit).map(line -> ExplainedDecision.of(line, changes)).toList();
          boolean more = lines.size() > limit;
          return new Found<>(page, more ? Cursor.of(page.getLast().decision().position()) : null);
        });
  }

  /** What came at these places of the ledger, the newest first. */
  public List<SentClaim> claims(Collection<Long> positions) {
    return users
        .history()
        .at(now ->
            now.lines(positions).stream()
                .map(line -> new SentClaim(ExplainedDecision.of(line), line.payload()))
                .toList());
  }

  /**
   * Why two are one user, or are not. Each is named by a user's id, also of one that was merged
   * away, or by an identifier as {@code type:value}.
   *
   * @throws BadSearch {@code a} or {@code b} if it can name nobody
   * @throws Failure {@code UNKNOWN_USER}, {@code SEVERAL_USERS} that hold an identifier, or {@code
   *     SAME_USER} if both name the same
   */
  public Relation relation(String a, String b) {
    return users
        .history()
        .at(now -> {
          Relations.Found first = named(now, "a", a);
          Relations.Found second = named(now, "b", b);
          if (first.part().id().equals(second.part().id())
              && Objects.equals(first.identifier(), second.identifier())) {
            throw new Failure(
                Problem.SAME_USER,
                "Both name the same: %s. Name two users, or two identifiers"
                    .formatted(first.name()));
          }
          return new Relations(now).of(first, second);
        });
  }

  /** Of each field of a live user, where its value comes from; null if there is no such user. */
  public @Nullable List<FieldStory> fields(UUID id) {
    return users
        .history()
        .at(now -> {
          User user = now.user(id);
          return user == null ? null : new FieldStories(now, user).all();
        });
  }

  /** A live user as SVG, with its identifiers and merges; null if there is no such user. */
  public @Nullable String graph(UUID id) {
    return users
        .history()
        .at(now -> {
          User user = now.user(id);
          return user == null ? null : new UserGraph(now, user).draw();
        });
  }

  /**
   * The user that an id or identifier names today.
   *
   * @throws BadSearch under that name, if it can name nobody
   * @throws Failure {@code UNKNOWN_USER} or {@code SEVERAL_USERS}
   */
  public UUID named(String parameter, String text) {
    return users.history().at(now -> named(now, parameter, text).user().id());
  }

  private Relations.Found named(Moment now, String parameter, String text) {
    String stripped = text.strip();
    if (ID.matcher(stripped).matches()) {
      UUID id = UUID.fromString(stripped);
      User user = now.user(id);
      if (user == null) {
        throw new Failure(Problem.UNKNOWN_USER, "There is no user %s".formatted(id));
      }
      return new Relations.Found(text, user, user.part(id), null);
    }
    if (colon(stripped) < 1) {
      throw new BadSearch(
          parameter,
          "A user is named by its id, or by an identifier such as email:ann@example.com; this is"
              + " neither");
    }
    Holding holding;
    try {
      holding = identifier(stripped, false, now.policy());
    } catch (BadSearch bad) {
      throw new BadSearch(parameter, String.valueOf(bad.getMessage()));
    }
    List<UUID> holders =
        holding.anyOf().isEmpty() ? List.of() : now.holders(holding, TOLD_OF_SEVERAL + 1);
    if (holders.isEmpty()) {
      throw new Failure(Problem.UNKNOWN_USER, "Nobody holds " + stripped);
    }
    if (holders.size() > 1) {
      throw new Failure(
          Problem.SEVERAL_USERS,
          "%s users hold %s; name one by its id: %s"
              .formatted(
                  holders.size() > TOLD_OF_SEVERAL
                      ? "More than " + TOLD_OF_SEVERAL
                      : holders.size(),
                  stripped,
                  holders.stream()
                      .limit(TOLD_OF_SEVERAL)
                      .map(UUID::toString)
                      .collect(Collectors.joining(", "))));
    }
    User user = Objects.requireNonNull(now.user(holders.getFirst()));
    Relations.Found found = null;
    for (Part part : user.parts()) {
      for (Held held : part.identifiers()) {
        boolean better = found == null || (held.matches() && !found.matches());
        if (better && holding.anyOf().contains(held.id())) {
          found = new Relations.Found(text, user, part, held);
        }
      }
    }
    return Objects.requireNonNull(found);
  }

  /**
   * Every user that holds the identifier or, of an email, held it once, and all that made it what
   * it is.
   *
   * @param named as {@code type:value}, or a user's id, also of one that was merged away
   * @throws BadSearch if it names no type or no value
   * @throws Failure {@code UNKNOWN_USER} if there never was a user with that id
   */
  public List<Explanation> explain(String named) {
    List<FoundUser> found;
    if (ID.matcher(named.strip()).matches()) {
      FoundUser user = users.user(named("USER", named));
      found = user == null ? List.of() : List.of(user);
    } else {
      Search search =
          new Search(
              null,
              null,
              null,
              named,
              named.startsWith("email:"),
              null,
              Search.DEFAULT_LIMIT,
              null);
      found = find(search).page();
    }
    List<Explanation> explanations = new ArrayList<>();
    for (FoundUser user : found) {
      Found<ExplainedDecision> decisions = timeline(user.id(), EXPLAINED, null);
      explanations.add(
          new Explanation(
              user, identifiers(user.id()), decisions.page(), decisions.next() != null));
    }
    return explanations;
  }

  /**
   * Whom each of many values finds, in their order and as of one moment.
   *
   * @throws BadValue for one that cannot be looked up
   */
  public List<Match> matches(List<Asked> asked) {
    List<Sought> sought = new ArrayList<>(asked.size());
    List<Holders> found =
        users.holders(
            asked.size(),
            settings -> {
              sought.addAll(sought(asked, settings));
              return sought.stream().map(Sought::holding).toList();
            },
            TOLD);
    List<Match> matches = new ArrayList<>(asked.size());
    Map<UUID, MatchedUser> seen = new HashMap<>();
    int ids = 0;
    for (int i = 0; i < sought.size(); i++) {
      List<MatchedUser> matched = new ArrayList<>(1);
      for (Holder holder : found.get(i).users()) {
        ids += holder.identifiers().size();
        if (ids > MOST_IDS) {
          throw new BadValue(
              i,
              BadValue.Fault.VALUE,
              "Up to here the users that are found have more than %,d ids together; ask for fewer values at once"
                  .formatted(MOST_IDS));
        }
        matched.add(seen.computeIfAbsent(holder.id(), id -> MatchedUser.of(holder)));
      }
      Sought one = sought.get(i);
      matches.add(new Match(one.type(), one.value(), matched, found.get(i).more()));
    }
    return matches;
  }

  /**
   * Whom a value finds, in the order of creation.
   *
   * @param most how many users at most
   * @throws BadValue if it cannot be looked up
   */
  public List<FoundUser> users(Asked asked, int most) {
    return users.holding(settings -> sought(List.of(asked), settings).getFirst().holding(), most);
  }

  /**
   * Whether the values can be looked up.
   *
   * @throws BadValue for one that cannot
   */
  public void check(List<Asked> asked) {
    sought(asked);
  }

  /**
   * The values as identifiers that claims name users by.
   *
   * @throws BadValue for one that can identify nobody
   */
  public List<Identifier> named(List<Asked> asked) {
    List<Sought> sought = sought(asked);
    List<Identifier> named = new ArrayList<>(sought.size());
    for (int i = 0; i < sought.size(); i++) {
      Sought one = sought.get(i);
      if (one.holding().anyOf().isEmpty()) {
        throw new BadValue(
            i, BadValue.Fault.VALUE, "The value is one that can identify nobody; name another");
      }
      named.add(
          new Identifier(IdentifierType.of(one.type()), one.holding().anyOf().getFirst().value()));
    }
    return named;
  }

  /** The types of identifiers that there are; fallback ids have types of their own besides. */
  public List<String> types() {
    return types(users.settings());
  }

  /** A value with its type, and what a user must hold to be found by it. */
  private record Sought(String type, String value, Holding holding) {}

  private List<Sought> sought(List<Asked> asked) {
    return sought(asked, users.settings());
  }

  private static List<Sought> sought(List<Asked> asked, SpaceSettings settings) {
    List<String> types = types(settings);
    List<Sought> sought = new ArrayList<>(asked.size());
    for (int i = 0; i < asked.size(); i++) {
      sought.add(sought(i, asked.get(i), types, settings.policy()));
    }
    return sought;
  }

  private static List<String> types(SpaceSettings settings) {
    List<String> types = new ArrayList<>(TYPES);
    settings.sources().values().stream()
        .map(Source::idType)
        .filter(Objects::nonNull)
        .map(IdentifierType::name)
        .filter(type -> !TYPES.contains(type))
        .sorted()
        .forEach(types::add);
    return types;
  }

  private static Sought sought(int index, Asked asked, List<String> types, Policy policy) {
    String value =
        switch (asked.value()) {
          case Raw.Text text -> text.value();
          case Raw.Number number -> number.literal();
          case Raw.Absent absent -> "";
          case Raw.Other other ->
              throw new BadValue(
                  index,
                  BadValue.Fault.VALUE,
                  "A value is text or a whole number; this is " + other.kind());
        };
    String type = asked.type();
    if (type == null) {
      value = value.strip();
      int colon = colon(value);
      int at = value.indexOf('@');
      if (colon > 0 && (at < 0 || colon < at)) {
        type = value.substring(0, colon);
        value = value.substring(colon + 1);
      } else if (at >= 0) {
        type = IdentifierType.EMAIL.name();
      } else if (value.isEmpty()) {
        throw blank(index);
      } else {
        throw new BadValue(
            index,
            BadValue.Fault.VALUE,
            "A value is an email, or type:value such as zendesk_id:77; this is neither");
      }
    }
    if (!types.contains(type) && !FALLBACK.matcher(type).matches()) {
      throw new BadValue(
          index,
          BadValue.Fault.TYPE,
          "There is no identifier type %s; did you mean %s? Known: %s"
              .formatted(
                  shortened(type), Nearest.of(shortened(type), types), String.join(", ", types)));
    }
    IdentifierType known = IdentifierType.of(type);
    boolean email = known.equals(IdentifierType.EMAIL);
    Raw raw = asked.value() instanceof Raw.Number ? asked.value() : Raw.text(value);
    Normalised normalised = email ? Values.email(raw, policy) : Values.id(raw, policy);
    switch (normalised) {
      case Normalised.Value usable -> {}
      case Normalised.Blocked blocked -> {}
      case Normalised.Absent absent -> throw blank(index);
      case Normalised.Malformed malformed -> malformed(index, malformed.cause(), email, policy);
    }
    return new Sought(
        type, value, any(found(known), normalised, email && policy.matchPreviousEmails()));
  }

  private static void malformed(int index, Cause cause, boolean email, Policy policy) {
    switch (cause) {
      // As in an event: it can identify nobody, and does no harm.
      case NO_AT_SIGN -> {}
      case NOT_TEXT ->
          throw new BadValue(
              index,
              BadValue.Fault.VALUE,
              email ? "An email is text" : "A value is text or a whole number");
      case TOO_LONG ->
          throw new BadValue(
              index,
              BadValue.Fault.VALUE,
              "The value is longer than the %d characters of %s"
                  .formatted(
                      email ? policy.limits().emailCharacters() : policy.limits().idCharacters(),
                      email ? "an email" : "an id"));
      case BROKEN_TEXT ->
          throw new BadValue(
              index, BadValue.Fault.VALUE, "The value has a NUL or half of a character in it");
    }
  }

  private static BadValue blank(int index) {
    return new BadValue(
        index,
        BadValue.Fault.VALUE,
        "The value is blank; give an email, or type:value such as zendesk_id:77");
  }

  /** A message does not repeat without end what somebody sent. */
  private static String shortened(String type) {
    return type.codePointCount(0, type.length()) <= LONGEST_TYPE
        ? type
        : type.substring(0, type.offsetByCodePoints(0, LONGEST_TYPE)) + "…";
  }

  private Found<FoundUser> holding(Search search) {
    checkHistory(search);
    if (search.byOneThing()) {
      List<FoundUser> found =
          users.holding(
              settings -> conditions(search, settings.policy()).getFirst(), search.limit() + 1);
      boolean more = found.size() > search.limit();
      List<FoundUser> page = more ? found.subList(0, search.limit()) : found;
      return new Found<>(page, more ? Cursor.of(page.getLast().id()) : null);
    }
    List<Holding> conditions = conditions(search, users.settings().policy());
    for (Holding condition : conditions) {
      if (condition.anyOf().isEmpty()) {
        return new Found<>(List.of(), null);
      }
    }
    UUID after = search.cursor() == null ? null : Cursor.user(search.cursor());
    List<FoundUser> passed = new ArrayList<>();
    for (int round = 0; ; round++) {
      List<FoundUser> found = users.holding(conditions, after, search.limit() + 1);
      Set<UUID> passing = passing(found.stream().map(FoundUser::id).toList(), search.filter());
      found.stream().filter(user -> passing.contains(user.id())).forEach(passed::add);
      if (passed.size() > search.limit()) {
        List<FoundUser> page = passed.subList(0, search.limit());
        return new Found<>(page, Cursor.of(page.getLast().id()));
      }
      if (found.size() <= search.limit()) {
        return new Found<>(passed, null);
      }
      after = found.getLast().id();
      if (round == MOST_ROUNDS) {
        return new Found<>(passed, Cursor.of(after));
      }
    }
  }

  /** What a search asks for besides its filter. */
  private static List<Holding> conditions(Search search, Policy policy) {
    List<Holding> conditions = new ArrayList<>();
    if (search.externalId() != null) {
      conditions.add(
          any(
              List.of(IdentifierType.EXTERNAL_ID),
              Values.id(Raw.text(search.externalId()), policy),
              false));
    }
    if (search.email() != null) {
      conditions.add(
          any(
              List.of(IdentifierType.EMAIL),
              Values.email(Raw.text(search.email()), policy),
              false));
    }
    if (search.billingId() != null) {
      conditions.add(any(BILLING, Values.id(Raw.text(search.billingId()), policy), false));
    }
    if (search.identifier() != null) {
      conditions.add(identifier(search.identifier(), search.history(), policy));
    }
    return conditions;
  }

  private static void checkHistory(Search search) {
    if (search.history() && search.identifier() == null) {
      throw new BadSearch(
          "history", "history=true is for identifier=email:…; elsewhere it has no meaning");
    }
  }

  private Set<UUID> passing(List<UUID> found, UserFilter filter) {
    return filter.equals(UserFilter.NONE) || found.isEmpty()
        ? new HashSet<>(found)
        : users.passing(found, filter);
  }

  private Found<FoundUser> everybody(Search search) {
    checkHistory(search);
    UUID after = search.cursor() == null ? null : Cursor.user(search.cursor());
    return found(users.listed(search.filter(), after, false, search.limit()));
  }

  private Found<FoundUser> startingWith(Search search, String q) {
    checkHistory(search);
    Place after = search.cursor() == null ? null : Cursor.place(search.cursor());
    String text = q.strip();
    if (text.isEmpty() || text.indexOf('\0') >= 0) {
      return new Found<>(List.of(), null);
    }
    String email = Normalizer.normalize(text, Normalizer.Form.NFKC).toLowerCase(Locale.ROOT);
    List<Hit> passed = new ArrayList<>();
    for (int round = 0; ; round++) {
      List<Hit> hits = users.startingWith(text, email, after, search.limit() + 1);
      Set<UUID> passing =
          passing(hits.stream().map(hit -> hit.user().id()).toList(), search.filter());
      hits.stream().filter(hit -> passing.contains(hit.user().id())).forEach(passed::add);
      if (passed.size() > search.limit()) {
        List<Hit> page = passed.subList(0, search.limit());
        return new Found<>(
            page.stream().map(Hit::user).toList(), Cursor.of(page.getLast().place()));
      }
      boolean all = hits.size() <= search.limit();
      if (all || round == MOST_ROUNDS) {
        return new Found<>(
            passed.stream().map(Hit::user).toList(),
            all ? null : Cursor.of(hits.getLast().place()));
      }
      after = hits.getLast().place();
    }
  }

  private static Holding identifier(String text, boolean history, Policy policy) {
    int colon = colon(text);
    if (colon < 1) {
      throw new BadSearch(
          "identifier",
          "An identifier is given as type:value, such as external_id:42; there is no colon in it");
    }
    IdentifierType type;
    try {
      type = new IdentifierType(text.substring(0, colon));
    } catch (IllegalArgumentException e) {
      throw new BadSearch("identifier", String.valueOf(e.getMessage()));
    }
    Raw value = Raw.text(text.substring(colon + 1));
    boolean email = type.equals(IdentifierType.EMAIL);
    if (history && !email) {
      throw new BadSearch(
          "history",
          "history=true is for identifier=email:…; other identifiers always find their user");
    }
    return any(
        found(type), email ? Values.email(value, policy) : Values.id(value, policy), history);
  }

  /** Where {@code type:value} has its colon. */
  static int colon(String text) {
    // The type of a fallback id has a colon of its own: fallback:SOURCE:VALUE.
    return text.startsWith("fallback:")
        ? text.indexOf(':', "fallback:".length())
        : text.indexOf(':');
  }

  /** The types under which a value of one type may be held. */
  static List<IdentifierType> found(IdentifierType type) {
    return switch (type.kind()) {
      case BILLING ->
          type.equals(IdentifierType.BILLING_ID)
              ? BILLING
              : List.of(type, IdentifierType.BILLING_ID);
      case EXTERNAL, EMAIL, RECORD, FALLBACK -> List.of(type);
    };
  }

  /** A holding of nothing where the value can identify nobody. */
  private static Holding any(List<IdentifierType> types, Normalised value, boolean history) {
    if (!(value instanceof Normalised.Value usable)) {
      return new Holding(List.of(), false);
    }
    return new Holding(
        types.stream().map(type -> new Identifier(type, usable.value())).toList(), history);
  }
}
