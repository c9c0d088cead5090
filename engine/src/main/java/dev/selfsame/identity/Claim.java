package dev.selfsame.identity;

import java.util.List;
import java.util.Map;
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

  /** Segment's identify: these traits belong to the user with this id. */
  record Identify(
      Source source, long at, Raw userId, Raw name, Raw email, Raw billingUserId, Raw billingId)
      implements Claim {}

  /** Segment's alias: the two ids are one user. */
  record Alias(Source source, long at, Raw previousId, Raw userId) implements Claim {}

  /** Segment's group: the user belongs to this account. */
  record Group(Source source, long at, Raw groupId, Raw userId, Raw name, Raw domain)
      implements Claim {}

  /** Segment's delete: forget the user. */
  record Delete(Source source, long at, Raw userId) implements Claim {}

  /** A Segment event of another type: it identifies nobody. */
  record Event(Source source, long at, String type) implements Claim {}

  /** A customer of a billing provider. */
  record Customer(Source source, long at, Raw customerId, Raw email, Raw name, boolean deleted)
      implements Claim {}

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
      implements Claim {}

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
}
