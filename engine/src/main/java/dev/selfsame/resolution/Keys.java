package dev.selfsame.resolution;

import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Identifier;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.Instead;
import dev.selfsame.identity.Normalised;
import dev.selfsame.identity.Normalised.Value;
import dev.selfsame.identity.Raw;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;

/**
 * Everything that a claim names, normalised as resolution will: what may be asked of {@link
 * dev.selfsame.identity.Matches}, and so what is to be fetched before.
 *
 * @param identifiers external ids, record ids, billing ids (under each type that may hold them) and
 *     fallback ids
 * @param emails normalised; whether one is suppressed may be asked too
 * @param accounts external ids of accounts
 * @param domains of accounts
 * @param users user ids, perhaps of absorbed users
 */
public record Keys(
    Set<Identifier> identifiers,
    Set<String> emails,
    Set<String> accounts,
    Set<String> domains,
    Set<UUID> users) {

  /** Of a claim that names nothing. */
  public static final Keys NONE = new Keys(Set.of(), Set.of(), Set.of(), Set.of(), Set.of());

  public Keys {
    identifiers = Set.copyOf(identifiers);
    emails = Set.copyOf(emails);
    accounts = Set.copyOf(accounts);
    domains = Set.copyOf(domains);
    users = Set.copyOf(users);
  }

  public static Keys of(Claim claim, Policy policy) {
    Gathering keys = new Gathering(policy);
    switch (claim) {
      case Claim.Identify identify -> {
        keys.externalId(identify.userId());
        keys.email(identify.email());
        keys.billingId(identify.billingUserId());
        keys.billingId(identify.billingId());
      }
      case Claim.Alias alias -> {
        keys.externalId(alias.previousId());
        keys.externalId(alias.userId());
      }
      case Claim.Group group -> {
        keys.externalId(group.userId());
        keys.account(group.groupId());
      }
      case Claim.Delete delete -> keys.externalId(delete.userId());
      case Claim.Event event -> {}
      case Claim.Customer customer -> {
        keys.billingId(customer.customerId());
        keys.email(customer.email());
      }
      case Claim.ToolRecord record -> {
        IdentifierType type = Objects.requireNonNull(record.source().idType());
        keys.id(type, record.recordId());
        keys.id(type, record.mergedInto());
        keys.email(record.email());
        if (record.source().externalIdIsOurs()) {
          keys.externalId(record.externalId());
        }
      }
      case Claim.CsvRow row -> {
        keys.user(row.id());
        keys.externalId(row.externalId());
        keys.email(row.email());
        keys.billingId(row.billingId());
      }
      case Claim.WarehouseRow row -> {
        keys.externalId(row.externalId());
        keys.fallback(row);
        keys.email(row.email());
        row.accounts().forEach(keys::account);
      }
      case Claim.ApiUser api -> {
        if (api.user() != null) {
          keys.users = Set.of(api.user());
        }
        keys.externalId(api.externalId());
        keys.email(api.email());
        keys.billingId(api.billingId());
        api.records().forEach(each -> keys.id(each.type(), each.value()));
      }
      case Claim.Note note -> {
        keys.externalId(note.externalId());
        keys.email(note.email());
        keys.account(note.companyId());
        keys.domain(note.companyDomain());
        if (Values.email(note.email(), policy) instanceof Value email) {
          String domain = Values.companyDomain(email.value(), policy);
          keys.domains = domain == null ? keys.domains : Gathering.with(keys.domains, domain);
        }
      }
      case Claim.PutAccount act -> {
        keys.account(act.externalId());
        keys.domain(act.domain());
      }
      case Claim.DeleteAccount act -> keys.accounts = Set.of(act.externalId());
      case Claim.MergeAccounts act ->
          keys.accounts = new HashSet<>(List.of(act.from(), act.into()));
      case Claim.LinkAccount act -> {
        keys.accounts = Set.of(act.externalId());
        keys.users = Set.of(act.user());
        keys.domain(act.domain());
      }
      case Claim.MergeByHand act -> keys.users = Set.copyOf(act.users());
      case Claim.Erase act -> {
        act.identifiers().forEach(keys::named);
        keys.users = Set.copyOf(act.users());
      }
      case Claim.Lift act -> keys.identifiers = Set.of(act.suppression());
      case Claim.UndoMerge act -> {
        keys.users = new HashSet<>(List.of(act.survivor(), act.absorbed()));
        for (Instead each : act.instead()) {
          keys.users.add(each.part());
          each.identifiers().forEach(keys::identifier);
        }
        keys.users.addAll(act.left().values());
        act.left().keySet().forEach(keys::identifier);
      }
      case Claim.UndoLink act -> {
        keys.users = Set.of(act.part());
        act.stays().identifiers().forEach(keys::identifier);
        act.goes().identifiers().forEach(held -> keys.identifier(held.id()));
        act.left().forEach(keys::identifier);
      }
      case Claim.MoveIdentifier act -> {
        keys.users = new HashSet<>(List.of(act.from(), act.to()));
        if (act.type().equals(IdentifierType.EMAIL)) {
          keys.email(act.value());
        } else {
          keys.id(act.type(), act.value());
        }
      }
      case Claim.KeepApart act -> keys.users = Set.copyOf(act.users());
      case Claim.SettleFlag settle -> {
        if (settle.act() != null) {
          return of(settle.act(), policy);
        }
        keys.users = Set.copyOf(settle.users());
      }
    }
    return new Keys(keys.identifiers, keys.emails, keys.accounts, keys.domains, keys.users);
  }

  private static final class Gathering {
    private final Policy policy;
    private Set<Identifier> identifiers = Set.of();
    private Set<String> emails = Set.of();
    private Set<String> accounts = Set.of();
    private Set<String> domains = Set.of();
    private Set<UUID> users = Set.of();

    Gathering(Policy policy) {
      this.policy = policy;
    }

    /** Most claims name one of a kind: a set of one costs next to nothing. */
    private static <T> Set<T> with(Set<T> some, T one) {
      if (some.isEmpty()) {
        return Set.of(one);
      }
      Set<T> more = new HashSet<>(some);
      more.add(one);
      return more;
    }

    void externalId(Raw raw) {
      id(IdentifierType.EXTERNAL_ID, raw);
    }

    void id(IdentifierType type, Raw raw) {
      if (Values.id(raw, policy) instanceof Value value) {
        identifiers = with(identifiers, new Identifier(type, value.value()));
      }
    }

    void fallback(Claim.WarehouseRow row) {
      if (Values.fallback(row, policy) instanceof Value value) {
        IdentifierType type = Objects.requireNonNull(row.source().idType());
        identifiers = with(identifiers, new Identifier(type, value.value()));
        if (row.fallbackIsEmail()) {
          emails = with(emails, value.value());
        }
      }
    }

    void billingId(Raw raw) {
      for (IdentifierType type : IdentifierType.BILLING_TYPES) {
        id(type, raw);
      }
    }

    /** An identifier that is normalised already. */
    void named(Identifier identifier) {
      switch (identifier.type().kind()) {
        case EMAIL -> emails = with(emails, identifier.value());
        case BILLING -> {
          for (IdentifierType type : IdentifierType.BILLING_TYPES) {
            identifiers = with(identifiers, new Identifier(type, identifier.value()));
          }
        }
        case EXTERNAL, RECORD, FALLBACK -> identifiers = with(identifiers, identifier);
      }
    }

    void identifier(Identifier identifier) {
      if (identifier.type().equals(IdentifierType.EMAIL)) {
        emails = with(emails, identifier.value());
      } else {
        identifiers = with(identifiers, identifier);
      }
    }

    void email(Raw raw) {
      if (Values.email(raw, policy) instanceof Value value) {
        emails = with(emails, value.value());
      }
    }

    void account(Raw raw) {
      if (Values.id(raw, policy) instanceof Value value) {
        accounts = with(accounts, value.value());
      }
    }

    void domain(Raw raw) {
      if (Values.domain(raw, policy) instanceof Value value) {
        domains = with(domains, value.value());
      }
    }

    void user(Raw raw) {
      Normalised normalised = Values.id(raw, policy);
      UUID id = normalised instanceof Value value ? Values.uuid(value.value()) : null;
      if (id != null) {
        users = with(users, id);
      }
    }
  }
}
