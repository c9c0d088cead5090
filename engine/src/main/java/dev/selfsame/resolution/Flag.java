package dev.selfsame.resolution;

import dev.selfsame.identity.Identifier;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Something that a claim met and a person should look at.
 *
 * @param users the users it is about, the claim's own first
 * @param about the identifier it is about, or null
 */
public record Flag(Kind kind, List<UUID> users, @Nullable Identifier about) {

  /** What there is to look at. */
  public enum Kind {
    SAME_EMAIL("These users have the same email and nobody has said whether they are one."),
    MISSING_BILLING_ID(
        "This user has an external id and no live billing id, though a billing provider is"
            + " connected."),
    EMAIL_CONFLICT(
        "The first user was named with this email, which another user has, and did not get it."),
    BILLING_CONFLICT(
        "These users would have been joined, but are different live customers of one billing"
            + " provider."),
    BILLING_ID_IN_USE("The first user was to get this billing id, which another user has."),
    BILLING_ID_UNVERIFIED("No connected billing provider knows this billing id of the user."),
    SAME_FALLBACK("The first user was to get this fallback id, which another user has."),
    UNVERIFIED_MATCH("These users match, but only by the word of a source that is not trusted."),
    KEPT_APART("These users would have been joined, but someone has kept them apart."),
    LIMIT_REACHED(
        "A limit was reached: something of these users was left out, or they were not joined."),
    RECORD_MOVED("A tool's record moved to the first user from the second."),
    RECORD_MERGED("A tool merged the records of these users, who may not be joined here."),
    ID_CASE_DIFFERS("A tool's external id differs from a user's only in upper and lower case."),
    AMBIGUOUS_USER("Several users could be meant, so none was taken."),
    AMBIGUOUS_FALLBACK("Several users have what the fallback id names, so none was taken."),
    NO_ROW("No row of the rules names what happened here; nothing was merged."),
    ALIAS_CONFLICT("An alias said that these users are one, who may not be joined."),
    UNDO_CONFLICT("When a merge was undone, another user held this identifier by then.");

    private final String sentence;

    Kind(String sentence) {
      this.sentence = sentence;
    }

    /**
     * Whether it is stored until it is settled; the others are computed from the users as they are.
     */
    public boolean stored() {
      return this != SAME_EMAIL && this != MISSING_BILLING_ID;
    }

    public String code() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** What it says, in plain English. */
    public String sentence() {
      return sentence;
    }

    /** The kind with this code, or null. */
    public static @Nullable Kind of(String code) {
      for (Kind kind : values()) {
        if (kind.code().equals(code)) {
          return kind;
        }
      }
      return null;
    }
  }

  public Flag {
    users = List.copyOf(users);
  }
}
