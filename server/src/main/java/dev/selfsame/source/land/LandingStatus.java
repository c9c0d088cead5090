package dev.selfsame.source.land;

import dev.selfsame.error.Failure;
import dev.selfsame.store.LandedRows;
import dev.selfsame.store.LandingLog;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * All that is known of a landing, as its entry in the log keeps it.
 *
 * @param table as people call it
 * @param origin what runs it: {@code rest} or {@code cli}
 * @param actor who asked for it
 * @param changedAt when something of it last changed
 */
public record LandingStatus(
    UUID id,
    String table,
    Asked asked,
    String origin,
    String actor,
    LandingLog.State state,
    Instant createdAt,
    Instant changedAt,
    Counts counts,
    @Nullable Broken error) {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  /**
   * How a landing was asked for. One of file and query is there.
   *
   * @param file what whoever sent it calls it
   * @param format of the file: csv, jsonl or parquet
   * @param id the rows' column for the id, where it was named; likewise the others
   */
  public record Asked(
      boolean preview,
      @Nullable String file,
      @Nullable String format,
      @Nullable Query query,
      @Nullable String id,
      @Nullable String email,
      @Nullable String externalId,
      @Nullable String updatedAt) {

    /** For rows of files. */
    public static Asked file(
        LandingRequest of, boolean preview, String file, @Nullable String format) {
      return new Asked(
          preview, file, format, null, of.id(), of.email(), of.externalId(), of.updatedAt());
    }

    /**
     * For rows of a query.
     *
     * @param address as whoever asked wrote it; its password is left out
     */
    public static Asked query(LandingRequest of, boolean preview, String address, String sql) {
      return new Asked(
          preview,
          null,
          null,
          new Query(QueryAddress.parse(address, null).toString(), sql),
          of.id(),
          of.email(),
          of.externalId(),
          of.updatedAt());
    }
  }

  /**
   * A query on another database.
   *
   * @param database whom it is asked as, and where: no password
   */
  public record Query(String database, String sql) {}

  /**
   * How far it is, and what it did. What is not known yet is null or empty.
   *
   * @param read bytes of the file so far
   * @param size of the file in bytes
   * @param rows how many were read
   * @param decided claims so far, of so many
   */
  public record Counts(
      long read,
      @Nullable Long size,
      @Nullable Long rows,
      @Nullable Long added,
      @Nullable Long changed,
      @Nullable Long unchanged,
      @Nullable Long repeated,
      long decided,
      @Nullable Long claims,
      Map<String, Long> outcomes,
      Map<String, Long> codes,
      Map<String, Long> rejected,
      long flagged,
      long again,
      Map<String, String> newColumns,
      Map<String, String> renamed,
      Map<String, String> leftOut) {

    static Counts none(@Nullable Long size) {
      return new Counts(
          0, size, null, null, null, null, null, 0, null, Map.of(), Map.of(), Map.of(), 0, 0,
          Map.of(), Map.of(), Map.of());
    }

    Counts read(long now, long of) {
      return far(Math.max(now, read), of > 0 ? Long.valueOf(of) : size, rows, 0, null);
    }

    Counts landing(long all) {
      return far(size == null ? read : size, size, all, 0, null);
    }

    Counts decided(long now, long of) {
      return far(read, size, rows, now, of);
    }

    private Counts far(
        long nowRead,
        @Nullable Long nowSize,
        @Nullable Long nowRows,
        long nowDecided,
        @Nullable Long nowClaims) {
      return new Counts(
          nowRead,
          nowSize,
          nowRows,
          added,
          changed,
          unchanged,
          repeated,
          nowDecided,
          nowClaims,
          outcomes,
          codes,
          rejected,
          flagged,
          again,
          newColumns,
          renamed,
          leftOut);
    }

    Counts done(Landed landed) {
      LandedRows.Counts all = landed.counts();
      Landed.Decided of = landed.decided();
      Map<String, Long> byOutcome = new TreeMap<>();
      if (of != null) {
        of.outcomes().forEach((outcome, count) -> byOutcome.put(outcome.code(), count));
      }
      Map<String, String> columns = new TreeMap<>();
      landed
          .newColumns()
          .forEach((column, type) -> columns.put(column, type.name().toLowerCase(Locale.ROOT)));
      return new Counts(
          read,
          size,
          rows,
          all.added(),
          all.changed(),
          all.unchanged(),
          all.repeated(),
          of == null ? 0 : of.claims(),
          of == null ? null : of.claims(),
          byOutcome,
          of == null ? Map.of() : of.codes(),
          of == null ? Map.of() : of.rejected(),
          of == null ? 0 : of.flagged(),
          of == null ? 0 : of.again(),
          columns,
          landed.renamed(),
          landed.leftOut());
    }
  }

  /** Why it ended early. */
  public record Broken(String code, String detail) {

    /** A text that no store takes is in no entry. */
    public Broken {
      detail = new String(detail.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
      detail = detail.replace("\0", "");
    }

    static Broken of(Failure failure) {
      return new Broken(failure.problem().code(), String.valueOf(failure.getMessage()));
    }
  }

  static LandingStatus of(LandingLog.Entry entry) {
    String error = entry.error();
    Asked asked = JSON.readValue(entry.request(), Asked.class);
    return new LandingStatus(
        entry.id(),
        request(entry, asked).name(),
        asked,
        entry.origin(),
        entry.actor(),
        entry.state(),
        entry.createdAt(),
        entry.changedAt(),
        JSON.readValue(entry.counts(), Counts.class),
        error == null ? null : JSON.readValue(error, Broken.class));
  }

  static LandingRequest request(LandingLog.Entry entry, Asked asked) {
    return new LandingRequest(
        entry.tool(),
        entry.name(),
        asked.id(),
        asked.email(),
        asked.externalId(),
        asked.updatedAt());
  }

  LandingLog.Entry entry(LandingRequest request) {
    return new LandingLog.Entry(
        id,
        request.tool(),
        request.table(),
        origin,
        actor,
        state,
        createdAt,
        changedAt,
        JSON.writeValueAsString(asked),
        countsText(),
        errorText());
  }

  String countsText() {
    return JSON.writeValueAsString(counts);
  }

  @Nullable String errorText() {
    return error == null ? null : JSON.writeValueAsString(error);
  }

  LandingStatus with(Counts now) {
    return new LandingStatus(
        id, table, asked, origin, actor, state, createdAt, changedAt, now, error);
  }

  LandingStatus in(LandingLog.State next, Instant at, @Nullable Broken why) {
    return new LandingStatus(id, table, asked, origin, actor, next, createdAt, at, counts, why);
  }
}
