package dev.selfsame.source.warehouse;

import dev.selfsame.identity.Raw;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What a row is called and what it says, as hashes keyed by the space's secret: enough to know it
 * again, and nothing that could be read. Not thread-safe.
 */
final class RowHashes {

  private static final int EACH = Long.BYTES;
  private static final int NAME_BYTES = 16;

  /** In this order, then the traits in the mapping's. */
  private static final List<String> FIELDS =
      List.of(
          RowPayload.EXTERNAL_ID,
          RowPayload.FALLBACK,
          RowPayload.NAME,
          RowPayload.EMAIL,
          RowPayload.ACCOUNTS,
          RowPayload.ACCOUNT_NAME);

  /** Fields that a row which says no time of its own says anew only where they changed (G4). */
  private static final List<String> DATED =
      List.of(RowPayload.NAME, RowPayload.EMAIL, RowPayload.ACCOUNT_NAME);

  private final Mac mac;
  private final Mapping mapping;
  private final long meaning;

  RowHashes(byte[] secret, Mapping mapping) {
    try {
      mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret, "HmacSHA256"));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every Java has HmacSHA256", e);
    }
    this.mapping = mapping;
    // Rows that were noted before accounts could be replaced are still known.
    String meant = mapping.toString().replace(", replaceAccounts=false]", "]");
    this.meaning = ByteBuffer.wrap(hash(meant)).getLong();
  }

  private byte[] hash(String text) {
    return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
  }

  /** What the row is called: by its external id, else its fallback id; null: it has neither. */
  byte @Nullable [] name(RowPayload row) {
    String external = text(row.get(RowPayload.EXTERNAL_ID));
    String name = external == null ? text(row.get(RowPayload.FALLBACK)) : external;
    return name == null
        ? null
        : Arrays.copyOf(hash((external == null ? "f:" : "p:") + name), NAME_BYTES);
  }

  /**
   * What the row was called before it got its external id; null: it has none, or no fallback id.
   */
  byte @Nullable [] formerName(RowPayload row) {
    String fallback = text(row.get(RowPayload.FALLBACK));
    return fallback == null || text(row.get(RowPayload.EXTERNAL_ID)) == null
        ? null
        : Arrays.copyOf(hash("f:" + fallback), NAME_BYTES);
  }

  private static @Nullable String text(@Nullable JsonNode value) {
    String text =
        switch (RowPayload.raw(value)) {
          case Raw.Text said -> said.value().strip();
          case Raw.Number number -> number.literal();
          case Raw.Absent absent -> "";
          case Raw.Other other -> "";
        };
    return text.isEmpty() ? null : text;
  }

  /**
   * What the row says.
   *
   * @param time of its values, as the row has it; null: it says none
   */
  byte[] said(RowPayload row, @Nullable JsonNode time) {
    ByteBuffer said = ByteBuffer.allocate(EACH * (2 + FIELDS.size() + mapping.traits().size()));
    said.putLong(meaning);
    for (String field : FIELDS) {
      said.putLong(of(row.get(field)));
    }
    said.putLong(of(time));
    for (String trait : mapping.traits()) {
      said.putLong(of(row.trait(trait)));
    }
    return said.array();
  }

  private long of(@Nullable JsonNode value) {
    return value == null ? 0 : ByteBuffer.wrap(hash(value.toString())).getLong();
  }

  /**
   * Takes out of a row what it said before: of a value that is repeated with no time of its own
   * nobody knows that it is news.
   *
   * @param now what it says
   * @param before what it said when it was last applied
   */
  void leaveOutRepeated(RowPayload row, byte[] now, byte[] before) {
    ByteBuffer is = ByteBuffer.wrap(now);
    ByteBuffer was = ByteBuffer.wrap(before);
    if (now.length != before.length || is.getLong(0) != was.getLong(0)) {
      return;
    }
    for (String field : DATED) {
      int at = EACH * (1 + FIELDS.indexOf(field));
      if (is.getLong(at) == was.getLong(at)) {
        row.leaveOut(field);
      }
    }
    for (int i = 0; i < mapping.traits().size(); i++) {
      int at = EACH * (2 + FIELDS.size() + i);
      if (is.getLong(at) == was.getLong(at)) {
        row.leaveOutTrait(mapping.traits().get(i));
      }
    }
  }
}
