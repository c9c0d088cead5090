package dev.selfsame.resolution;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A table of cases: {@code code | users before | claim | what it decides | users after}. */
record SpecFile(String name, List<Case> cases) {

  static final List<String> NAMES =
      List.of(
          "segment",
          "accounts",
          "alias-group-delete",
          "billing",
          "record",
          "csv",
          "warehouse",
          "api",
          "notes",
          "insights",
          "by-hand",
          "unlink",
          "erasing",
          "survivorship");

  /** A case: the users before, and one or more claims, one after the other. */
  record Case(String file, int line, String before, List<Step> steps) {
    String code() {
      return steps.getFirst().code();
    }

    @Override
    public String toString() {
      Step first = steps.getFirst();
      String more = steps.size() == 1 ? "" : " … " + steps.getLast().claim();
      return "%s %s:%d %s | %s%s"
          .formatted(code(), file, line, before, first.claim(), more)
          .replaceAll(" +", " ");
    }
  }

  /** One claim of a case. */
  record Step(int line, String code, String claim, String decision, String after) {}

  static List<SpecFile> all() {
    return NAMES.stream().map(SpecFile::read).toList();
  }

  static SpecFile read(String name) {
    List<Case> cases = new ArrayList<>();
    int number = 0;
    for (String line : text(name + ".spec").split("\n", -1)) {
      number++;
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      String[] columns = line.split("\\|", -1);
      boolean more = line.startsWith(" ");
      if (columns.length != (more ? 4 : 5)) {
        throw new IllegalArgumentException(
            "%s.spec:%d: %d columns".formatted(name, number, columns.length));
      }
      int at = more ? 1 : 2;
      Step step =
          new Step(
              number,
              columns[0].strip(),
              columns[at].strip(),
              columns[at + 1].strip(),
              columns[at + 2].strip());
      if (more) {
        cases.getLast().steps().add(step);
      } else {
        cases.add(new Case(name, number, columns[1].strip(), new ArrayList<>(List.of(step))));
      }
    }
    return new SpecFile(name, cases);
  }

  private static String text(String resource) {
    try (@Nullable InputStream in = SpecFile.class.getResourceAsStream("/resolution/" + resource)) {
      if (in == null) {
        throw new IllegalArgumentException("No " + resource);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
