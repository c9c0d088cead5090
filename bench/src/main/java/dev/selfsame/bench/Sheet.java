package dev.selfsame.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * A CSV file of people for an empty hub, and what is to become of its rows. Of twenty rows sixteen
 * are new users; three give another name to one of those before them, chosen at random and named by
 * external id, billing id or email; one is an error.
 *
 * @param created how many users it makes
 * @param expected rows by rule and outcome, or reason where they are errors, as the ledger says it
 */
record Sheet(Path path, long rows, long created, Map<String, Long> expected) {

  private static final int CYCLE = 20;

  static Sheet write(Path path, long rows) {
    Map<String, Long> expected = new TreeMap<>();
    long created = 0;
    try (Writer to = Files.newBufferedWriter(path, UTF_8)) {
      to.write("external_id,name,email,billing_id\r\n");
      StringBuilder row = new StringBuilder(128);
      for (long number = 0; number < rows; number++) {
        long earlier = 1 + Long.remainderUnsigned(People.mix(number), Math.max(1, created));
        String what =
            switch ((int) (number % CYCLE)) {
              case 16 -> {
                row(row, earlier, earlier, number, earlier, earlier);
                yield "C2 updated";
              }
              case 17 -> {
                row(row, 0, earlier, number, earlier, earlier);
                yield "C3 updated";
              }
              case 18 -> {
                row(row, 0, earlier, number, earlier, 0);
                yield "C4 updated";
              }
              case 19 -> error(row, number, rows + number, earlier);
              default -> {
                created++;
                row(row, created, created, 0, created, created);
                yield "C5 created";
              }
            };
        expected.merge(what, 1L, Long::sum);
        to.append(row.append("\r\n"));
        row.setLength(0);
      }
    } catch (IOException e) {
      throw new Failed("The file to import could not be written: " + e.getMessage(), e);
    }
    return new Sheet(path, rows, created, expected);
  }

  /** Each cell is of the person with that number; 0: it is empty. */
  private static void row(
      StringBuilder to, long externalId, long name, long change, long email, long billingId) {
    if (externalId > 0) {
      People.externalId(to, externalId);
    }
    to.append(',');
    People.name(to, name, change);
    to.append(',');
    if (email > 0) {
      People.email(to, email, 0);
    }
    to.append(',');
    if (billingId > 0) {
      People.billingId(to, billingId);
    }
  }

  /**
   * One of three errors that people make.
   *
   * @param nobody a number that no user has
   */
  private static String error(StringBuilder to, long number, long nobody, long earlier) {
    return switch ((int) (number / CYCLE % 3)) {
      case 0 -> {
        row(to, nobody, nobody, 0, 0, 0);
        // What should be an email lacks its @.
        to.insert(to.length() - 1, "mail.example.com");
        yield "C7 value_malformed";
      }
      case 1 -> {
        row(to, 0, nobody, 0, 0, 0);
        yield "C7 no_key";
      }
      default -> {
        row(to, nobody, earlier, 0, earlier, earlier);
        yield "C7 external_id_fixed";
      }
    };
  }
}
