package dev.selfsame.identity;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What one source says, or one person does, at one time: the input of resolution. Values are raw;
 * rules normalise them under the space's policy.
 */
public sealed interface Claim {

  Source source();

  /** Event time (G4), microseconds since 1970 UTC; never later than when it was received. */
  long at();

  /** Whether what users were known by must not come back when the claim erases them. */
  default boolean suppresses() {
    return !(this instanceof Erase erase) || erase.suppress();
  }

  /**
   * The same claim of its source as it is set now. Of claims that no setting of a source bears on,
   * the claim itself.
   */
  default Claim of(Source now) {
    return this;
  }

  /** Segment's identify: these traits belong to the user with this id. */
  record Identify(
      Source source, long at, Raw userId, Raw name, Raw email, Raw billingUserId, Raw billingId)
      implements Claim {
    @Override
    public Claim of(Source now) {
      return new Identify(now, at, userId, name, email, billingUserId, billingId);
    }
  }

  /** Segment's alias: the two ids are one user. */
  record Alias(Source source, long at, Raw previousId, Raw userId) implements Claim {
    @Override
    public Claim of(Source now) {
      return new Alias(now, at, previousId, userId);
    }
  }

  /** Segment's group: the user belongs to this account. */
  record Group(Source source, long at, Raw groupId, Raw userId, Raw name, Raw domain)
      implements Claim {
    @Override
    public Claim of(Source now) {
      return new Group(now, at, groupId, userId, name, domain);
    }
  }

  /** Segment's delete: forget the user. */
  record Delete(Source source, long at, Raw userId) implements Claim {
    @Override
    public Claim of(Source now) {
      return new Delete(now, at, userId);
    }
  }

  /** A Segment event of another type: it identifies nobody. */
  record Event(Source source, long at, String type) implements Claim {}

  /** A customer of a billing provider. */
  record Customer(Source source, long at, Raw customerId, Raw email, Raw name, boolean deleted)
      implements Claim {
    @Override
    public Claim of(Source now) {
      return new Customer(now, at, customerId, email, name, deleted);
    }
  }

  /**
   * A person's record in a tool.
   *
   * @param mergedInto the record that the tool says this one was merged into, or {@link Raw#ABSENT}
   */
  record ToolRecord(
      Source source,
      long at,
      Raw recordId,
      Raw externalId,
      Raw email,
      Raw name,
      boolean deleted,
      Raw mergedInto)
      implements Claim {
    @Override
    public Claim of(Source now) {
      return new ToolRecord(now, at, recordId, externalId, email, name, deleted, mergedInto);
    }
  }

  /**
   * One row of an imported CSV file; a cell that is empty, or whose column the file lacks, is
   * {@link Raw#ABSENT}.
   *
   * @param asOf what the row's user was when the file was exported, where that differs from today:
   *     cells that still say so are left alone. Null where the row has no as_of or nothing changed
   *     since.
   */
  record CsvRow(
      Source source,
      long at,
      Raw id,
      Raw externalId,
      Raw name,
      Raw email,
      Raw billingId,
      @Nullable Exported asOf)
      implements Claim {

    /** The values of a user when its row was exported. */
    public record Exported(
        @Nullable String externalId,
        @Nullable String name,
        @Nullable String email,
        @Nullable String billingId) {}
  }

  /**
   * One row of what a query on a warehouse answers; a column that is null, or that the source does
   * not take, is {@link Raw#ABSENT}.
   *
   * @param fallback an id that the person has until it has an external one
   * @param fallbackIsEmail the fallback column holds emails: then it also names who has the email
   * @param accounts external ids of the accounts that the person belongs to
   * @param replacesAccounts the person belongs to no others that this source said before
   * @param accountName of the account, where there is one
   * @param again the result had a row of the same external id before this one (V9)
   */
  record WarehouseRow(
      Source source,
      long at,
      Raw externalId,
      Raw fallback,
      boolean fallbackIsEmail,
      Raw name,
      Raw email,
      List<Raw> accounts,
      boolean replacesAccounts,
      Raw accountName,
      boolean again)
      implements Claim {
    public WarehouseRow {
      accounts = List.copyOf(accounts);
    }

    @Override
    public Claim of(Source now) {
      return new WarehouseRow(
          now,
          at,
          externalId,
          fallback,
          fallbackIsEmail,
          name,
          email,
          accounts,
          replacesAccounts,
          accountName,
          again);
    }
  }

  /**
   * A caller of the Users API creates a user or changes one.
   *
   * @param user whom it changes; null: it creates one
   * @param records ids of tools' records, each of a type of its own
   * @param cleared what it sent as null: {@link User#EXTERNAL_ID}, {@link User#EMAIL}, {@link
   *     User#NAME}, {@code billing_id}, or the type of a tool's record ids
   */
  record ApiUser(
      Source source,
      long at,
      @Nullable UUID user,
      Raw externalId,
      Raw name,
      Raw email,
      Raw billingId,
      List<RecordId> records,
      Set<String> cleared)
      implements Claim {

    /** A record's id in a tool, as sent. */
    public record RecordId(IdentifierType type, Raw value) {}

    public ApiUser {
      records = List.copyOf(records);
      cleared = Collections.unmodifiableSet(new TreeSet<>(cleared));
    }
  }

  /**
   * Somebody's feedback about a user: whom it names. What it says is no business of the rules. The
   * source's channel says how strictly it is taken.
   *
   * @param companyId external id of the account that it is about
   * @param companyDomain the same account's domain
   */
  record Note(Source source, long at, Raw externalId, Raw email, Raw companyId, Raw companyDomain)
      implements Claim {
    /** Whether what becomes of it hangs on accounts too. */
    public boolean namesCompany() {
      return !(companyId instanceof Raw.Absent && companyDomain instanceof Raw.Absent);
    }

    @Override
    public Claim of(Source now) {
      return new Note(now, at, externalId, email, companyId, companyDomain);
    }
  }

  /** What somebody says an account is to be, or does to it: each names it by its external id. */
  sealed interface AccountAct extends Claim {}

  /**
   * An account is created, or changed (H2, H3).
   *
   * @param create it is to be a new one
   * @param traits whether it says something of the account's traits, which decide nothing
   * @param cleared what was sent as null: {@code name}, {@code domain}
   */
  record PutAccount(
      Source source,
      long at,
      boolean create,
      Raw externalId,
      Raw name,
      Raw domain,
      boolean traits,
      Set<String> cleared)
      implements AccountAct {
    public PutAccount {
      cleared = Collections.unmodifiableSet(new TreeSet<>(cleared));
    }
  }

  /** An account is deleted (H4). */
  record DeleteAccount(Source source, long at, String externalId) implements AccountAct {}

  /**
   * A user belongs to an account, or no longer does (H5, H6, H8).
   *
   * @param domain where the account gained it: the user is taken if its email is of that domain,
   *     and it belongs to none; else {@link Raw#ABSENT}
   */
  record LinkAccount(
      Source source, long at, String externalId, UUID user, Linking linking, Raw domain)
      implements AccountAct {
    /** What becomes of the link. */
    public enum Linking {
      LINKED,
      /** And the account is the user's company from now on. */
      CHOSEN,
      UNLINKED,
      BY_DOMAIN
    }
  }

  /** An account becomes part of another (H7). */
  record MergeAccounts(Source source, long at, String from, String into) implements AccountAct {}

  /**
   * A person merges users by hand (M1).
   *
   * @param users two or more user ids
   * @param survivor one of them, or null: the one created first
   * @param fields which user's value to show, by field name ({@link User#NAME} …); the rest come
   *     from the survivor
   */
  record MergeByHand(
      Source source,
      long at,
      String actor,
      List<UUID> users,
      @Nullable UUID survivor,
      Map<String, UUID> fields)
      implements Claim {
    public MergeByHand {
      users = List.copyOf(users);
      fields = Map.copyOf(fields);
    }
  }

  /**
   * A person has users forgotten (E1).
   *
   * @param identifiers normalised; each names the one user that it finds
   * @param users live users' ids
   * @param suppress what they were known by must not come back
   */
  record Erase(
      Source source,
      long at,
      String actor,
      List<Identifier> identifiers,
      List<UUID> users,
      boolean suppress)
      implements Claim {
    public Erase {
      identifiers = List.copyOf(identifiers);
    }
  }

  /**
   * A person takes back a merge (U1). What the ledger knows of it, and will not change, comes with
   * the act.
   *
   * @param position of the claim or act that made the merge
   * @param ordinal which of its merges
   * @param survivor the merge's
   * @param absorbed the merge's: lives again
   * @param instead how parts would stand, had that claim not merged
   * @param left identifiers that were moved away from the user since, by claim or by hand, and the
   *     part that each left
   */
  record UndoMerge(
      Source source,
      long at,
      String actor,
      long position,
      int ordinal,
      UUID survivor,
      UUID absorbed,
      List<Instead> instead,
      Map<Identifier, UUID> left)
      implements Claim {
    public UndoMerge {
      instead = List.copyOf(instead);
      left = Map.copyOf(left);
    }
  }

  /**
   * A person takes back an adoption or a link (U2): the claim of a ledger position brought an
   * identifier to a user who should not have it. What the ledger says of it comes with the act.
   *
   * @param position of the claim
   * @param asOf the last ledger position that was looked at
   * @param part the part that the claim was written to
   * @param stays how the part stands, as far as claims of the identifier wrote it, and would stand
   *     without them
   * @param goes what those claims say of a user of their own; its id is not meant
   * @param left identifiers that came to the part that way and were moved on since
   * @param merges the public names of the merges that those claims made
   * @param accounts the accounts that only those claims linked to the part
   * @param shared the accounts that both those claims and others name
   * @param notes those that came with those claims
   */
  record UndoLink(
      Source source,
      long at,
      String actor,
      long position,
      long asOf,
      UUID part,
      Instead stays,
      Part goes,
      Set<Identifier> left,
      List<String> merges,
      List<UUID> accounts,
      List<UUID> shared,
      List<UUID> notes)
      implements Claim {

    /** Where no notes go along. */
    public UndoLink(
        Source source,
        long at,
        String actor,
        long position,
        long asOf,
        UUID part,
        Instead stays,
        Part goes,
        Set<Identifier> left,
        List<String> merges,
        List<UUID> accounts,
        List<UUID> shared) {
      this(
          source, at, actor, position, asOf, part, stays, goes, left, merges, accounts, shared,
          List.of());
    }

    public UndoLink {
      notes = List.copyOf(notes);
      left = Set.copyOf(left);
      merges = List.copyOf(merges);
      accounts = List.copyOf(accounts);
      shared = List.copyOf(shared);
    }
  }

  /**
   * A person says that users are not one, or no longer says so (M2).
   *
   * @param users two or more user ids: each pair of them is meant
   * @param lift what was said so before is taken back
   */
  record KeepApart(Source source, long at, String actor, List<UUID> users, boolean lift)
      implements Claim {
    public KeepApart {
      users = List.copyOf(users);
    }
  }

  /**
   * A person lifts what an erasure barred (E2).
   *
   * @param suppression its public name, as an identifier of the type {@link
   *     IdentifierType#SUPPRESSION}
   */
  record Lift(Source source, long at, String actor, Identifier suppression) implements Claim {}

  /**
   * A person moves one identifier to another user (M3).
   *
   * @param current whether it shows there; null: if the user shows none of its kind
   */
  record MoveIdentifier(
      Source source,
      long at,
      String actor,
      IdentifierType type,
      Raw value,
      UUID from,
      UUID to,
      @Nullable Boolean current)
      implements Claim {}

  /**
   * A person settles a flag.
   *
   * @param flag its public name
   * @param users whom it is about
   * @param act what is done about them; null: nothing, the flag is dismissed (F1)
   */
  record SettleFlag(
      Source source, long at, String actor, String flag, List<UUID> users, @Nullable Claim act)
      implements Claim {
    public SettleFlag {
      users = List.copyOf(users);
    }
  }
}
