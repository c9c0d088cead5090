package dev.selfsame.resolution;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The values that never identify anyone, such as {@code null} or {@code anonymous}: whole values in
 * any case, bare or in one pair of quotes. Values of zeros and hyphens alone belong to every list.
 */
public final class BlockedValues {

  /** What a space starts with. */
  public static final BlockedValues DEFAULT =
      of(
          List.of(
              "-1",
              "null",
              "undefined",
              "none",
              "nil",
              "nan",
              "n/a",
              "na",
              "true",
              "false",
              "anonymous",
              "anon",
              "guest",
              "unknown",
              "test",
              "id",
              "email",
              "user",
              "[object object]",
              "not_authenticated"));

  private final Set<String> values;
  private final int longest;

  private BlockedValues(Set<String> values, int longest) {
    this.values = values;
    this.longest = longest;
  }

  /** A space's own list, in any case. */
  public static BlockedValues of(Collection<String> values) {
    Set<String> lower = new HashSet<>();
    int longest = 0;
    for (String value : values) {
      String entry = value.toLowerCase(Locale.ROOT);
      lower.add(entry);
      longest = Math.max(longest, entry.length());
    }
    return new BlockedValues(Set.copyOf(lower), longest);
  }

  /** The list without the zeros and hyphens, lower case. */
  public Set<String> values() {
    return values;
  }

  /** Whether the value, already trimmed, is blocked. */
  public boolean contains(String value) {
    return bare(value) || (quoted(value) && bare(value.substring(1, value.length() - 1)));
  }

  private boolean bare(String value) {
    return zerosAndHyphens(value)
        || (value.length() <= longest && values.contains(value.toLowerCase(Locale.ROOT)));
  }

  private static boolean zerosAndHyphens(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c != '0' && c != '-') {
        return false;
      }
    }
    return !value.isEmpty();
  }

  private static boolean quoted(String value) {
    int last = value.length() - 1;
    if (last < 2) {
      return false;
    }
    char quote = value.charAt(0);
    return (quote == '"' || quote == '\'' || quote == '`') && value.charAt(last) == quote;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof BlockedValues blocked && blocked.values.equals(values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  @Override
  public String toString() {
    return values.toString();
  }
}
