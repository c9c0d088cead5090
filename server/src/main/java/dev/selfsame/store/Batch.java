package dev.selfsame.store;

import dev.selfsame.identity.Account;
import dev.selfsame.identity.Channel;
import dev.selfsame.identity.Claim;
import dev.selfsame.identity.EmailHolders;
import dev.selfsame.identity.Held;
import dev.selfsame.identity.Identifier;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.Instead;
import dev.selfsame.identity.Merge;
import dev.selfsame.identity.Part;
import dev.selfsame.identity.User;
import dev.selfsame.resolution.Decision;
import dev.selfsame.resolution.Flag;
import dev.selfsame.resolution.Flags;
import dev.selfsame.resolution.Outcome;
import dev.selfsame.resolution.Rule;
import dev.selfsame.resolution.Stamp;
import dev.selfsame.resolution.Values;
import dev.selfsame.store.MergeQueries.Place;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One micro-batch as it is decided, claim by claim, on top of a {@link Snapshot}: gathers what is
 * to be written. Several claims on one part become one write of it.
 */
@SuppressWarnings("ArrayRecordComponent") // Nobody compares the rows.
public final class Batch {

  /** One line of the ledger. */
  record LedgerRow(
      long position,
      long at,
      long saidAt,
      int source,
      @Nullable UUID part,
      Decision decision,
      List<String> warnings,
      @Nullable String before,
      byte @Nullable [] payload) {}

  record MessageRow(long place, long name, long content, long position, long at) {}

  record FlagRow(long position, int ordinal, Flag flag, Rule rule, long at) {}

  record MergeRow(Merge merge, List<Instead> instead, long at) {}

  /**
   * A merge that was taken back. Flags that were closed at the merge's position may open again.
   *
   * @param merge the position that made it
   * @param position the undo's
   */
  record UndoneRow(long merge, int ordinal, long position, long at) {}

  /**
   * An adoption or link that was taken back.
   *
   * @param link the position of the claim that brought the identifier
   * @param from the part that had it
   * @param to the part that has it now
   * @param accounts those that go along
   * @param shared those that both have from then on
   * @param notes those that go along
   * @param traits whether what identifies landed goes along
   * @param position the act's
   */
  record UnlinkedRow(
      long link,
      UUID from,
      UUID to,
      List<UUID> accounts,
      List<UUID> shared,
      List<UUID> notes,
      boolean traits,
      long position,
      long at) {}

  /** An identifier that went from one part to another. */
  record MovedRow(long position, int ordinal, Decision.Moved moved) {}

  /**
   * An account as it is now.
   *
   * @param at 0: nothing that people see of it changed
   * @param gainsDomain users of that domain are to be looked for
   */
  record AccountRow(Account account, long at, boolean gainsDomain) {}

  /**
   * An account that is none any more.
   *
   * @param into the account that has its users and notes now; null: none
   */
  record GoneRow(UUID account, @Nullable UUID into, long position) {}

  /** Traits to land on an account: an object, of which null takes a trait away. */
  record AccountTraits(UUID account, byte[] traits) {}

  record LinkRow(Decision.Link link, int source, long position, long at) {}

  record NoteRow(
      NewNote note,
      int source,
      @Nullable UUID part,
      @Nullable UUID account,
      long position,
      long at) {}

  record Count(int source, String type, long minute) {}

  /**
   * A page or screen that somebody looked at.
   *
   * @param table of the schema {@code segment}
   * @param columns those that have a value, as text
   */
  record VisitRow(String table, Map<String, String> columns) {}

  /**
   * Traits to land on a part: those that late events say of names not landed yet, and those that
   * replace.
   */
  static final class Landing {
    private byte @Nullable [] under;
    private byte @Nullable [] over;

    byte @Nullable [] under() {
      return under;
    }

    byte @Nullable [] over() {
      return over;
    }

    /**
     * Everything that a new part gets: of a name given twice the later stands, as jsonb reads it.
     */
    byte @Nullable [] all() {
      return Traits.joined(under, over);
    }
  }

  private final Snapshot snapshot;
  private final long base;
  private final int policyVersion;
  private long position;

  /** The parts that the batch changes, as the store will have them before it; absent: new. */
  private final Map<UUID, StoredPart> before = new LinkedHashMap<>();

  private final Set<UUID> changed = new LinkedHashSet<>();
  private final Map<UUID, Long> updatedAt = new LinkedHashMap<>();
  private final Map<UUID, Landing> landings = new LinkedHashMap<>();
  private final List<LedgerRow> ledger = new ArrayList<>();
  private final List<MessageRow> messages = new ArrayList<>();
  private final List<FlagRow> flags = new ArrayList<>();
  private final List<MergeRow> merges = new ArrayList<>();
  private final List<UndoneRow> undone = new ArrayList<>();
  private final List<UnlinkedRow> unlinked = new ArrayList<>();
  private final List<MovedRow> moved = new ArrayList<>();
  private final Map<String, AccountRow> accounts = new LinkedHashMap<>();
  private final List<LinkRow> links = new ArrayList<>();
  private boolean unlinks;
  private final List<GoneRow> gone = new ArrayList<>();
  private final List<AccountTraits> accountTraits = new ArrayList<>();
  private final Map<Count, Long> counts = new LinkedHashMap<>();
  private final DecisionCounts decided = new DecisionCounts();
  private final List<VisitRow> visits = new ArrayList<>();
  private final List<NoteRow> notes = new ArrayList<>();
  private final List<Erasure> erasures = new ArrayList<>();
  private final Reviewed reviewed = new Reviewed();
  private final List<String> neverMatchEmails;
  private final boolean uniqueEmails;

  private final Set<Mention> mentions = new LinkedHashSet<>();

  /** Public names of suppressions to take away. */
  private final List<String> lifted = new ArrayList<>();

  /**
   * Users to forget, and what must not come back.
   *
   * @param users how many
   * @param parts all of theirs
   * @param identifiers all that they were known by, and what was named beside
   * @param shared the emails among these that others have, too
   * @param names all that they were called
   * @param suppressed hashes of the identifiers that must not come back
   * @param suppresses whether whoever asked for it wants any barred
   */
  record Erasure(
      int users,
      Set<UUID> parts,
      Set<Identifier> identifiers,
      Set<String> shared,
      Set<String> names,
      List<byte[]> suppressed,
      boolean suppresses,
      Rule rule,
      int source,
      long position,
      long at) {}

  /**
   * A line of the ledger that names what its own part does not hold: an erasure must find it.
   *
   * @param part null: the line at the position; else any line of the part
   */
  record Mention(long name, @Nullable UUID part, long position) {}

  /**
   * @param base the space's ledger position that the batch follows
   * @param policyVersion the version that its claims are decided under
   */
  public Batch(Snapshot snapshot, long base, int policyVersion) {
    this(snapshot, base, policyVersion, List.of(), false);
  }

  /**
   * @param neverMatchEmails mailboxes that match nobody, so that nobody is worth a look for sharing
   *     one
   * @param uniqueEmails whether an email is one user's: the database is to hold who has which
   */
  public Batch(
      Snapshot snapshot,
      long base,
      int policyVersion,
      List<String> neverMatchEmails,
      boolean uniqueEmails) {
    this.neverMatchEmails = List.copyOf(neverMatchEmails);
    this.uniqueEmails = uniqueEmails;
    this.snapshot = snapshot;
    this.base = base;
    this.policyVersion = policyVersion;
    this.position = base;
  }

  public Snapshot snapshot() {
    return snapshot;
  }

  public long base() {
    return base;
  }

  /** The last position that the batch takes. */
  public long end() {
    return position;
  }

  public int policyVersion() {
    return policyVersion;
  }

  /** The position that the next claim gets. */
  public long nextPosition() {
    return position + 1;
  }

  /** Counts an event that has no place in the ledger. */
  public void count(int source, String type, long at) {
    counts.merge(new Count(source, type, Math.floorDiv(at, 60_000_000L)), 1L, Long::sum);
  }

  /**
   * Lands a page or screen that somebody looked at; one whose id is there already changes nothing.
   *
   * @param table {@code pages} or {@code screens}
   * @param columns those that have a value, as text
   */
  public void visit(String table, Map<String, String> columns) {
    if (!table.equals("pages") && !table.equals("screens")) {
      throw new IllegalArgumentException("Visits are of pages or screens, not of " + table);
    }
    visits.add(new VisitRow(table, Map.copyOf(columns)));
  }

  /** Keeps the note whose claim was just decided. */
  public void note(NewNote note, Claim claim, Stamp stamp, Decision decision) {
    notes.add(
        new NoteRow(
            note,
            claim.source().number(),
            decision.part(),
            decision.company(),
            stamp.position(),
            stamp.receivedAt()));
    if (note.record() != null) {
      snapshot.note(note.record());
    }
  }

  /** Notes that the claim just decided was this message. */
  public void message(long place, long name, long content, long at) {
    messages.add(new MessageRow(place, name, content, position, at));
  }

  /**
   * Takes a decision: its users become the snapshot's, and everything that it changes will be
   * written.
   *
   * @param payload the claim as it was sent, or null where it must not be kept
   * @param traits to land on the decision's part, or null
   * @param warnings the decision's and the source's, as stored
   */
  public void add(
      Claim claim,
      Stamp stamp,
      Decision decision,
      List<String> warnings,
      byte @Nullable [] payload,
      byte @Nullable [] traits,
      List<byte[]> suppressed) {
    position = stamp.position();
    decided.add(
        stamp.position(),
        stamp.receivedAt(),
        claim.source().number(),
        decision.rule(),
        decision.outcome());
    String changes = decision.users().isEmpty() ? null : Before.of(decision.users(), snapshot);
    if (changes != null) {
      mentionChanged(decision);
    }
    ledger.add(
        new LedgerRow(
            stamp.position(),
            stamp.receivedAt(),
            claim.at(),
            claim.source().number(),
            decision.part(),
            decision,
            warnings,
            changes,
            payload));
    boolean weak =
        claim.source().channel() == Channel.BILLING || claim.source().channel() == Channel.RECORD;
    // Being seen again is no change of the user.
    Long changedAt =
        decision.outcome() == Outcome.UNCHANGED || decision.rule() == Rule.M2
            ? null
            : (Long) stamp.receivedAt();
    int moves = 0;
    for (Decision.Moved each : decision.moved(snapshot.users())) {
      moved.add(new MovedRow(stamp.position(), moves++, each));
    }
    if (claim instanceof Claim.UndoMerge undo && decision.outcome() == Outcome.UNDONE) {
      undone.add(
          new UndoneRow(undo.position(), undo.ordinal(), stamp.position(), stamp.receivedAt()));
      reopenFlags(undo.position());
    }
    reviewed.decided(claim, decision, stamp);
    for (User user : decision.users()) {
      put(
          user,
          changedAt,
          stamp,
          decision.instead(),
          new StoredPart.Created(claim.source().number(), weak, claim.at()));
    }
    UUID part = decision.part();
    if (claim instanceof Claim.UndoLink undo && decision.outcome() == Outcome.UNDONE) {
      unlink(undo, Objects.requireNonNull(part), stamp);
    }
    if (traits != null && part != null && snapshot.part(part) != null) {
      land(part, traits, claim.at(), changedAt);
    }
    int ordinal = 0;
    for (Flag flag : decision.flags()) {
      if (flag.kind().stored()) {
        flags.add(
            new FlagRow(stamp.position(), ordinal++, flag, decision.rule(), stamp.receivedAt()));
        flag.users().forEach(this::markFlagged);
      }
    }
    if (claim instanceof Claim.SettleFlag settle && decision.reason() == null) {
      settle(settle, stamp);
    }
    for (Account account : decision.accounts()) {
      AccountRow earlier = accounts.get(account.externalId());
      long updated = changedAt == null ? 0 : changedAt;
      Account known = snapshot.users().account(account.externalId());
      boolean gains = account.domain() != null && !sameDomain(known, account);
      accounts.put(
          account.externalId(),
          new AccountRow(
              account,
              earlier == null ? updated : Math.max(earlier.at(), updated),
              gains || (earlier != null && earlier.gainsDomain())));
    }
    for (Decision.Link link : decision.links()) {
      boolean removed = link.how() == Decision.Link.How.REMOVED;
      unlinks |= removed;
      // What this batch itself would write is not there yet, and need not be.
      if (!removed || !links.removeIf(row -> row.link().equals(added(link)))) {
        links.add(new LinkRow(link, claim.source().number(), stamp.position(), stamp.receivedAt()));
      }
    }
    for (Decision.Gone each : decision.gone()) {
      Account into = each.into();
      gone.add(new GoneRow(each.account().id(), into == null ? null : into.id(), stamp.position()));
    }
    decision.putAccounts(snapshot.users(), stamp.position(), claim.source().number());
    if (claim instanceof Claim.PutAccount && traits != null && !decision.accounts().isEmpty()) {
      accountTraits.add(new AccountTraits(decision.accounts().getFirst().id(), traits));
    }
    if (!decision.erased().isEmpty() || !suppressed.isEmpty()) {
      erase(claim, stamp, decision, suppressed);
    }
    if (claim instanceof Claim.Lift lift && decision.outcome() == Outcome.UPDATED) {
      lifted.add(lift.suppression().value());
    }
  }

  private static Decision.Link added(Decision.Link removed) {
    return new Decision.Link(removed.account(), removed.part());
  }

  private static boolean sameDomain(@Nullable Account known, Account now) {
    return known != null
        && known.domain() != null
        && now.domain() != null
        && known.domain().value().equals(now.domain().value());
  }

  private void erase(Claim claim, Stamp stamp, Decision decision, List<byte[]> suppressed) {
    Set<Identifier> identifiers = new LinkedHashSet<>(decision.suppressed());
    Set<String> names = new LinkedHashSet<>();
    if (claim instanceof Claim.Erase erase) {
      identifiers.addAll(erase.identifiers());
    }
    for (UUID id : decision.erased()) {
      User user = snapshot.users().user(id);
      if (user != null) {
        user.identifiers().forEach(held -> identifiers.add(held.id()));
        for (Part part : user.parts()) {
          if (part.name() != null) {
            names.add(part.name().value());
          }
        }
      }
    }
    Set<String> shared = new LinkedHashSet<>();
    for (Identifier identifier : identifiers) {
      if (identifier.type().equals(IdentifierType.EMAIL)
          && !snapshot.onlyOf(identifier.value(), decision.erased())) {
        shared.add(identifier.value());
      }
    }
    Set<UUID> parts = forget(decision.erased(), stamp);
    erasures.add(
        new Erasure(
            decision.erased().size(),
            parts,
            identifiers,
            shared,
            names,
            suppressed,
            claim.suppresses(),
            decision.rule(),
            claim.source().number(),
            stamp.position(),
            stamp.receivedAt()));
  }

  /**
   * Notes what the claim just added names and its part does not hold.
   *
   * @param part that it was written to, or null
   */
  public void mentions(
      Set<Identifier> identifiers, Set<String> emails, Set<UUID> users, @Nullable UUID part) {
    StoredPart stored = part == null ? null : snapshot.part(part);
    Part own = stored == null ? null : stored.part();
    for (Identifier identifier : identifiers) {
      if (own == null || !holds(own, identifier)) {
        mention(Hashes.name(identifier), own, position);
      }
    }
    for (String email : emails) {
      Identifier identifier = Identifier.email(email);
      if (own == null || !holds(own, identifier)) {
        mention(Hashes.name(identifier), own, position);
      }
    }
    for (UUID user : users) {
      if (own == null || !own.id().equals(user)) {
        mention(Hashes.name(user), own, position);
      }
    }
  }

  private void mention(long name, @Nullable Part part, long at) {
    mentions.add(part == null ? new Mention(name, null, at) : new Mention(name, part.id(), 0));
  }

  /** Parts whose before-image stands in another's line, and identifiers that leave a part. */
  private void mentionChanged(Decision decision) {
    for (User user : decision.users()) {
      for (Part part : user.parts()) {
        StoredPart stored = snapshot.part(part.id());
        if (stored == null || (stored.part().equals(part) && stored.user().equals(user.id()))) {
          continue;
        }
        if (!part.id().equals(decision.part())) {
          mentions.add(new Mention(Hashes.name(part.id()), null, position));
        }
        for (Held held : stored.part().identifiers()) {
          if (!holds(part, held.id())) {
            mentions.add(new Mention(Hashes.name(held.id()), part.id(), 0));
          }
        }
      }
    }
  }

  /** A billing id counts under whatever provider. */
  private static boolean holds(Part part, Identifier identifier) {
    if (identifier.type().kind() != IdentifierType.Kind.BILLING) {
      return part.held(identifier) != null;
    }
    for (IdentifierType type : IdentifierType.BILLING_TYPES) {
      if (part.held(new Identifier(type, identifier.value())) != null) {
        return true;
      }
    }
    return false;
  }

  private void unlink(Claim.UndoLink undo, UUID to, Stamp stamp) {
    for (String merge : undo.merges()) {
      Place place = Objects.requireNonNull(Place.of(merge));
      undone.add(
          new UndoneRow(place.position(), place.ordinal(), stamp.position(), stamp.receivedAt()));
    }
    reopenFlags(undo.position());
    for (UUID account : undo.accounts()) {
      snapshot.users().relink(account, undo.part(), to, false);
    }
    undo.shared().forEach(account -> snapshot.users().relink(account, undo.part(), to, true));
    // Identifies land on the part of the id that they name.
    StoredPart from = snapshot.part(undo.part());
    StoredPart gone = snapshot.part(to);
    boolean traits = from != null && gone != null && !from.part().identified();
    if (from != null && gone != null && traits) {
      snapshot.put(gone.withLandedAt(from.landedAt()));
      snapshot.put(from.withoutLanded());
    }
    unlinked.add(
        new UnlinkedRow(
            undo.position(),
            undo.part(),
            to,
            undo.accounts(),
            undo.shared(),
            undo.notes(),
            traits,
            stamp.position(),
            stamp.receivedAt()));
  }

  private void put(
      User user,
      @Nullable Long changedAt,
      Stamp stamp,
      List<Instead> instead,
      StoredPart.Created created) {
    List<StoredPart> parts = new ArrayList<>(user.parts().size());
    Set<UUID> newEmails = Set.of();
    uncount(user);
    for (Part part : user.parts()) {
      StoredPart known = snapshot.part(part.id());
      if (known == null || !sameEmail(known.part(), part)) {
        newEmails = newEmails.isEmpty() ? Set.of(part.id()) : both(newEmails, part.id());
      }
      StoredPart next;
      if (known == null) {
        next =
            new StoredPart(
                    part, created, user.id(), false, false, StoredPart.Marks.NONE, StoredPart.NEVER)
                .in(user);
      } else {
        next = known.in(user);
      }
      if (!next.equals(known) || part.id().equals(user.id())) {
        touch(part.id(), known, changedAt);
      }
      parts.add(next);
    }
    review(user, parts, stamp);
    for (Merge merge : user.merges()) {
      if (merge.position() == stamp.position()) {
        merges.add(new MergeRow(merge, instead, stamp.receivedAt()));
      }
    }
    snapshot.put(user, parts);
    count(user, 1);
    for (StoredPart part : parts) {
      shareEmail(part, newEmails.contains(part.id()), stamp);
    }
  }

  private static Set<UUID> both(Set<UUID> some, UUID one) {
    Set<UUID> both = new LinkedHashSet<>(some);
    both.add(one);
    return both;
  }

  private static boolean sameEmail(Part was, Part now) {
    Held before = was.current(IdentifierType.EMAIL);
    Held after = now.current(IdentifierType.EMAIL);
    return before == null ? after == null : after != null && before.value().equals(after.value());
  }

  // What review asks of users that change

  /** Takes the users that this one's parts belonged to so far out of the counts. */
  private void uncount(User user) {
    if (user.parts().size() == 1) {
      User was = snapshot.users().user(user.id());
      if (was != null) {
        count(was, -1);
      }
      return;
    }
    Set<User> before = new LinkedHashSet<>();
    for (Part part : user.parts()) {
      User was = snapshot.users().user(part.id());
      if (was != null) {
        before.add(was);
      }
    }
    before.forEach(was -> count(was, -1));
  }

  private void count(User user, int more) {
    reviewed.users += more;
    reviewed.identified += user.externalId() == null ? 0 : more;
    reviewed.missingBilling += missesBilling(user) ? more : 0;
  }

  private boolean missesBilling(User user) {
    if (!Flags.missingBillingId(user)) {
      return false;
    }
    StoredPart root = snapshot.part(user.id());
    return root == null || !root.marks().billingDismissed();
  }

  /**
   * Notes what may close a flag or open one: of most claims nothing does.
   *
   * @param parts the user's, in their next version
   */
  private void review(User user, List<StoredPart> parts, Stamp stamp) {
    boolean flagged = false;
    boolean shared = false;
    boolean barred = false;
    for (int i = 0; i < parts.size(); i++) {
      StoredPart part = parts.get(i);
      StoredPart known = snapshot.part(part.id());
      flagged |= part.marks().flagged();
      shared |= part.emailShared();
      Set<UUID> bars = known == null ? Set.of() : known.part().bars();
      if (!bars.equals(part.part().bars())) {
        barred = true;
        reviewed.bars(part.id(), bars, part.part().bars(), stamp);
      }
      if (part.marks().billingDismissed()
          && part.id().equals(user.id())
          && !Flags.missingBillingId(user)) {
        parts.set(i, part.withBillingDismissed(false));
        reviewed.billingDismissed.put(part.id(), false);
      }
    }
    if (!flagged && !shared) {
      return;
    }
    // What keeps a user apart from another may stand on any of its parts.
    boolean regrouped = regrouped(user);
    boolean found = barred;
    for (StoredPart part : parts) {
      StoredPart known = snapshot.part(part.id());
      boolean moved = known != null && !known.user().equals(part.user());
      found |= known == null || moved || !sameIdentifiers(known.part(), part.part());
      if (known != null
          && known.emailShared()
          && (moved || barred || regrouped || !sameEmail(known.part(), part.part()))) {
        Held email = known.part().current(IdentifierType.EMAIL);
        if (email != null) {
          reviewed.recheck(email.value(), List.of(known.user(), part.user()), stamp);
        }
      }
    }
    if (flagged && found) {
      for (StoredPart part : parts) {
        if (part.marks().flagged()) {
          reviewed.touched.put(part.id(), Reviewed.Moment.of(stamp));
        }
      }
    }
  }

  /** Whether the user has become one with another since, or been parted from one. */
  private boolean regrouped(User user) {
    User was = snapshot.users().user(user.id());
    return was == null || was.parts().size() != user.parts().size();
  }

  /** Whether the part is found, and known to billing providers, as before. */
  private static boolean sameIdentifiers(Part was, Part now) {
    if (was.identifiers().size() != now.identifiers().size()) {
      return false;
    }
    for (int i = 0; i < was.identifiers().size(); i++) {
      Held before = was.identifiers().get(i);
      Held after = now.identifiers().get(i);
      if (!before.id().equals(after.id())
          || before.current() != after.current()
          || before.deleted() != after.deleted()) {
        return false;
      }
    }
    return true;
  }

  private void markFlagged(UUID part) {
    StoredPart stored = snapshot.part(part);
    if (stored != null && !stored.marks().flagged()) {
      snapshot.put(stored.withFlagged());
    }
  }

  private void settle(Claim.SettleFlag settle, Stamp stamp) {
    reviewed.settled.put(
        settle.flag(), new Reviewed.Settled(settle.users(), Reviewed.Moment.of(stamp)));
    if (settle.act() == null && settle.flag().startsWith(FlagId.MISSING_BILLING_ID)) {
      UUID user = settle.users().getFirst();
      StoredPart root = snapshot.part(user);
      if (root != null) {
        snapshot.put(root.withBillingDismissed(true));
        reviewed.billingDismissed.put(user, true);
        reviewed.missingBilling--;
      }
    }
  }

  /**
   * Opens the flags again that were closed at a ledger position by what happened there, not by a
   * person who dismissed them: what closed them is taken back. Those whose like was opened anew
   * since stay closed, and those that are not so any more close again in the same commit.
   */
  public void reopenFlags(long closedAtPosition) {
    reviewed.reopened.add(closedAtPosition);
  }

  boolean uniqueEmails() {
    return uniqueEmails;
  }

  boolean neverMatches(String email) {
    return Values.neverMatches(email, neverMatchEmails);
  }

  Reviewed reviewed() {
    return reviewed;
  }

  private void touch(UUID part, @Nullable StoredPart known, @Nullable Long at) {
    if (changed.add(part) && known != null) {
      before.put(part, known);
    }
    if (at != null) {
      updatedAt.put(part, at);
    }
  }

  /**
   * A part that newly has an email which another has: both must look for each other from now on.
   */
  private void shareEmail(StoredPart part, boolean newEmail, Stamp stamp) {
    Held email = part.part().current(IdentifierType.EMAIL);
    if (email == null || (part.emailShared() && !newEmail)) {
      return;
    }
    EmailHolders holders = snapshot.users().emailHolders(email.value());
    boolean others = holders.moreIdless() || holders.moreIdentified();
    boolean otherUsers = others;
    List<StoredPart> sharing = new ArrayList<>();
    for (List<User> users : List.of(holders.idless(), holders.identified())) {
      for (User user : users) {
        otherUsers |= !user.id().equals(part.user());
        for (Part having : user.parts()) {
          Held theirs = having.current(IdentifierType.EMAIL);
          if (theirs != null && theirs.value().equals(email.value())) {
            StoredPart stored = snapshot.part(having.id());
            if (stored != null) {
              sharing.add(stored);
            }
          }
        }
      }
    }
    if (newEmail && otherUsers && !neverMatches(email.value())) {
      reviewed.joined.put(email.value(), Reviewed.Moment.of(stamp));
      if (isBarred(part.user())) {
        // It may be kept apart from all who have the email.
        reviewed.recheck(email.value(), List.of(part.user()), stamp);
      }
    }
    if (!others && sharing.size() < 2) {
      return;
    }
    for (StoredPart stored : sharing) {
      if (!stored.emailShared()) {
        touch(stored.id(), stored, null);
        snapshot.put(stored.withEmailShared(true));
      }
    }
  }

  private boolean isBarred(UUID id) {
    User user = snapshot.users().user(id);
    return user != null && user.parts().stream().anyMatch(part -> !part.bars().isEmpty());
  }

  private void land(UUID part, byte[] traits, long saidAt, @Nullable Long at) {
    StoredPart stored = snapshot.part(part);
    if (stored == null) {
      return;
    }
    Landing landing = landings.computeIfAbsent(part, id -> new Landing());
    if (saidAt < stored.landedAt()) {
      landing.under = Traits.joined(traits, landing.under);
    } else {
      landing.over = Traits.joined(landing.over, traits);
    }
    touch(part, stored, at);
    snapshot.put(stored.withLandedAt(saidAt));
  }

  /** Takes users out of the snapshot and of what is to be written; returns all their parts. */
  private Set<UUID> forget(List<UUID> users, Stamp stamp) {
    Set<UUID> parts = new LinkedHashSet<>();
    for (UUID id : users) {
      User user = snapshot.users().user(id);
      if (user != null) {
        user.parts().forEach(part -> parts.add(part.id()));
        count(user, -1);
        for (Held held : user.identifiers()) {
          if (held.type().equals(IdentifierType.EMAIL)) {
            reviewed.recheck(held.value(), List.of(), stamp);
          }
        }
      }
      snapshot.users().remove(id);
    }
    changed.removeAll(parts);
    before.keySet().removeAll(parts);
    landings.keySet().removeAll(parts);
    return parts;
  }

  Map<UUID, StoredPart> before() {
    return before;
  }

  Set<UUID> changed() {
    return changed;
  }

  /** Null: nothing that people see of it changed. */
  @Nullable Long updatedAt(UUID part) {
    return updatedAt.get(part);
  }

  @Nullable Landing landing(UUID part) {
    return landings.get(part);
  }

  List<LedgerRow> ledger() {
    return ledger;
  }

  List<MessageRow> messages() {
    return messages;
  }

  List<FlagRow> flags() {
    return flags;
  }

  List<MergeRow> merges() {
    return merges;
  }

  List<UndoneRow> undone() {
    return undone;
  }

  List<UnlinkedRow> unlinked() {
    return unlinked;
  }

  List<MovedRow> moved() {
    return moved;
  }

  /** Every flag that its decisions raise and that is stored. */
  public List<Flag> raised() {
    return flags.stream().map(FlagRow::flag).toList();
  }

  Map<String, AccountRow> accounts() {
    return accounts;
  }

  List<NoteRow> notes() {
    return notes;
  }

  /** Whether it takes users off accounts. */
  public boolean unlinks() {
    return unlinks;
  }

  List<LinkRow> links() {
    return links;
  }

  List<GoneRow> gone() {
    return gone;
  }

  List<AccountTraits> accountTraits() {
    return accountTraits;
  }

  /** Sorted, so that two servers that count at once never wait for each other crosswise. */
  Map<Count, Long> counts() {
    Map<Count, Long> sorted =
        new TreeMap<>(
            Comparator.comparingInt(Count::source)
                .thenComparing(Count::type)
                .thenComparingLong(Count::minute));
    sorted.putAll(counts);
    return sorted;
  }

  DecisionCounts decided() {
    return decided;
  }

  List<VisitRow> visits() {
    return visits;
  }

  List<Erasure> erasures() {
    return erasures;
  }

  Set<Mention> mentions() {
    return mentions;
  }

  List<String> lifted() {
    return lifted;
  }
}
