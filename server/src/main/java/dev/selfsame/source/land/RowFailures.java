package dev.selfsame.source.land;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/** How reading rows fails, and the bounds of what is read. */
final class RowFailures {

  /** In bytes of UTF-8. */
  static final int LONGEST_CELL = 1 << 20;

  /** In bytes of UTF-8, all cells of a row together. */
  static final int LONGEST_ROW = 16 << 20;

  private RowFailures() {}

  /**
   * What stands there cannot be read as what the file should be.
   *
   * @param where a file, or a place in one
   */
  static Failure file(Object where, String why) {
    return new Failure(Problem.LANDING_FILE, "%s: %s".formatted(where, why));
  }

  /** The name of a column cannot be that of a table's column. */
  static Failure column(Object where, String why) {
    return new Failure(Problem.LANDING_COLUMN, "%s: %s".formatted(where, why));
  }

  /** More than is read at once. */
  static Failure limit(Object where, String why) {
    return new Failure(Problem.LANDING_LIMIT, "%s: %s".formatted(where, why));
  }

  static Failure cellTooLong(Object where, String column) {
    return limit(
        where,
        "the value of %s is longer than 1 MiB. Shorten it, or leave the column out."
            .formatted(column));
  }

  /** All cells together. */
  static void checkLength(Rows.Row row) {
    long length = 0;
    for (@Nullable Cell cell : row.cells()) {
      length += cell == null ? 0 : cell.text().getBytes(StandardCharsets.UTF_8).length;
    }
    if (length > LONGEST_ROW) {
      throw limit(
          row.place(),
          "the values of this row are longer than 16 MiB together. Leave out columns, or shorten"
              + " them.");
    }
  }

  /** The system refuses to give out the file's bytes, or they are not what was packed. */
  static Failure unreadable(String file, IOException e) {
    String why =
        switch (e) {
          case NoSuchFileException ignored -> "there is no such file.";
          case FileNotFoundException ignored -> "there is no such file.";
          case AccessDeniedException ignored -> "the file may not be read by this user.";
          case EOFException ignored ->
              "the compressed file is cut short. Copy it again, whole, and try once more.";
          case ZipException ignored ->
              "the compressed file is damaged (%s). Copy it again and try once more."
                  .formatted(e.getMessage());
          default -> "the file cannot be read: %s.".formatted(e.getMessage());
        };
    return new Failure(Problem.LANDING_FILE, file + ": " + why, 0, e);
  }

  /** Whether the text is longer than that in UTF-8. */
  static boolean longer(String text, int bytes) {
    return text.length() > bytes
        || (text.length() > bytes / 3 && text.getBytes(StandardCharsets.UTF_8).length > bytes);
  }

  /** What makes it no text that PostgreSQL keeps; null where nothing does. */
  static @Nullable String flaw(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == 0) {
        return "holds a NUL";
      }
      if (Character.isSurrogate(c)) {
        if (Character.isHighSurrogate(c)
            && i + 1 < text.length()
            && Character.isLowSurrogate(text.charAt(i + 1))) {
          i++;
        } else {
          return "holds half of a surrogate pair";
        }
      }
    }
    return null;
  }
}
