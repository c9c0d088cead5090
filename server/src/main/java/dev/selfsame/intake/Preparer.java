package dev.selfsame.intake;

import dev.selfsame.identity.Claim;
import dev.selfsame.identity.EmailHolders;
import dev.selfsame.identity.Held;
import dev.selfsame.identity.Identifier;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.Normalised;
import dev.selfsame.identity.Part;
import dev.selfsame.identity.Source;
import dev.selfsame.identity.User;
import dev.selfsame.resolution.Decision;
import dev.selfsame.resolution.Keys;
import dev.selfsame.resolution.Outcome;
import dev.selfsame.resolution.Reason;
import dev.selfsame.resolution.Resolution;
import dev.selfsame.resolution.Rule;
import dev.selfsame.resolution.StaleMatches;
import dev.selfsame.resolution.Stamp;
import dev.selfsame.resolution.Values;
import dev.selfsame.store.Batch;
import dev.selfsame.store.BatchWriter;
import dev.selfsame.store.Hashes;
import dev.selfsame.store.NewNote;
import dev.selfsame.store.NoteRecord;
import dev.selfsame.store.Session;
import dev.selfsame.store.Snapshot;
import dev.selfsame.store.SpaceSettings;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides a batch: finds out which claims are repeats, reads the users that the others may touch,
 * resolves them in order and encodes what is to be written. Writes nothing. Not thread-safe.
 */
final class Preparer {

  private static final Logger LOG = LoggerFactory.getLogger(Preparer.class);

  /**
   * A decided batch.
   *
   * @param receipts of each item, to be given after the commit
   * @param rest items that must wait for the next batch
   * @param messages what it decided, by message: the next batch must know before it is committed
   * @param alone nothing may be prepared before it is committed: it takes users away
   */
  record Prepared(
      List<Request.Item> items,
      List<Receipt> receipts,
      List<Request.Item> rest,
      BatchWriter.Encoded encoded,
      Map<Long, Set<Long>> messages,
      boolean alone) {
    Batch batch() {
      return encoded.batch();
    }

    Decided decided() {
      return new Decided(batch().snapshot(), messages);
    }

    /** Items that could not be decided together: the writing thread is to find the one at fault. */
    static Prepared undecided(List<Request.Item> items, int space) {
      Batch empty = new Batch(new Snapshot(false, 0), 0, 0);
      return new Prepared(
          items, List.of(), List.of(), BatchWriter.encode(empty, space), Map.of(), true);
    }
  }

  /**
   * What a batch leaves for those decided after it: the users as it leaves them, and the messages
   * that it knows.
   */
  record Decided(Snapshot snapshot, Map<Long, Set<Long>> messages) {}

  /** By how much the clock of another server may be ahead: a day, in microseconds. */
  private static final long CLOCKS_DIFFER = 86_400_000_000L;

  private final IntakeSettings settings;
  private final UserIds ids;

  Preparer(IntakeSettings settings, UserIds ids) {
    this.settings = settings;
    this.ids = ids;
  }

  /**
   * @param base the ledger position that the batch follows
   * @param uncommitted the batches before it that may not have been committed when the reads began,
   *     in order
   */
  Prepared prepare(
      Session session,
      SpaceSettings space,
      long base,
      List<Request.Item> items,
      List<Decided> uncommitted) {
    Map<Long, Set<Long>> known = knownMessages(session, space, items, uncommitted);
    List<Keys> keys = new ArrayList<>(items.size());
    for (Request.Item item : items) {
      keys.add(item.poisonous() ? Keys.NONE : Keys.of(claim(item, space), space.policy()));
    }
    Snapshot snapshot = read(session, space, items, keys, uncommitted);
    return decide(
        space,
        new Batch(
            snapshot,
            base,
            space.policyVersion(),
            space.policy().neverMatchEmails(),
            space.policy().uniqueEmails()),
        items,
        keys,
        known);
  }

  /**
   * The item's claim, of its source as the space has set it now: whoever handed it over may have
   * read the settings a moment before they changed.
   */
  private static Claim claim(Request.Item item, SpaceSettings space) {
    Claim claim = item.submission().claim();
    Source now = space.sources().get(claim.source().number());
    return now == null || now.equals(claim.source()) ? claim : claim.of(now);
  }

  private Map<Long, Set<Long>> knownMessages(
      Session session, SpaceSettings space, List<Request.Item> items, List<Decided> uncommitted) {
    Set<Long> names = LinkedHashSet.newLinkedHashSet(items.size());
    Set<Long> places = LinkedHashSet.newLinkedHashSet(items.size());
    long earliest = Long.MAX_VALUE;
    long latest = Long.MIN_VALUE;
    for (Request.Item item : items) {
      Submission.MessageKey key = item.submission().key();
      if (key != null) {
        names.add(key.message());
        places.add(key.place());
        earliest = Math.min(earliest, item.submission().receivedAt());
        latest = Math.max(latest, item.submission().receivedAt());
      }
    }
    if (names.isEmpty()) {
      return new HashMap<>();
    }
    Map<Long, Set<Long>> known =
        session.readMessages(
            space.number(),
            places,
            earliest - settings.repeatWindow().toNanos() / 1_000,
            latest + CLOCKS_DIFFER);
    for (Decided before : uncommitted) {
      for (Long name : names) {
        Set<Long> contents = before.messages().get(name);
        if (contents != null) {
          known.computeIfAbsent(name, absent -> new HashSet<>(2)).addAll(contents);
        }
      }
    }
    return known;
  }

  private Snapshot read(
      Session session,
      SpaceSettings space,
      List<Request.Item> items,
      List<Keys> keys,
      List<Decided> uncommitted) {
    Set<Identifier> identifiers = LinkedHashSet.newLinkedHashSet(items.size());
    Set<UUID> users = new LinkedHashSet<>();
    Set<String> accounts = new LinkedHashSet<>();
    for (Keys key : keys) {
      identifiers.addAll(key.identifiers());
      users.addAll(key.users());
      accounts.addAll(key.accounts());
    }
    Snapshot snapshot = new Snapshot(space.policy().matchPreviousEmails(), items.size());
    session.readHolders(space.number(), snapshot, identifiers, users);
    for (Decided before : uncommitted) {
      snapshot.overlay(before.snapshot(), identifiers, Set.of(), users);
    }
    Set<String> emails = new LinkedHashSet<>();
    Set<String> allEmails = new LinkedHashSet<>();
    for (int item = 0; item < keys.size(); item++) {
      for (String email : keys.get(item).emails()) {
        allEmails.add(email);
        if (mayHaveOtherHolders(keys.get(item), email, snapshot)) {
          emails.add(email);
        }
      }
      if (takesAway(items.get(item).submission().claim())) {
        emails.addAll(keys.get(item).emails());
        session.readEmailHolders(space.number(), snapshot, keys.get(item).emails());
        emails.addAll(emailsOf(keys.get(item), snapshot));
      }
    }
    allEmails.addAll(emails);
    session.readEmailHolders(space.number(), snapshot, emails);
    for (Decided before : uncommitted) {
      // Whoever the identifiers and ids name is there already.
      snapshot.overlay(before.snapshot(), Set.of(), allEmails, Set.of());
    }
    readNotes(session, space, items, keys, snapshot, uncommitted);
    if (!accounts.isEmpty()) {
      session.readAccounts(space.number(), snapshot, accounts);
      for (Decided before : uncommitted) {
        snapshot.overlayAccounts(before.snapshot(), accounts);
      }
    }
    for (Request.Item item : items) {
      if (item.submission().claim() instanceof Claim.SettleFlag settle) {
        session.readFlags(space, snapshot, List.of(settle.flag()));
      }
    }
    if (space.suppressions() > 0) {
      Map<Identifier, byte[]> hashes = new LinkedHashMap<>();
      for (Identifier identifier : identifiers) {
        hashes.put(
            identifier,
            identifier.type().equals(IdentifierType.SUPPRESSION)
                ? Hashes.hash(identifier.value())
                : Hashes.of(space.secret(), identifier));
      }
      for (Request.Item item : items) {
        Identifier visitor = visitor(item.submission().visit(), space);
        if (visitor != null) {
          hashes.put(visitor, Hashes.of(space.secret(), visitor));
        }
      }
      for (String email : allEmails) {
        hashes.put(Identifier.email(email), Hashes.of(space.secret(), Identifier.email(email)));
      }
      session.readSuppressed(space.number(), snapshot, hashes);
    }
    return snapshot;
  }

  /**
   * Where there are notes, acts on accounts, or rows that replace them: whom their users belong to,
   * and which of the notes there are already.
   */
  private static void readNotes(
      Session session,
      SpaceSettings space,
      List<Request.Item> items,
      List<Keys> keys,
      Snapshot snapshot,
      List<Decided> uncommitted) {
    Set<NoteRecord> records = new LinkedHashSet<>();
    boolean notes = false;
    for (Request.Item item : items) {
      NewNote note = item.submission().note();
      Claim claim = item.submission().claim();
      notes |= note != null || claim instanceof Claim.AccountAct || replaces(claim);
      if (note != null && note.record() != null) {
        records.add(note.record());
      }
    }
    if (!notes) {
      return;
    }
    Set<String> domains = new LinkedHashSet<>();
    keys.forEach(key -> domains.addAll(key.domains()));
    session.readCompanies(space.number(), snapshot, domains);
    session.readNotes(space.number(), snapshot, records);
    for (Decided before : uncommitted) {
      snapshot.overlayNotes(before.snapshot());
    }
  }

  /**
   * Most claims repeat the email that their user has, and nobody else has it: the store notes on
   * the part when that is not so, and the look-up by email, the dearer half of reading, is left
   * out.
   */
  private static boolean mayHaveOtherHolders(Keys keys, String email, Snapshot snapshot) {
    if (snapshot.matchesPreviousEmails()) {
      return true;
    }
    for (Identifier identifier : keys.identifiers()) {
      User user = snapshot.users().holder(identifier);
      if (user != null) {
        for (Part part : user.parts()) {
          Held current = part.current(IdentifierType.EMAIL);
          if (current != null
              && current.value().equals(email)
              && !snapshot.emailMayBeShared(part.id())) {
            return false;
          }
        }
      }
    }
    return true;
  }

  /** Whether nothing may be decided on top of what it leaves before that is committed. */
  private static boolean takesAway(Claim claim) {
    return claim instanceof Claim.Erase
        || claim instanceof Claim.Lift
        || (claim instanceof Claim.Delete delete && delete.source().mayErase());
  }

  /** Whether accounts or links may go. */
  private static boolean regroups(Claim claim) {
    return claim instanceof Claim.DeleteAccount
        || claim instanceof Claim.MergeAccounts
        || (claim instanceof Claim.LinkAccount link
            && link.linking() == Claim.LinkAccount.Linking.UNLINKED);
  }

  private static boolean replaces(Claim claim) {
    return claim instanceof Claim.WarehouseRow row && row.replacesAccounts();
  }

  /** An erasure bars an email only if nobody else has it. */
  private static Set<String> emailsOf(Keys keys, Snapshot snapshot) {
    Set<User> users = new LinkedHashSet<>();
    for (Identifier identifier : keys.identifiers()) {
      User holder = snapshot.users().holder(identifier);
      if (holder != null) {
        users.add(holder);
      }
    }
    for (UUID id : keys.users()) {
      User user = snapshot.users().user(id);
      if (user != null) {
        users.add(user);
      }
    }
    for (String email : keys.emails()) {
      EmailHolders holders = snapshot.users().emailHolders(email);
      users.addAll(holders.idless());
      users.addAll(holders.identified());
    }
    Set<String> emails = new LinkedHashSet<>();
    for (User user : users) {
      for (Held held : user.identifiers()) {
        if (held.type().equals(IdentifierType.EMAIL)) {
          emails.add(held.value());
        }
      }
    }
    return emails;
  }

  private Prepared decide(
      SpaceSettings space,
      Batch batch,
      List<Request.Item> items,
      List<Keys> keys,
      Map<Long, Set<Long>> known) {
    List<Receipt> receipts = new ArrayList<>(items.size());
    Map<Long, Set<Long>> decided = new HashMap<>();
    boolean alone = false;
    int done = 0;
    for (; done < items.size() && !alone; done++) {
      Request.Item item = items.get(done);
      // What a flag's settling leaves is known only when it is written; and snapshots are laid over
      // each other as if accounts never went.
      Claim claim = item.submission().claim();
      boolean takesAway =
          claim instanceof Claim.SettleFlag || takesAway(claim(item, space)) || regroups(claim);
      if (takesAway && done > 0) {
        break;
      }
      alone = takesAway;
      try {
        receipts.add(decide(space, batch, item, keys.get(done), known, decided));
        // A row takes links away only where its user has any that it does not name.
        alone |= batch.unlinks();
      } catch (StaleMatches stale) {
        if (done == 0) {
          receipts.add(decide(space, batch, item.poisoned(), Keys.NONE, known, decided));
          LOG.error("A claim was rejected: the holders of its email cannot be told apart", stale);
        } else {
          break;
        }
      }
    }
    boolean whole = done == items.size();
    return new Prepared(
        whole ? items : List.copyOf(items.subList(0, done)),
        receipts,
        whole ? List.of() : List.copyOf(items.subList(done, items.size())),
        BatchWriter.encode(batch, space.number()),
        decided,
        alone);
  }

  private Receipt decide(
      SpaceSettings space,
      Batch batch,
      Request.Item item,
      Keys keys,
      Map<Long, Set<Long>> known,
      Map<Long, Set<Long>> decided) {
    Submission submission = item.submission();
    Claim claim = claim(item, space);
    int source = claim.source().number();
    if (claim instanceof Claim.Event event) {
      Submission.Visit visit = submission.visit();
      if (visit != null && item.poisonous()) {
        return new Receipt(
            Outcome.REJECTED, Rule.X0, Reason.INTERNAL_ERROR, 0, false, null, List.of());
      }
      batch.count(source, event.type(), submission.receivedAt());
      if (visit != null && space.landingVisits().contains(source)) {
        land(visit, batch, space);
      }
      return new Receipt(
          Outcome.SKIPPED, Rule.K18, Reason.NOT_IDENTIFYING, 0, false, null, List.of());
    }
    Submission.MessageKey key = submission.key();
    Set<Long> contents = key == null ? Set.of() : known.getOrDefault(key.message(), Set.of());
    if (key != null && contents.contains(key.content())) {
      batch.count(source, "repeat", submission.receivedAt());
      return new Receipt(Outcome.UNCHANGED, Rule.K19, null, 0, true, null, List.of());
    }
    boolean named =
        claim instanceof Claim.ApiUser
            || claim instanceof Claim.Note
            || claim instanceof Claim.AccountAct;
    if (named && key != null && !contents.stream().allMatch(key::sameRequest)) {
      return new Receipt(Outcome.REJECTED, Rule.K19, Reason.KEY_REUSED, 0, false, null, List.of());
    }
    NewNote note = submission.note();
    if (note != null && note.record() != null && batch.snapshot().noted(note.record())) {
      batch.count(source, "repeat", submission.receivedAt());
      return new Receipt(
          Outcome.UNCHANGED, Rule.K19, Reason.SOURCE_REPEATED, 0, false, null, List.of());
    }
    Stamp stamp =
        new Stamp(batch.nextPosition(), submission.receivedAt(), ids.next(submission.receivedAt()));
    Decision decision = item.poisonous() ? internalError() : resolve(claim, stamp, batch, space);
    List<String> warnings = warnings(decision, submission, !named && !contents.isEmpty());
    Kept kept = Kept.of(decision, submission, keys, batch.snapshot());
    batch.add(
        claim,
        stamp,
        decision,
        warnings,
        item.poisonous() ? null : kept.payload(),
        kept.traits(),
        barred(claim, decision, batch.snapshot(), space));
    if (note != null && decision.reason() == null) {
      batch.note(note, claim, stamp, decision);
    }
    if (kept.payload() != null && !takesAway(claim)) {
      mention(keys, decision, batch);
    }
    // Who gave a request a name of its own is told again that it was refused.
    boolean keeps = named ? decision.rule() != Rule.X0 : decision.outcome() != Outcome.REJECTED;
    if (key != null && keeps) {
      batch.message(key.place(), key.message(), key.content(), submission.receivedAt());
      known.computeIfAbsent(key.message(), name -> new HashSet<>(2)).add(key.content());
      decided.computeIfAbsent(key.message(), name -> new HashSet<>(2)).add(key.content());
    }
    UUID part = decision.part();
    User user = part == null ? null : batch.snapshot().users().user(part);
    return new Receipt(
        decision.outcome(),
        decision.rule(),
        decision.reason(),
        stamp.position(),
        false,
        user == null ? null : user.id(),
        decision.flags().stream().map(flag -> flag.kind().code()).toList(),
        decision.checks().stream().map(Rule::code).toList(),
        warnings);
  }

  /** What is struck from the line is not named by it. */
  private static void mention(Keys keys, Decision decision, Batch batch) {
    if (batch.snapshot().users().suppresses()) {
      Set<Identifier> identifiers = new LinkedHashSet<>(keys.identifiers());
      identifiers.removeIf(batch.snapshot().users()::suppressed);
      Set<String> emails = new LinkedHashSet<>(keys.emails());
      emails.removeIf(email -> batch.snapshot().users().suppressed(Identifier.email(email)));
      batch.mentions(identifiers, emails, keys.users(), decision.part());
    } else {
      batch.mentions(keys.identifiers(), keys.emails(), keys.users(), decision.part());
    }
  }

  /** Of somebody whom an erasure bars nothing lands (K22). */
  private static void land(Submission.Visit visit, Batch batch, SpaceSettings space) {
    Identifier visitor = visitor(visit, space);
    if (visitor != null && batch.snapshot().users().suppressed(visitor)) {
      return;
    }
    Map<String, String> columns = new HashMap<>(visit.columns());
    columns.put("id", visit.id());
    if (visitor != null) {
      columns.put("user_id", visitor.value());
    }
    batch.visit(visit.table(), columns);
  }

  /** Who looked at it, as identifiers are written; null: nobody that can be known. */
  private static @Nullable Identifier visitor(
      Submission.@Nullable Visit visit, SpaceSettings space) {
    return visit != null
            && Values.id(visit.userId(), space.policy()) instanceof Normalised.Value usable
        ? Identifier.externalId(usable.value())
        : null;
  }

  /** What an erasure keeps from coming back, hashed: all that the erased users were known by. */
  private static List<byte[]> barred(
      Claim claim, Decision decision, Snapshot snapshot, SpaceSettings space) {
    Set<Identifier> barred = new LinkedHashSet<>(decision.suppressed());
    for (UUID erased : claim.suppresses() ? decision.erased() : List.<UUID>of()) {
      User user = snapshot.users().user(erased);
      if (user != null) {
        for (Held held : user.identifiers()) {
          if (!held.type().equals(IdentifierType.EMAIL)
              || snapshot.onlyOf(held.value(), decision.erased())) {
            barred.add(held.id());
          }
        }
      }
    }
    List<byte[]> hashes = new ArrayList<>(barred.size());
    for (Identifier identifier : barred) {
      hashes.add(Hashes.of(space.secret(), identifier));
    }
    return hashes;
  }

  private static Decision resolve(Claim claim, Stamp stamp, Batch batch, SpaceSettings space) {
    try {
      return Resolution.decide(claim, stamp, batch.snapshot().users(), space.policy());
    } catch (StaleMatches stale) {
      throw stale;
    } catch (RuntimeException bug) {
      LOG.error("A claim could not be decided and was rejected", bug);
      return internalError();
    }
  }

  private static Decision internalError() {
    return Decision.rejected(Rule.X0, Reason.INTERNAL_ERROR);
  }

  private static List<String> warnings(
      Decision decision, Submission submission, boolean nameReused) {
    if (decision.warnings().isEmpty() && submission.warnings().isEmpty() && !nameReused) {
      return List.of();
    }
    List<String> warnings = new ArrayList<>();
    for (Decision.Warning warning : decision.warnings()) {
      warnings.add(warning.kind().code() + ":" + warning.field());
    }
    submission.warnings().forEach((field, kind) -> warnings.add(kind + ":" + field));
    if (nameReused) {
      warnings.add(Decision.Warning.Kind.MESSAGE_ID_REUSED.code() + ":messageId");
    }
    return warnings;
  }
}
