package dev.selfsame.source.land;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The columns of rows as their source names them, and what each is called in a table: snake_case of
 * ASCII letters and digits. Two columns that would be called the same are refused.
 */
final class ColumnNames {

  static final int MOST = 500;

  /** PostgreSQL's bound for a name, in bytes. */
  private static final int LONGEST = 63;

  private final List<String> names = new ArrayList<>();
  private final List<String> namesSeen = Collections.unmodifiableList(names);

  /** By the table's name of them. */
  private final Map<String, Integer> positions = new HashMap<>();

  /** In their order, as the source names them. */
  List<String> all() {
    return namesSeen;
  }

  int size() {
    return names.size();
  }

  /**
   * A column that the source has besides those so far.
   *
   * @param place where it names it
   * @return its position
   */
  int add(String name, Object place) {
    int before = names.size();
    int position = join(name, place);
    if (position < before) {
      String earlier = names.get(position);
      throw RowFailures.column(
          place,
          earlier.equals(name)
              ? "two columns are called %s. Rename one of them.".formatted(shown(name))
              : "%s and %s would both become the column %s. Rename one of them."
                  .formatted(shown(earlier), shown(name), of(name)));
    }
    return position;
  }

  /** The position of a column that may be there already under the same table's name. */
  int join(String name, Object place) {
    String column = of(name);
    if (column.isEmpty()) {
      throw RowFailures.column(
          place,
          name.isBlank()
              ? "a column has no name. Name it, or take it out."
              : "of the column's name %s no letter or digit of ASCII is left, so that no table can have it. Rename it."
                  .formatted(shown(name)));
    }
    Integer known = positions.get(column);
    if (known != null) {
      return known;
    }
    if (names.size() == MOST) {
      throw RowFailures.limit(
          place,
          "%s would be column %d; at most %d are read. Leave some out."
              .formatted(shown(name), MOST + 1, MOST));
    }
    names.add(name);
    positions.put(column, names.size() - 1);
    return names.size() - 1;
  }

  /**
   * What a column of that name is called in a table; empty where nothing is left of it. Giving it
   * that name again changes nothing.
   */
  static String of(String name) {
    String plain = Normalizer.normalize(name, Normalizer.Form.NFKD);
    var column = new StringBuilder(plain.length() + 8);
    boolean gap = false;
    boolean something = false;
    // Of the word that is being read: 0 where none is.
    char before = 0;
    for (int i = 0; i < plain.length(); i++) {
      char c = plain.charAt(i);
      if (Character.getType(c) == Character.NON_SPACING_MARK) {
        continue;
      }
      if (c == '_') {
        column.append(c);
        gap = false;
        before = 0;
        continue;
      }
      String letters = ascii(c);
      if (letters.isEmpty()) {
        gap = true;
        before = 0;
        continue;
      }
      boolean startsWord =
          Character.isUpperCase(c)
              && before != 0
              && (!Character.isUpperCase(before)
                  || (i + 1 < plain.length() && Character.isLowerCase(plain.charAt(i + 1))));
      if ((gap || startsWord) && !column.isEmpty() && column.charAt(column.length() - 1) != '_') {
        column.append('_');
      }
      gap = false;
      something = true;
      before = c;
      column.append(letters);
    }
    if (!something) {
      return "";
    }
    if (Character.isDigit(column.charAt(0))) {
      column.insert(0, '_');
    }
    String whole = column.toString();
    return whole.length() <= LONGEST
        ? whole
        // Keeps apart from its likes. The hash of a text is the same everywhere and always.
        : "%s_%08x".formatted(whole.substring(0, LONGEST - 9), whole.hashCode());
  }

  /** In small letters of ASCII; empty for what is none. */
  private static String ascii(char c) {
    if (c < 128) {
      return Character.isLetterOrDigit(c) ? String.valueOf(c).toLowerCase(Locale.ROOT) : "";
    }
    return switch (Character.toLowerCase(c)) {
      case 'ß' -> "ss";
      case 'æ' -> "ae";
      case 'œ' -> "oe";
      case 'ø' -> "o";
      case 'ł' -> "l";
      case 'đ', 'ð' -> "d";
      case 'þ' -> "th";
      case 'ı' -> "i";
      default -> "";
    };
  }

  /** For a message, which is no place for a name of a thousand characters. */
  private static String shown(String name) {
    return "\"" + (name.length() > 100 ? name.substring(0, 100) + "…" : name) + "\"";
  }
}
