package dev.selfsame.identity;

import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a space holds of the identifiers that one claim names: all that resolution may look at
 * beside the claim and the policy.
 */
public interface Matches {

  /**
   * The live user that an identifier other than an email matches (G1), or null. At most one (I1).
   */
  @Nullable User holder(Identifier identifier);

  /**
   * The live users that hold this value as a billing id of the given provider, or of the unknown
   * one; where the given one is {@link IdentifierType#BILLING_ID}, of any. By I1 each type has at
   * most one holder; the first of two is the given type's.
   */
  List<User> billingHolders(Identifier billingId);

  /** The live users that have the email (G1: one current on any of their parts). */
  EmailHolders emailHolders(String email);

  /**
   * The live user that the user id, possibly an absorbed one, leads to today; null if there never
   * was one.
   */
  @Nullable User user(UUID id);

  /** The account with this external id, or with one that was merged into it; null: none. */
  @Nullable Account account(String externalId);

  /** The accounts with this domain; of very many, several. */
  List<Account> accountsOfDomain(String domain);

  /**
   * The account that was chosen last for the user, else the one that it was linked to first, by any
   * of its parts; null: it belongs to none.
   */
  @Nullable UUID company(User user);

  /** Whether the part is linked to the account. */
  boolean linked(UUID account, UUID part);

  /** Whether the account was chosen for the company of the user that the part is of. */
  boolean chosen(UUID account, UUID part);

  /**
   * The accounts that a claim of the source linked the part to first, and that nobody chose for the
   * user's company.
   */
  List<UUID> linkedBy(int source, UUID part);

  /** Whether the flag of that public name is open. */
  boolean flagOpen(String flag);

  /** Whether an erasure bars this identifier from being stored again (K22). */
  boolean suppressed(Identifier identifier);
}
