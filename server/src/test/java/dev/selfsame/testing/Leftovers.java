package dev.selfsame.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Where something stands that should stand nowhere: every table and view, and files. */
public final class Leftovers {

  private Leftovers() {}

  /** Rows of any table, view or materialised view of the database in whose text the pattern is. */
  public static List<String> rows(TestDatabase database, String pattern) {
    List<String> left = new ArrayList<>();
    for (String table :
        database.rows(
            "SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) FROM pg_class c JOIN"
                + " pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'v', 'm') AND"
                + " n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')")) {
      for (String row :
          database.rows(
              "SELECT t::text FROM %s t WHERE t::text ~* '%s'".formatted(table, pattern))) {
        left.add(table + ": " + row);
      }
    }
    return left;
  }

  /**
   * Files under the directory in which it is; not where the server is found, which holds random
   * secrets.
   */
  public static List<String> files(Path directory, String pattern) {
    Pattern sought = Pattern.compile(pattern, Pattern.CASE_INSENSITIVE);
    try (Stream<Path> files = Files.walk(directory)) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> !file.endsWith("server.json"))
          .filter(file -> sought.matcher(text(file)).find())
          .map(Path::toString)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String text(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
