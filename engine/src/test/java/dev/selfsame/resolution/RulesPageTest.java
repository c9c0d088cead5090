package dev.selfsame.resolution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The page that people read names every rule, no other, and its examples are lines of the tables.
 */
final class RulesPageTest {

  private static final Pattern ROW = Pattern.compile("\\| ([A-Z]\\d+[a-z]?) \\|.*");
  private static final Pattern EXAMPLE = Pattern.compile("[A-Z]\\d+[a-z]? \\| .*");

  @Test
  void everyRuleHasARowAndEveryRowARule() {
    Set<String> rows =
        lines().stream()
            .map(ROW::matcher)
            .filter(row -> row.matches())
            .map(row -> row.group(1))
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(rows)
        .containsExactlyInAnyOrderElementsOf(Arrays.stream(Rule.values()).map(Rule::code).toList());
  }

  @Test
  void everyExampleIsACaseOfTheTables() {
    Set<String> cases =
        SpecFile.all().stream()
            .flatMap(file -> file.cases().stream())
            .filter(c -> c.steps().size() == 1)
            .map(c ->
                words(
                    String.join(
                        " | ",
                        c.code(),
                        c.before(),
                        c.steps().getFirst().claim(),
                        c.steps().getFirst().decision(),
                        c.steps().getFirst().after())))
            .collect(Collectors.toSet());
    List<String> examples =
        lines().stream()
            .filter(line -> EXAMPLE.matcher(line).matches())
            .map(RulesPageTest::words)
            .toList();
    assertThat(examples).isNotEmpty().allMatch(cases::contains);
  }

  private static String words(String line) {
    return String.join(" ", Notation.words(line));
  }

  private static List<String> lines() {
    try {
      return Files.readAllLines(Path.of("..", "docs", "rules.md"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
