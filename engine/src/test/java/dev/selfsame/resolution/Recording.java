package dev.selfsame.resolution;

import dev.selfsame.identity.Account;
import dev.selfsame.identity.EmailHolders;
import dev.selfsame.identity.Identifier;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.Matches;
import dev.selfsame.identity.User;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Matches that remember what was asked and who was found. */
final class Recording implements Matches {

  private final Matches matches;
  private final Set<String> asked = new LinkedHashSet<>();
  private final Set<String> held = new LinkedHashSet<>();
  private boolean unknownUser;

  Recording(Matches matches) {
    this.matches = matches;
  }

  /** What may be asked of these keys, named as {@link #asked} does. */
  static Set<String> named(Keys keys) {
    Set<String> named = new LinkedHashSet<>();
    keys.identifiers().forEach(identifier -> named.add(name(identifier)));
    keys.emails().forEach(email -> named.add("email:" + email));
    keys.accounts().forEach(account -> named.add("account:" + account));
    keys.domains().forEach(domain -> named.add("domain:" + domain));
    keys.users().forEach(user -> named.add("user:" + user));
    return named;
  }

  /** A billing id's provider may be unknown, so that it is asked for by value. */
  private static String name(Identifier identifier) {
    return identifier.type().kind() == IdentifierType.Kind.BILLING
        ? "billing:" + identifier.value()
        : identifier.toString();
  }

  Set<String> asked() {
    return asked;
  }

  /**
   * Whether the two share an identifier, asked for or held by a user that either met; a user id
   * that is nobody's yet may be the other's new one.
   */
  boolean sharesWith(Recording other) {
    return unknownUser || other.unknownUser || !Collections.disjoint(reach(), other.reach());
  }

  private Set<String> reach() {
    Set<String> reach = new LinkedHashSet<>(asked);
    reach.addAll(held);
    return reach;
  }

  @Override
  public @Nullable User holder(Identifier identifier) {
    asked.add(name(identifier));
    return met(matches.holder(identifier));
  }

  @Override
  public List<User> billingHolders(Identifier billingId) {
    asked.add(name(billingId));
    List<User> holders = matches.billingHolders(billingId);
    holders.forEach(this::met);
    return holders;
  }

  @Override
  public EmailHolders emailHolders(String email) {
    asked.add("email:" + email);
    EmailHolders holders = matches.emailHolders(email);
    holders.idless().forEach(this::met);
    holders.identified().forEach(this::met);
    return holders;
  }

  @Override
  public @Nullable User user(UUID id) {
    asked.add("user:" + id);
    User user = matches.user(id);
    unknownUser |= user == null;
    return met(user);
  }

  @Override
  public @Nullable Account account(String externalId) {
    asked.add("account:" + externalId);
    return matches.account(externalId);
  }

  @Override
  public List<Account> accountsOfDomain(String domain) {
    asked.add("domain:" + domain);
    return matches.accountsOfDomain(domain);
  }

  @Override
  public @Nullable UUID company(User user) {
    return matches.company(user);
  }

  @Override
  public boolean linked(UUID account, UUID part) {
    return matches.linked(account, part);
  }

  @Override
  public boolean chosen(UUID account, UUID part) {
    return matches.chosen(account, part);
  }

  @Override
  public List<UUID> linkedBy(int source, UUID part) {
    return matches.linkedBy(source, part);
  }

  @Override
  public boolean flagOpen(String flag) {
    return matches.flagOpen(flag);
  }

  @Override
  public boolean suppressed(Identifier identifier) {
    asked.add(name(identifier));
    return matches.suppressed(identifier);
  }

  private @Nullable User met(@Nullable User user) {
    if (user != null) {
      user.identifiers().forEach(one -> held.add(name(one.id())));
      user.parts().forEach(part -> held.add("user:" + part.id()));
    }
    return user;
  }
}
