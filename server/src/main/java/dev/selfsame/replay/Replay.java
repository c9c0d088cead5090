package dev.selfsame.replay;

import dev.selfsame.identity.Account;
import dev.selfsame.identity.Claim;
import dev.selfsame.identity.EmailHolders;
import dev.selfsame.identity.Identifier;
import dev.selfsame.identity.Instead;
import dev.selfsame.identity.Matches;
import dev.selfsame.identity.Merge;
import dev.selfsame.identity.Raw;
import dev.selfsame.identity.Source;
import dev.selfsame.identity.User;
import dev.selfsame.identity.Users;
import dev.selfsame.resolution.Decision;
import dev.selfsame.resolution.Outcome;
import dev.selfsame.resolution.Policy;
import dev.selfsame.resolution.Reason;
import dev.selfsame.resolution.Resolution;
import dev.selfsame.resolution.Rule;
import dev.selfsame.resolution.Stamp;
import dev.selfsame.store.Hashes;
import dev.selfsame.store.LedgerLine;
import dev.selfsame.store.SpaceSettings;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A space in memory that the claims of a history are decided in once more, by the same function as
 * live. What a claim creates keeps the id that it got; where another policy creates another user,
 * acts and CSV rows that name a user by its id find the one that stands for it here: the one that
 * the claim which created it was written to. Not thread-safe.
 */
public final class Replay {

  private final History history;
  private final Map<ByteBuffer, Long> suppressed;
  private final Users users;

  /** What stands here for users that the ledger has created. */
  private final Map<UUID, UUID> standIns;

  /** Of each merge made here, how parts would stand without it. */
  private final Map<String, List<Instead>> insteads;

  /** What moved from part to part here, the latest first. */
  private final ArrayDeque<Moved> moves;

  private record Moved(long position, Decision.Moved what) {}

  private Replay(
      History history,
      Map<ByteBuffer, Long> suppressed,
      Users users,
      Map<UUID, UUID> standIns,
      Map<String, List<Instead>> insteads,
      ArrayDeque<Moved> moves) {
    this.history = history;
    this.suppressed = suppressed;
    this.users = users;
    this.standIns = standIns;
    this.insteads = insteads;
    this.moves = moves;
  }

  /** Of an empty space. */
  public static Replay of(History history) {
    return new Replay(
        history,
        history.suppressed(),
        new Users(),
        new HashMap<>(),
        new HashMap<>(),
        new ArrayDeque<>());
  }

  /** The same space so far, to go on in another way. */
  public Replay copy() {
    return new Replay(
        history,
        suppressed,
        users.copy(),
        new HashMap<>(standIns),
        new HashMap<>(insteads),
        new ArrayDeque<>(moves));
  }

  /** The users that the claims so far left. */
  public Collection<User> users() {
    return users.all();
  }

  /** The user that a part which a claim was written to here belongs to, or null. */
  public @Nullable User part(UUID part) {
    return users.user(part);
  }

  /** Decides the claim as it was decided, under its own version of the policy. */
  public Decision decide(Past.Said said) {
    return decide(said, history.settings(said.row().policyVersion()));
  }

  /** Decides the claim under these settings. */
  public Decision decide(Past.Said said, SpaceSettings space) {
    Policy policy = space.policy();
    users.previousEmailsMatch(policy.matchPreviousEmails());
    Claim claim = under(said.claim(), space);
    Stamp stamp = said.stamp();
    Decision decision = Resolution.decide(named(claim), stamp, new Matching(said.row()), policy);
    decision.moved(users).forEach(moved -> moves.addFirst(new Moved(stamp.position(), moved)));
    for (User user : decision.users()) {
      users.put(user);
      for (Merge merge : user.merges()) {
        if (merge.position() == stamp.position()) {
          insteads.put(merge.id(), decision.instead());
        }
      }
    }
    if (claim instanceof Claim.UndoLink undo && decision.outcome() == Outcome.UNDONE) {
      for (UUID account : undo.accounts()) {
        users.relink(account, standIn(undo.part()), stamp.newId(), false);
      }
      for (UUID account : undo.shared()) {
        users.relink(account, standIn(undo.part()), stamp.newId(), true);
      }
    }
    decision.putAccounts(users, stamp.position(), claim.source().number());
    decision.erased().forEach(users::remove);
    decision.suppressed().forEach(users::suppress);
    UUID created = said.row().part();
    UUID part = decision.part();
    if (created != null
        && part != null
        && !created.equals(part)
        && said.row().outcome().equals(Outcome.CREATED.code())) {
      standIns.put(created, part);
    }
    return decision;
  }

  /** The claim of its source as these settings have it. */
  public static Claim under(Claim claim, SpaceSettings space) {
    Source source = space.sources().get(claim.source().number());
    return source == null ? claim : claim.of(source);
  }

  /**
   * Whether it says what the ledger says of the row: outcome, rule, reason, checks and flags. That
   * an erasure barred a value does not count, since the value was struck from what is kept.
   */
  public static boolean same(Decision decision, LedgerLine row) {
    Reason reason = decision.reason();
    return decision.outcome().code().equals(row.outcome())
        && decision.rule().code().equals(row.rule())
        && Objects.equals(reason == null ? null : reason.code(), row.reason())
        && but(Rule.K22, decision.checks().stream().map(Rule::code))
            .equals(but(Rule.K22, row.checks().stream()))
        && codes(decision).equals(row.flags());
  }

  /** A line names each kind of flag once, however many of it the claim raised. */
  private static List<String> codes(Decision decision) {
    return decision.flags().stream().map(flag -> flag.kind().code()).distinct().toList();
  }

  private static List<String> but(Rule left, Stream<String> codes) {
    return codes.filter(code -> !code.equals(left.code())).toList();
  }

  private UUID standIn(UUID part) {
    return standIns.getOrDefault(part, part);
  }

  private List<UUID> standIns(List<UUID> parts) {
    return parts.stream().map(this::standIn).toList();
  }

  /** The claim with the users that it names by id as they are called here. */
  private Claim named(Claim claim) {
    return switch (claim) {
      case Claim.MergeByHand act -> {
        Map<String, UUID> fields = new HashMap<>(act.fields());
        fields.replaceAll((field, user) -> standIn(user));
        UUID survivor = act.survivor();
        yield new Claim.MergeByHand(
            act.source(),
            act.at(),
            act.actor(),
            standIns(act.users()),
            survivor == null ? null : standIn(survivor),
            fields);
      }
      case Claim.UndoMerge act ->
          new Claim.UndoMerge(
              act.source(),
              act.at(),
              act.actor(),
              act.position(),
              act.ordinal(),
              standIn(act.survivor()),
              standIn(act.absorbed()),
              insteads.getOrDefault(Merge.id(act.position(), act.ordinal()), List.of()),
              left(standIn(act.absorbed()), act.position()));
      case Claim.UndoLink act -> {
        UUID part = standIn(act.part());
        yield new Claim.UndoLink(
            act.source(),
            act.at(),
            act.actor(),
            act.position(),
            act.asOf(),
            part,
            new Instead(act.stays().made().withId(part), act.stays().apart().withId(part)),
            act.goes(),
            act.left(),
            act.merges(),
            act.accounts(),
            act.shared());
      }
      case Claim.MoveIdentifier act ->
          new Claim.MoveIdentifier(
              act.source(),
              act.at(),
              act.actor(),
              act.type(),
              act.value(),
              standIn(act.from()),
              standIn(act.to()),
              act.current());
      case Claim.KeepApart act ->
          new Claim.KeepApart(
              act.source(), act.at(), act.actor(), standIns(act.users()), act.lift());
      case Claim.SettleFlag settle -> {
        Claim act = settle.act();
        yield new Claim.SettleFlag(
            settle.source(),
            settle.at(),
            settle.actor(),
            settle.flag(),
            standIns(settle.users()),
            act == null ? null : named(act));
      }
      case Claim.CsvRow row -> {
        UUID id = row.id() instanceof Raw.Text text ? uuid(text.value()) : null;
        yield id == null || !standIns.containsKey(id)
            ? row
            : new Claim.CsvRow(
                row.source(),
                row.at(),
                Raw.text(standIn(id).toString()),
                row.externalId(),
                row.name(),
                row.email(),
                row.billingId(),
                row.asOf());
      }
      case Claim.Identify identify -> identify;
      case Claim.Alias alias -> alias;
      case Claim.Group group -> group;
      case Claim.Delete delete -> delete;
      case Claim.Erase act -> act;
      case Claim.Lift act -> act;
      case Claim.Event event -> event;
      case Claim.Customer customer -> customer;
      case Claim.ToolRecord record -> record;
      case Claim.WarehouseRow row -> row;
      case Claim.Note note -> note;
      case Claim.PutAccount put -> put;
      case Claim.DeleteAccount delete -> delete;
      case Claim.MergeAccounts merge -> merge;
      case Claim.LinkAccount link ->
          new Claim.LinkAccount(
              link.source(),
              link.at(),
              link.externalId(),
              standIn(link.user()),
              link.linking(),
              link.domain());
      case Claim.ApiUser api -> {
        UUID user = api.user();
        yield user == null
            ? api
            : new Claim.ApiUser(
                api.source(),
                api.at(),
                standIn(user),
                api.externalId(),
                api.name(),
                api.email(),
                api.billingId(),
                api.records(),
                api.cleared());
      }
    };
  }

  /** What moved away from the user's parts since, each identifier as it moved last. */
  private Map<Identifier, UUID> left(UUID user, long since) {
    User now = users.user(user);
    Map<Identifier, UUID> left = new LinkedHashMap<>();
    for (Moved moved : moves) {
      if (now != null && moved.position() > since && now.contains(moved.what().from())) {
        left.putIfAbsent(moved.what().identifier(), moved.what().from());
      }
    }
    return left;
  }

  private static @Nullable UUID uuid(String text) {
    try {
      return UUID.fromString(text.strip());
    } catch (IllegalArgumentException none) {
      return null;
    }
  }

  /** The users here, and what erasures barred by then. */
  private final class Matching implements Matches {
    private final LedgerLine row;

    Matching(LedgerLine row) {
      this.row = row;
    }

    /** As it was: no flags are kept here. */
    @Override
    public boolean flagOpen(String flag) {
      return !Reason.FLAG_CLOSED.code().equals(row.reason());
    }

    @Override
    public @Nullable User holder(Identifier identifier) {
      return users.holder(identifier);
    }

    @Override
    public List<User> billingHolders(Identifier billingId) {
      return users.billingHolders(billingId);
    }

    @Override
    public EmailHolders emailHolders(String email) {
      return users.emailHolders(email);
    }

    @Override
    public @Nullable User user(UUID id) {
      return users.user(id);
    }

    @Override
    public @Nullable Account account(String externalId) {
      return users.account(externalId);
    }

    @Override
    public List<Account> accountsOfDomain(String domain) {
      return users.accountsOfDomain(domain);
    }

    @Override
    public @Nullable UUID company(User user) {
      return users.company(user);
    }

    @Override
    public boolean linked(UUID account, UUID part) {
      return users.linked(account, part);
    }

    @Override
    public boolean chosen(UUID account, UUID part) {
      return users.chosen(account, part);
    }

    @Override
    public List<UUID> linkedBy(int source, UUID part) {
      return users.linkedBy(source, part);
    }

    @Override
    public boolean suppressed(Identifier identifier) {
      if (users.suppressed(identifier)) {
        return true;
      }
      if (suppressed.isEmpty()) {
        return false;
      }
      Long from = suppressed.get(ByteBuffer.wrap(Hashes.of(history.now().secret(), identifier)));
      return from != null && from < row.position();
    }
  }
}
