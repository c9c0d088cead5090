package dev.selfsame.intake;

import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Raw;
import dev.selfsame.store.NewNote;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One claim on its way in, or one event that is only counted.
 *
 * @param claim what is said; a {@link Claim.Event} is counted by source, type and minute and leaves
 *     no other trace (K18)
 * @param receivedAt microseconds since 1970 UTC
 * @param key what makes a repeat of the same message recognisable (K19); null where the sender gave
 *     none
 * @param payload the event as sent, UTF-8 JSON without NULs and lone surrogates, kept in the ledger
 *     and enough to replay it
 * @param traits of an identify: the traits to land in {@code segment.users}, those that map to the
 *     user's own fields left out; a JSON object in UTF-8, or null when there are none
 * @param traitNames the top-level names in {@code traits}, as columns are to be called
 * @param visit of a page or screen event whose source lands them: its row; else null
 * @param note of a {@link Claim.Note}: what is kept of it if it is not refused; else null
 * @param warnings what the source noticed and repaired: text_repaired and the like, by field
 */
// Nobody compares submissions, and their bytes go to the store as they are.
@SuppressWarnings("ArrayRecordComponent")
public record Submission(
    Claim claim,
    long receivedAt,
    @Nullable MessageKey key,
    byte[] payload,
    byte @Nullable [] traits,
    Set<String> traitNames,
    @Nullable Visit visit,
    @Nullable NewNote note,
    Map<String, String> warnings) {

  /** A submission that is no note. */
  public Submission(
      Claim claim,
      long receivedAt,
      @Nullable MessageKey key,
      byte[] payload,
      byte @Nullable [] traits,
      Set<String> traitNames,
      @Nullable Visit visit,
      Map<String, String> warnings) {
    this(claim, receivedAt, key, payload, traits, traitNames, visit, null, warnings);
  }

  /** A submission that is no visit, or none that lands. */
  public Submission(
      Claim claim,
      long receivedAt,
      @Nullable MessageKey key,
      byte[] payload,
      byte @Nullable [] traits,
      Set<String> traitNames,
      Map<String, String> warnings) {
    this(claim, receivedAt, key, payload, traits, traitNames, null, null, warnings);
  }

  /**
   * A page or screen that somebody looked at, as a row for SQL.
   *
   * @param table {@code pages} or {@code screens}, of the schema {@code segment}
   * @param id of the row: a second one of the same id changes nothing
   * @param userId as it was sent
   * @param columns the others that have a value, as texts that can be stored
   */
  public record Visit(String table, String id, Raw userId, Map<String, String> columns) {
    public Visit {
      columns = Map.copyOf(columns);
    }
  }

  /** A time as submissions have it: microseconds since 1970 UTC. */
  public static long micros(Instant time) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, time);
  }

  /**
   * A message's name and content as hashes of 64 bits.
   *
   * @param place where the name is stored: near others that are looked for at the same time, if the
   *     name tells; else anywhere. The same name has the same place
   * @param message of the source and the messageId
   * @param content of type, userId, previousId, groupId, traits and timestamp
   */
  public record MessageKey(long place, long message, long content) {

    /** So many of the last bits of a content may say which of a request's claims it is. */
    public static final int CLAIM_BITS = 16;

    /** Whether it is of the same request, by all that its content says beside which claim it is. */
    public boolean sameRequest(long other) {
      return (content ^ other) >>> CLAIM_BITS == 0;
    }
  }
}
