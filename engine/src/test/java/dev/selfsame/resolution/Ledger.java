package dev.selfsame.resolution;

import dev.selfsame.identity.Account;
import dev.selfsame.identity.Claim;
import dev.selfsame.identity.EmailHolders;
import dev.selfsame.identity.Identifier;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.Matches;
import dev.selfsame.identity.Raw;
import dev.selfsame.identity.Source;
import dev.selfsame.identity.User;
import dev.selfsame.identity.Users;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A small space in memory: claims are decided and applied one after the other, an hour apart. It
 * fails if resolution asks for what {@link Keys} did not name.
 */
final class Ledger {

  static final Source APP = Source.segment(1, "app");
  static final Source STRIPE = Source.billing(2, "stripe", IdentifierType.STRIPE_ID);
  static final Source CHARGEBEE = Source.billing(3, "chargebee", IdentifierType.CHARGEBEE_ID);
  static final Source ZENDESK = Source.record(4, "zendesk", new IdentifierType("zendesk_id"), true);
  static final Source SHEET = Source.csv(5);
  static final Source PEOPLE = Source.acts(6);

  static final long HOUR = 3_600_000_000L;

  final Users users = new Users();
  Policy policy = Policy.DEFAULT;
  long position;

  /**
   * When the next claim happened, where that is not when it was received; 0: when it was received.
   */
  long at;

  /** When the last claim happened. */
  long lastAt;

  Decision decide(Claim claim) {
    position++;
    lastAt = claim.at();
    Stamp stamp = new Stamp(position, position * HOUR, new UUID(0, position));
    Keys keys = Keys.of(claim, policy);
    Decision decision = Resolution.decide(claim, stamp, new Named(users, keys), policy);
    decision.users().forEach(users::put);
    decision.accounts().forEach(users::put);
    decision
        .links()
        .forEach(link ->
            users.link(
                link.account(), link.part(), new Users.Link(position, claim.source().number())));
    decision.erased().forEach(users::remove);
    decision.suppressed().forEach(users::suppress);
    at = 0;
    return decision;
  }

  Ledger happened(long hour) {
    at = hour * HOUR;
    return this;
  }

  private long time() {
    return at == 0 ? (position + 1) * HOUR : at;
  }

  Decision identify(String userId) {
    return identify(userId, null, null);
  }

  Decision identify(String userId, @Nullable String email) {
    return identify(userId, email, null);
  }

  Decision identify(String userId, @Nullable String email, @Nullable String billingId) {
    return identify(APP, userId, email, null, billingId);
  }

  Decision identify(
      Source source,
      @Nullable String userId,
      @Nullable String email,
      @Nullable String name,
      @Nullable String billingId) {
    return decide(
        new Claim.Identify(
            source,
            time(),
            Raw.text(userId),
            Raw.text(name),
            Raw.text(email),
            Raw.text(billingId),
            Raw.ABSENT));
  }

  Decision named(String userId, String name) {
    return identify(APP, userId, null, name, null);
  }

  Decision alias(String previousId, String userId) {
    return decide(new Claim.Alias(APP, time(), Raw.text(previousId), Raw.text(userId)));
  }

  Decision group(String groupId, @Nullable String userId, @Nullable String name) {
    return decide(
        new Claim.Group(
            APP, time(), Raw.text(groupId), Raw.text(userId), Raw.text(name), Raw.ABSENT));
  }

  Decision customer(String id, @Nullable String email) {
    return customer(STRIPE, id, email, null, false);
  }

  Decision customer(
      Source source, String id, @Nullable String email, @Nullable String name, boolean deleted) {
    return decide(
        new Claim.Customer(source, time(), Raw.text(id), Raw.text(email), Raw.text(name), deleted));
  }

  Decision record(String id, @Nullable String externalId, @Nullable String email) {
    return decide(
        new Claim.ToolRecord(
            ZENDESK,
            time(),
            Raw.text(id),
            Raw.text(externalId),
            Raw.text(email),
            Raw.ABSENT,
            false,
            Raw.ABSENT));
  }

  Decision recordMerged(String id, String into) {
    return decide(
        new Claim.ToolRecord(
            ZENDESK,
            time(),
            Raw.text(id),
            Raw.ABSENT,
            Raw.ABSENT,
            Raw.ABSENT,
            false,
            Raw.text(into)));
  }

  /** A CSV row of id, external_id, name, email, billing_id; an empty cell is left alone. */
  Decision row(String id, String externalId, String name, String email, String billingId) {
    return decide(
        new Claim.CsvRow(
            SHEET,
            time(),
            cell(id),
            cell(externalId),
            cell(name),
            cell(email),
            cell(billingId),
            null));
  }

  private static Raw cell(String text) {
    return text.isEmpty() ? Raw.ABSENT : Raw.text(text);
  }

  Decision mergeByHand(@Nullable User survivor, Map<String, UUID> fields, User... together) {
    List<UUID> ids = List.of(together).stream().map(User::id).toList();
    return decide(
        new Claim.MergeByHand(
            PEOPLE, time(), "ann", ids, survivor == null ? null : survivor.id(), fields));
  }

  Decision keepApart(boolean lift, User... apart) {
    List<UUID> ids = List.of(apart).stream().map(User::id).toList();
    return decide(new Claim.KeepApart(PEOPLE, time(), "ann", ids, lift));
  }

  User user(String externalId) {
    return found(users.holder(Identifier.externalId(externalId)));
  }

  User customerUser(String stripeId) {
    return found(users.holder(new Identifier(IdentifierType.STRIPE_ID, stripeId)));
  }

  User recordUser(String zendeskId) {
    return found(users.holder(new Identifier(new IdentifierType("zendesk_id"), zendeskId)));
  }

  private static User found(@Nullable User user) {
    if (user == null) {
      throw new AssertionError("No user has it");
    }
    return user;
  }

  /** What the space holds of what the claim names; asking for anything else is an error. */
  private record Named(Users users, Keys keys) implements Matches {

    private static void named(boolean named, Object what) {
      if (!named) {
        throw new AssertionError("Resolution asked for " + what + ", which Keys does not name");
      }
    }

    @Override
    public @Nullable User holder(Identifier identifier) {
      named(keys.identifiers().contains(identifier), identifier);
      return users.holder(identifier);
    }

    @Override
    public List<User> billingHolders(Identifier billingId) {
      for (IdentifierType type : IdentifierType.BILLING_TYPES) {
        Identifier each = new Identifier(type, billingId.value());
        named(keys.identifiers().contains(each), each);
      }
      return users.billingHolders(billingId);
    }

    @Override
    public EmailHolders emailHolders(String email) {
      named(keys.emails().contains(email), email);
      return users.emailHolders(email);
    }

    @Override
    public @Nullable User user(UUID id) {
      named(keys.users().contains(id), id);
      return users.user(id);
    }

    @Override
    public @Nullable Account account(String externalId) {
      named(keys.accounts().contains(externalId), externalId);
      return users.account(externalId);
    }

    @Override
    public List<Account> accountsOfDomain(String domain) {
      named(keys.domains().contains(domain), domain);
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
    public boolean flagOpen(String flag) {
      return users.flagOpen(flag);
    }

    @Override
    public boolean suppressed(Identifier identifier) {
      boolean email = identifier.type().equals(IdentifierType.EMAIL);
      named(
          email
              ? keys.emails().contains(identifier.value())
              : keys.identifiers().contains(identifier),
          identifier);
      return users.suppressed(identifier);
    }
  }
}
