package dev.selfsame.store;

import dev.selfsame.identity.Account;
import dev.selfsame.identity.EmailHolders;
import dev.selfsame.identity.Identifier;
import dev.selfsame.identity.Part;
import dev.selfsame.identity.User;
import dev.selfsame.identity.Users;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The users that one batch's claims touch: first as they are in the store, then as each claim of
 * the batch leaves them. Not thread-safe while a batch is resolved; never changed afterwards.
 */
public final class Snapshot {

  private final Users users;
  private final boolean matchPreviousEmails;
  private final Map<UUID, StoredPart> parts;

  /** What notes are called where they come from. */
  private final Set<NoteRecord> noted = new HashSet<>();

  /**
   * @param matchPreviousEmails the policy's: replaced emails still match
   * @param expected so many users will be put into it, about
   */
  public Snapshot(boolean matchPreviousEmails, int expected) {
    this.users = new Users(matchPreviousEmails, expected);
    this.parts = HashMap.newHashMap(expected);
    this.matchPreviousEmails = matchPreviousEmails;
  }

  public boolean matchesPreviousEmails() {
    return matchPreviousEmails;
  }

  public Users users() {
    return users;
  }

  /**
   * Whether a claim that repeats the email which the part has must still look for others that have
   * it.
   */
  public boolean emailMayBeShared(UUID part) {
    StoredPart stored = parts.get(part);
    return stored == null || stored.emailShared();
  }

  /** Whether nobody but these users has the email. */
  public boolean onlyOf(String email, Collection<UUID> these) {
    EmailHolders holders = users.emailHolders(email);
    return !holders.moreIdless()
        && !holders.moreIdentified()
        && holders.idless().stream().allMatch(holder -> these.contains(holder.id()))
        && holders.identified().stream().allMatch(holder -> these.contains(holder.id()));
  }

  void put(User user, Collection<StoredPart> itsParts) {
    users.put(user);
    for (StoredPart part : itsParts) {
      parts.put(part.id(), part);
    }
  }

  void put(StoredPart part) {
    parts.put(part.id(), part);
  }

  @Nullable StoredPart part(UUID id) {
    return parts.get(id);
  }

  /**
   * Takes over from a batch that is not committed yet whatever it knows of these keys, and of parts
   * that are here already.
   */
  public void overlay(
      Snapshot newer,
      Collection<Identifier> identifiers,
      Collection<String> emails,
      Collection<UUID> ids) {
    for (UUID part : new ArrayList<>(parts.keySet())) {
      take(newer, newer.users.user(part));
    }
    for (Identifier identifier : identifiers) {
      take(newer, newer.users.holder(identifier));
    }
    for (String email : emails) {
      EmailHolders holders = newer.users.emailHolders(email);
      holders.idless().forEach(user -> take(newer, user));
      holders.identified().forEach(user -> take(newer, user));
    }
    for (UUID id : ids) {
      take(newer, newer.users.user(id));
    }
  }

  /** Takes over every user and account of a batch that was decided after those that are here. */
  public void addAll(Snapshot newer) {
    newer.users.accounts().forEach(users::put);
    for (User user : newer.users.all()) {
      take(newer, user);
    }
  }

  /** The same for accounts, and the links of the parts that are here. */
  public void overlayAccounts(Snapshot newer, Collection<String> externalIds) {
    for (String externalId : externalIds) {
      Account account = newer.users.account(externalId);
      if (account == null) {
        continue;
      }
      users.put(account);
      for (UUID part : parts.keySet()) {
        Users.Link link = newer.users.links(part).get(account.id());
        if (link != null) {
          users.link(account.id(), part, link);
        }
      }
    }
  }

  /** The same for all that notes ask of: every account and link, and which notes there are. */
  public void overlayNotes(Snapshot newer) {
    newer.users.accounts().forEach(users::put);
    for (UUID part : parts.keySet()) {
      newer.users.links(part).forEach((account, link) -> users.link(account, part, link));
    }
    noted.addAll(newer.noted);
  }

  /** Whether there is a note of that name. */
  public boolean noted(NoteRecord record) {
    return noted.contains(record);
  }

  void note(NoteRecord record) {
    noted.add(record);
  }

  private void take(Snapshot newer, @Nullable User user) {
    if (user == null) {
      return;
    }
    List<StoredPart> itsParts = new ArrayList<>(user.parts().size());
    for (Part part : user.parts()) {
      StoredPart stored = newer.parts.get(part.id());
      if (stored == null) {
        throw new IllegalStateException(
            "Part " + part.id() + " of a batch is not in its snapshot. Indicates a bug.");
      }
      itsParts.add(stored);
    }
    put(user, itsParts);
  }
}
