package dev.selfsame.source.csv;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an exported row's {@code as_of} says: when it was exported, and a seal of each cell that may
 * be changed, such as {@code 2026-11-22T07:10:00Z/0cc175b9-…}. By its seal an import knows which
 * cells a person left as they were, without asking what the user was then.
 */
record AsOf(List<String> seals) {

  private static final int SEAL = 8;

  private static final HexFormat HEX = HexFormat.of();

  /** Each thread's own: finding one takes as long as a seal. */
  private static final ThreadLocal<MessageDigest> HASH = ThreadLocal.withInitial(AsOf::hash);

  /**
   * @param at in ISO 8601
   * @param cells as they are exported, in the order of {@link CsvColumn#EDITABLE}, before {@link
   *     Guard}
   */
  static String of(String at, String... cells) {
    StringBuilder text = new StringBuilder(64).append(at).append('/');
    for (int i = 0; i < cells.length; i++) {
      text.append(i == 0 ? "" : "-").append(seal(cells[i]));
    }
    return text.toString();
  }

  /** Null where a cell says nothing that an export wrote. */
  static @Nullable AsOf parse(String cell) {
    int slash = cell.lastIndexOf('/');
    String[] seals = cell.substring(slash + 1).split("-", -1);
    if (slash < 0 || seals.length != CsvColumn.EDITABLE.size()) {
      return null;
    }
    for (String seal : seals) {
      if (seal.length() != SEAL) {
        return null;
      }
    }
    return new AsOf(List.of(seals));
  }

  /** The cell if it still is what was exported, else null. */
  @Nullable String untouched(CsvColumn column, String cell) {
    return seals.get(CsvColumn.EDITABLE.indexOf(column)).equals(seal(cell)) ? cell : null;
  }

  /** Against mistakes, not against people: who may import a file may write any value. */
  private static String seal(String cell) {
    return HEX.formatHex(HASH.get().digest(cell.getBytes(UTF_8)), 0, SEAL / 2);
  }

  private static MessageDigest hash() {
    try {
      return MessageDigest.getInstance("MD5");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has MD5", e);
    }
  }
}
