package dev.selfsame.resolution;

import dev.selfsame.identity.Account;
import dev.selfsame.identity.Channel;
import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Field;
import dev.selfsame.identity.Held;
import dev.selfsame.identity.Identifier;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.Matches;
import dev.selfsame.identity.Merge;
import dev.selfsame.identity.Normalised;
import dev.selfsame.identity.Normalised.Value;
import dev.selfsame.identity.Part;
import dev.selfsame.identity.Raw;
import dev.selfsame.identity.Source;
import dev.selfsame.identity.Stated;
import dev.selfsame.identity.Survivorship;
import dev.selfsame.identity.User;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One claim while it is being decided: what it met so far, the user and part that it is written to,
 * and what it does to them. The rows choose; here is how each thing is done, the same for every
 * row: G3, G4, G5 and G7 are asked where a value is written.
 */
final class Draft {

  private static final long DAY = 86_400_000_000L;

  final Source source;
  final Matches matches;
  final Policy policy;
  final Guard guard;
  private final long at;
  private final Stamp stamp;
  private final boolean weak;

  private List<Rule> checks = List.of();
  private List<Decision.Warning> warnings = List.of();
  private List<Flag> flags = List.of();
  private List<Account> accounts = List.of();
  private List<Decision.Link> links = List.of();
  private List<Decision.Gone> gone = List.of();
  private @Nullable UUID company;
  private List<User> besides = List.of();

  private @Nullable User user;
  private @Nullable UUID part;
  private int merged;
  private Map<UUID, Part> joined = Map.of();
  private boolean created;
  private boolean createdAccount;
  private boolean changed;
  private boolean seen;

  Draft(Claim claim, Stamp stamp, Matches matches, Policy policy) {
    this(claim, stamp, matches, policy, false);
  }

  /**
   * @param apart nothing may be joined by a rule: each row's form without a merge applies
   */
  Draft(Claim claim, Stamp stamp, Matches matches, Policy policy, boolean apart) {
    this.source = claim.source();
    this.at = claim.at();
    this.stamp = stamp;
    this.matches = matches;
    this.policy = policy;
    this.guard = new Guard(policy, source, apart);
    this.weak = source.channel() == Channel.BILLING || source.channel() == Channel.RECORD;
  }

  // What the claim says

  /**
   * A value that can be used, or null: absent, or left out with a warning (the check says by which
   * rule).
   */
  @Nullable Value usable(Normalised normalised, String field, Rule check) {
    Decision.Warning.Kind problem =
        switch (normalised) {
          case Value value -> null;
          case Normalised.Absent absent -> null;
          case Normalised.Blocked blocked -> Decision.Warning.Kind.VALUE_BLOCKED;
          case Normalised.Malformed malformed ->
              switch (malformed.cause()) {
                case NOT_TEXT -> Decision.Warning.Kind.VALUE_NOT_TEXT;
                case TOO_LONG -> Decision.Warning.Kind.VALUE_TOO_LONG;
                case BROKEN_TEXT, NO_AT_SIGN -> Decision.Warning.Kind.VALUE_MALFORMED;
              };
        };
    if (problem != null) {
      check(check);
      warn(problem, field);
    }
    return normalised instanceof Value value ? value : null;
  }

  /** The email of the claim, if it can be used. */
  @Nullable Value email(Raw raw, Rule check) {
    Value email = usable(Values.email(raw, policy), "email", check);
    return email == null || allowed(Identifier.email(email.value()), "email") ? email : null;
  }

  /** Whether no erasure bars the identifier (K22); else it is left out. */
  boolean allowed(Identifier identifier, String field) {
    if (!matches.suppressed(identifier)) {
      return true;
    }
    check(Rule.K22);
    warn(Decision.Warning.Kind.VALUE_SUPPRESSED, field);
    return false;
  }

  /** The same of a billing id, which may have been erased under any provider. */
  boolean allowedBillingId(String value, String field) {
    for (IdentifierType type : IdentifierType.BILLING_TYPES) {
      if (!allowed(new Identifier(type, value), field)) {
        return false;
      }
    }
    return true;
  }

  /** Who has the email beside the claim's own users. A mailbox that never matches has nobody. */
  Others others(@Nullable Value email, @Nullable User first, @Nullable User second) {
    if (email == null || Values.neverMatches(email.value(), policy.neverMatchEmails())) {
      return Others.NONE;
    }
    return Others.of(matches.emailHolders(email.value()), email.value(), first, second);
  }

  /**
   * K20: whether the user shows another email, stated later than this claim (G4), which it does not
   * replace.
   */
  boolean olderThan(User user, Value email) {
    Held shown = user.email();
    if (shown == null || at >= shown.at() || shown.value().equals(email.value())) {
      return false;
    }
    Held now = held(Identifier.email(email.value()), email.display());
    return !policy.survivorship(User.EMAIL).outranks(now, shown);
  }

  /** The type of the source's own ids. */
  IdentifierType idType() {
    return Objects.requireNonNull(source.idType(), "A billing or record source has a type of ids");
  }

  // Which user it is written to

  User user() {
    if (user == null) {
      throw new IllegalStateException("The claim has no user yet. Indicates a bug");
    }
    return user;
  }

  /** The claim stands under this user and is written to the part that the identifier finds. */
  void take(User found, Identifier identifier) {
    Part former = null;
    List<Part> holding = List.of();
    for (Part each : found.parts()) {
      Held held = each.held(identifier);
      if (held != null && held.matches()) {
        holding = and(holding, each);
      }
      former = held == null ? former : each;
    }
    if (!holding.isEmpty()) {
      take(found, found.preferred(holding).id());
    } else {
      take(found, former == null ? found.id() : former.id());
    }
  }

  /** The claim stands under this user and is written to this part of it. */
  void take(User found, UUID partId) {
    user = found;
    part = partId;
  }

  void create() {
    user = User.of(Part.created(stamp.newId(), stamp.position(), stamp.receivedAt()));
    part = stamp.newId();
    created = true;
  }

  /**
   * Merges the claim's user and another into the one created first; every field by the policy's
   * survivorship.
   */
  void merge(User other, Rule rule) {
    merge(other, rule, Map.of());
  }

  /** As {@link #merge(User, Rule)}, showing the fields that are settled. */
  void merge(User other, Rule rule, Map<String, UUID> settled) {
    User own = user();
    boolean first = own.createdBefore(other);
    absorb(first ? own : other, first ? other : own, rule, settled, policy.survivorship());
  }

  /** The survivor's fields show, gaps are filled, but for what is settled. */
  void absorb(User survivor, User absorbed, Rule rule, Map<String, UUID> settled) {
    absorb(survivor, absorbed, rule, settled, Map.of());
  }

  private void absorb(
      User survivor,
      User absorbed,
      Rule rule,
      Map<String, UUID> settled,
      Map<String, Survivorship> survivorship) {
    joined = new HashMap<>(joined);
    survivor.parts().forEach(each -> joined.putIfAbsent(each.id(), each));
    absorbed.parts().forEach(each -> joined.putIfAbsent(each.id(), each));
    Merge merge =
        new Merge(
            stamp.position(),
            merged++,
            survivor.id(),
            absorbed.id(),
            rule.code(),
            settled,
            survivorship);
    user = User.merged(survivor, absorbed, merge);
  }

  /** The parts of the users that it merged as they were then; none if it merged nothing. */
  Map<UUID, Part> joined() {
    return joined;
  }

  /** A user that changed beside the claim's own. */
  void beside(User other) {
    besides = and(besides, other);
    changed = true;
  }

  /** Takes the identifier away from its user, which is not the claim's. */
  void release(User from, Identifier identifier) {
    Part holder = from.holder(identifier);
    if (holder != null) {
      beside(from.with(holder.without(identifier)));
    }
  }

  // What is written

  /** The external id, on the part that the claim is written to; the one that it had stays alias. */
  void externalId(Value id) {
    set(held(Identifier.externalId(id.value()), id.display()));
  }

  /**
   * A record's or fallback id: a part may have several of a tool. One that was deleted and is sent
   * again is live again, unless it is another part's: a claim that merges states nothing there, so
   * that undo restores it.
   */
  void recordId(Identifier id, Value sent) {
    Held own = part().held(id);
    if (user().holder(id) == null) {
      add(held(id, sent.display()));
    } else if (own != null && own.deleted()) {
      put(part().with(own.withDeleted(false)));
    } else {
      seen(id);
    }
  }

  /** The provider or tool says that the customer or record is gone: its user stays. */
  void deleted(Identifier id) {
    Part holder = user == null ? null : user.holder(id);
    Held known = holder == null ? null : holder.held(id);
    if (holder != null && known != null && !known.deleted()) {
      put(holder.with(known.withDeleted(true)));
    }
  }

  /** An identifier as the part's current one of its type. */
  void set(Held now) {
    if (part().held(now.id()) != null || room()) {
      put(part().withCurrent(now));
    }
  }

  /** An identifier beside the others of its type. */
  void add(Held now) {
    if (part().held(now.id()) != null || room()) {
      put(part().with(now));
    }
  }

  /** An identifier that some part of the user has, as that part's current one of its type. */
  void setHeld(Held now) {
    Part holder = user().holder(now.id());
    if (holder != null) {
      put(holder.withCurrent(now));
    }
  }

  /** The same, where it is the current one already and was only said again, later. */
  void confirmHeld(Held now) {
    Part holder = user().holder(now.id());
    if (holder != null) {
      confirm(holder.withCurrent(now));
    }
  }

  /**
   * The claim named an identifier that its user has. When it was seen last moves once a day, to
   * spare writes.
   */
  void seen(Identifier identifier) {
    Part holder = part().held(identifier) != null ? part() : user().holder(identifier);
    Held held = holder == null ? null : holder.held(identifier);
    if (holder != null && held != null && day(stamp.receivedAt()) > day(held.lastSeen())) {
      user = user().with(holder.with(held.withLastSeen(stamp.receivedAt())));
      seen = true;
    }
  }

  /**
   * The email, unless G3, G7 or the policy's survivorship stand against it; and the flags for
   * whoever else has it.
   */
  void email(Value email, Others others) {
    Identifier id = Identifier.email(email.value());
    Held now = held(id, email.display());
    Held own = part().current(IdentifierType.EMAIL);
    Said said = new Said(User.EMAIL, user().email(), own, now);
    boolean news = news(said);
    boolean taken = policy.uniqueEmails() && !others.none();
    if (news && taken && !user().has(email.value())) {
      check(Rule.G3);
      flag(Flag.Kind.EMAIL_CONFLICT, others.known(), id);
      return;
    }
    if (news) {
      set(now);
    } else if (later(said)) {
      confirm(part().withCurrent(now));
    } else if (user().has(email.value())) {
      seen(id);
    } else if (policy.survivorship().containsKey(User.EMAIL) && source.trusted() && !taken) {
      listed(now);
    }
    if (!others.none() && user().has(email.value())) {
      flag(Flag.Kind.SAME_EMAIL, others.known(), id);
    }
  }

  /** An email that the policy does not let show: listed like one that was replaced. */
  private void listed(Held losing) {
    if (user().holder(losing.id()) == null) {
      add(losing.withCurrent(false));
    } else {
      seen(losing.id());
    }
  }

  void name(Raw raw) {
    Value name = text(raw, "name");
    if (name != null) {
      name(name);
    }
  }

  /** The name, unless the policy's survivorship stands against it. */
  void name(Value name) {
    Field now = field(name.value());
    Said said = new Said(User.NAME, user().name(), part().name(), now);
    if (news(said)) {
      put(part().withName(now));
    } else if (later(said)) {
      confirm(part().withName(now));
    }
  }

  /** A free text of the claim, if it can be used. */
  @Nullable Value text(Raw raw, String field) {
    Value text = usable(Values.text(raw), field, Rule.G6);
    if (text != null && !text.value().equals(text.display())) {
      warn(Decision.Warning.Kind.TEXT_REPAIRED, field);
    }
    return text;
  }

  private static boolean same(@Nullable Stated known, Stated now) {
    return known != null && known.value().equals(now.value());
  }

  /**
   * What the claim says of a field, and what it meets.
   *
   * @param shown what the user shows
   * @param own what the claim's part says
   */
  private record Said(String field, @Nullable Stated shown, @Nullable Stated own, Stated now) {}

  /** Whether what the claim says is to be written to its part: G4 and G5, or as the policy says. */
  private boolean news(Said said) {
    Survivorship order = policy.survivorship(said.field());
    Stated shown = said.shown();
    Stated own = said.own();
    Stated now = said.now();
    boolean sameOwn = same(own, now);
    if (same(shown, now)) {
      if (own != null && sameOwn) {
        // Once a source that stands higher says it too, a lower one no longer can change it.
        return source.trusted() && order.above(now, own);
      }
      return !order.fillsGaps(now) && source.trusted() && replaces(own, now, order);
    }
    if (order.equals(Survivorship.LATEST)) {
      return replaces(shown, now, order) && (sameOwn || replaces(own, now, order));
    }
    if (!replacesBacked(said.field(), shown, now, order)) {
      return false;
    }
    if (own == null) {
      return true;
    }
    return sameOwn ? !settledSince(said.field(), own, now) : replaces(own, now, order);
  }

  /**
   * Whether the same was known already when a merge by alias or by hand chose what shows: to say it
   * once more at no later time takes nothing of that back.
   */
  private boolean settledSince(String field, Stated own, Stated now) {
    if (now.at() > own.at()) {
      return false;
    }
    for (Merge merge : user().merges()) {
      if (merge.settled().containsKey(field) && own.position() < merge.position()) {
        return true;
      }
    }
    return false;
  }

  /**
   * Whether it replaces what shows, which stands as high as the highest of the user's parts that
   * say the same.
   */
  private boolean replacesBacked(
      String field, @Nullable Stated shown, Stated now, Survivorship order) {
    if (!replaces(shown, now, order)) {
      return false;
    }
    for (Part each : user().parts()) {
      Stated backing = field.equals(User.NAME) ? each.name() : each.current(IdentifierType.EMAIL);
      if (shown != null
          && backing != null
          && same(shown, backing)
          && !replaces(backing, now, order)) {
        return false;
      }
    }
    return true;
  }

  /**
   * G4: whether the claim says at a later time what the user shows already. Nothing changes but
   * that time, from which on an older claim is older. A billing or record source repeats itself
   * every night: its word is as old as its last change.
   */
  private boolean later(Said said) {
    Stated shown = said.shown();
    Stated own = said.own();
    Survivorship order = policy.survivorship(said.field());
    return same(shown, said.now())
        && same(own, said.now())
        && shown != null
        && own != null
        && confirms(shown)
        && confirms(own)
        && order.counts(said.now(), shown)
        && order.counts(said.now(), own);
  }

  /** Whether the claim may confirm a value that it repeats, and does so later. */
  boolean confirms(Stated known) {
    return source.trusted() && !weak && !known.weak() && at > known.at();
  }

  /** Writes a value that stays as it is and was only said again, later. */
  void confirm(Part next) {
    user = user().with(next);
    seen = true;
  }

  private boolean replaces(@Nullable Stated shown, Stated now, Survivorship order) {
    if (shown == null) {
      return true;
    }
    if (!source.trusted() || !order.outranks(now, shown)) {
      return false;
    }
    return !order.fillsGaps(now) || (shown.source() == source.number() && !user().identified());
  }

  /**
   * An identifier as the claim states it now; first seen when the claim's part says, if it has it
   * already.
   */
  Held held(Identifier id, String display) {
    Held known = user == null || part == null ? null : user.part(part).held(id);
    return new Held(
        id,
        display,
        true,
        false,
        weak,
        source.number(),
        at,
        stamp.position(),
        known == null ? stamp.receivedAt() : known.firstSeen(),
        stamp.receivedAt());
  }

  /** An identifier that the user has, as the claim states it anew. */
  Held restated(Held known) {
    return new Held(
        known.id(),
        known.display(),
        true,
        known.deleted(),
        weak,
        source.number(),
        at,
        stamp.position(),
        known.firstSeen(),
        stamp.receivedAt());
  }

  private Field field(String value) {
    return new Field(value, at, stamp.position(), source.number(), weak);
  }

  /** G7: room for one identifier more; else it is left out. */
  private boolean room() {
    if (user().identifierCount() < policy.limits().identifiersPerUser()) {
      return true;
    }
    check(Rule.G7);
    flag(Flag.Kind.LIMIT_REACHED, List.of(), null);
    return false;
  }

  Part part() {
    return user().part(partId());
  }

  private UUID partId() {
    if (part == null) {
      throw new IllegalStateException("The claim has no part yet. Indicates a bug");
    }
    return part;
  }

  void put(Part next) {
    user = user().with(next);
    changed = true;
  }

  /**
   * The account, created or brought up to date, and the claim's user linked to it if there is one.
   *
   * @return its id
   */
  UUID account(Value externalId, Raw rawName, Raw rawDomain) {
    Account known = matches.account(externalId.value());
    Account now =
        new Account(
            known == null ? newAccountId() : known.id(),
            known == null ? externalId.value() : known.externalId(),
            accountField(known == null ? null : known.name(), rawName, "name"),
            accountField(known == null ? null : known.domain(), rawDomain, "domain"));
    if (!now.equals(known)) {
      accounts = and(accounts, now);
      createdAccount = known == null;
      changed |=
          known == null || !says(now.name(), known.name()) || !says(now.domain(), known.domain());
    }
    if (part != null && (known == null || !matches.linked(known.id(), part))) {
      links = and(links, new Decision.Link(now.id(), part));
      changed = true;
    }
    return now.id();
  }

  /** A claim's user belongs to the account from now on. */
  void link(UUID account) {
    if (part != null && !matches.linked(account, part)) {
      links = and(links, new Decision.Link(account, part));
      changed = true;
    }
  }

  /** What a program or person says the account is to be. */
  void putAccount(@Nullable Account known, Account now, boolean otherwise) {
    if (!now.equals(known) || otherwise) {
      accounts = and(accounts, now);
      createdAccount = known == null;
      changed = true;
    }
  }

  void link(UUID account, UUID to, Decision.Link.How how) {
    links = and(links, new Decision.Link(account, to, how));
    changed = true;
  }

  void gone(Account account, @Nullable Account into) {
    gone = and(gone, new Decision.Gone(account, into));
    changed = true;
  }

  /** A field of an account that stays as it is where it says so already. */
  @Nullable Field accountField(@Nullable Field shown, @Nullable Value value) {
    return value == null || (shown != null && shown.value().equals(value.value()))
        ? shown
        : field(value.value());
  }

  /** The account that a note is about. */
  void company(@Nullable UUID account) {
    company = account;
  }

  /**
   * The account with the external id, made if there is none; its domain is filled in where it has
   * none. Links nobody.
   */
  UUID ensureAccount(Value externalId, @Nullable Value domain) {
    Account known = matches.account(externalId.value());
    if (known != null && (known.domain() != null || domain == null)) {
      return known.id();
    }
    Account now =
        new Account(
            known == null ? newAccountId() : known.id(),
            known == null ? externalId.value() : known.externalId(),
            known == null ? null : known.name(),
            domain == null ? null : field(domain.value()));
    accounts = and(accounts, now);
    createdAccount = known == null;
    changed = true;
    return now.id();
  }

  /** A claim may create several: each has an id of its own, made of the one that it was given. */
  UUID newAccountId() {
    UUID id = stamp.newId();
    long apart = (accounts.size() * 0x9E37_79B9_7F4A_7C15L) >>> 2;
    return new UUID(id.getMostSignificantBits(), id.getLeastSignificantBits() ^ apart);
  }

  /** Whether the field says what it said before, at whatever time. */
  private static boolean says(@Nullable Field now, @Nullable Field before) {
    return now == null ? before == null : same(before, now);
  }

  private @Nullable Field accountField(@Nullable Field shown, Raw raw, String name) {
    Value value = text(raw, name);
    if (value == null) {
      return shown;
    }
    boolean domain = name.equals("domain");
    Field now = field(domain ? value.value().toLowerCase(Locale.ROOT) : value.value());
    if (shown == null) {
      return now;
    }
    return same(shown, now) ? (at > shown.at() ? now : shown) : now.outranks(shown) ? now : shown;
  }

  // What is to be said

  void check(Rule rule) {
    if (!checks.contains(rule)) {
      checks = and(checks, rule);
    }
  }

  void warn(Decision.Warning.Kind kind, String field) {
    warnings = and(warnings, new Decision.Warning(kind, field));
  }

  /** Flags the claim's user, if it has one, and these others. */
  void flag(Flag.Kind kind, List<User> others, @Nullable Identifier about) {
    List<UUID> users = new ArrayList<>();
    if (user != null) {
      users.add(user.id());
    }
    for (User other : others) {
      users.add(other.id());
    }
    flags = and(flags, new Flag(kind, users, about));
  }

  /** Flags these users, whether they are the claim's or not; the same once. */
  void raise(Flag.Kind kind, List<UUID> users, @Nullable Identifier about) {
    Flag flag = new Flag(kind, users, about);
    if (!flags.contains(flag)) {
      flags = and(flags, flag);
    }
  }

  /** G2 forbade joining the claim's user and another; the row's no-merge form applies. */
  void forbidden(Verdict verdict, List<User> others) {
    check(Rule.G2);
    Flag.Kind kind = verdict.flag();
    if (kind != null) {
      flag(kind, others, null);
    }
  }

  Decision done(Rule rule) {
    List<User> users = besides;
    if (user != null && (created || merged > 0 || changed || seen)) {
      users = new ArrayList<>(besides.size() + 1);
      users.add(user);
      users.addAll(besides);
    }
    return decision(outcome(), rule, null, part, users, List.of(), List.of());
  }

  private Outcome outcome() {
    if (created || (createdAccount && user == null)) {
      return Outcome.CREATED;
    }
    if (merged > 0) {
      return Outcome.MERGED;
    }
    return changed ? Outcome.UPDATED : Outcome.UNCHANGED;
  }

  Decision undone(Rule rule) {
    List<User> users = new ArrayList<>(besides.size() + 1);
    users.add(user());
    users.addAll(besides);
    return decision(Outcome.UNDONE, rule, null, part, users, List.of(), List.of());
  }

  /** What a person did to users that no claim's own user stands for. */
  Decision byHand(Rule rule, UUID writtenTo, List<User> users) {
    Outcome outcome = users.isEmpty() ? Outcome.UNCHANGED : Outcome.UPDATED;
    return decision(outcome, rule, null, writtenTo, users, List.of(), List.of());
  }

  /** What a person did that changes no user. */
  Decision settled(Rule rule, @Nullable UUID writtenTo) {
    return decision(Outcome.UPDATED, rule, null, writtenTo, List.of(), List.of(), List.of());
  }

  Decision rejected(Rule rule, Reason reason) {
    return decision(Outcome.REJECTED, rule, reason, null, List.of(), List.of(), List.of());
  }

  Decision skipped(Rule rule, Reason reason) {
    return decision(Outcome.SKIPPED, rule, reason, null, List.of(), List.of(), List.of());
  }

  /**
   * @param suppressed what is barred whether or not the users were known by it
   */
  Decision erased(Rule rule, List<User> erased, List<Identifier> suppressed) {
    return decision(
        erased.isEmpty() ? Outcome.UNCHANGED : Outcome.ERASED,
        rule,
        null,
        null,
        List.of(),
        erased.stream().map(User::id).toList(),
        suppressed);
  }

  /** What a person did that changes no user. */
  Decision lifted(Rule rule) {
    return decision(Outcome.UPDATED, rule, null, null, List.of(), List.of(), List.of());
  }

  private Decision decision(
      Outcome outcome,
      Rule rule,
      @Nullable Reason reason,
      @Nullable UUID writtenTo,
      List<User> users,
      List<UUID> erased,
      List<Identifier> suppressed) {
    return new Decision(
        outcome,
        rule,
        checks,
        warnings,
        flags,
        reason,
        writtenTo,
        users,
        accounts,
        links,
        gone,
        company,
        erased,
        suppressed,
        List.of());
  }

  private static <T> List<T> and(List<T> list, T more) {
    if (list.isEmpty()) {
      return List.of(more);
    }
    List<T> longer = new ArrayList<>(list);
    longer.add(more);
    return List.copyOf(longer);
  }

  private static long day(long micros) {
    return Math.floorDiv(micros, DAY);
  }
}
