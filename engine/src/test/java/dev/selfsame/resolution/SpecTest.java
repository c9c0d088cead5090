package dev.selfsame.resolution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.identity.Identifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The rules as tables: every line of {@code resolution/*.spec} is a test. What a line does not
 * declare, a user, a value, a flag, a warning, must not be there.
 */
final class SpecTest {

  /**
   * Checks that a line must name where they apply; of others a line names those that it is about.
   */
  private static final Set<String> STRICT =
      Set.of("K17", "K20", "K21", "K22", "V9", "P12", "G2", "G3");

  /** Paragraphs of the rules that are no rows and that a line may be named by. */
  private static final Set<String> PARAGRAPHS =
      Set.of(
          "G1",
          "G2",
          "G3",
          "G4",
          "G5",
          "G6",
          "G7",
          "Normalising",
          "Blocked",
          "Fields",
          "Null",
          "Late",
          "First",
          "Sources",
          "Fold",
          "Values");

  /**
   * No row of K0, C0, R0, S0 can be reached (StatesTest, HistoriesTest); repeats and erasures are
   * not resolved here, nor are rows that a warehouse had already (V0).
   */
  private static final Set<String> ELSEWHERE =
      Set.of("K0", "C0", "R0", "S0", "K19", "V0", "X0", "Y1");

  @TestFactory
  Stream<DynamicContainer> everyLine() {
    return SpecFile.all().stream()
        .map(file ->
            DynamicContainer.dynamicContainer(
                file.name(),
                file.cases().stream()
                    .map(c -> DynamicTest.dynamicTest(c.toString(), () -> run(c)))));
  }

  @Test
  void everyRuleHasALineAndEveryLineARule() {
    Set<String> cited = new TreeSet<>();
    for (SpecFile file : SpecFile.all()) {
      for (SpecFile.Case c : file.cases()) {
        for (SpecFile.Step step : c.steps()) {
          cited.add(step.code());
          cited.add(row(step));
        }
      }
    }
    Set<String> codes =
        Arrays.stream(Rule.values()).map(Rule::code).collect(Collectors.toCollection(TreeSet::new));
    Set<String> uncited = new TreeSet<>(codes);
    uncited.removeAll(cited);
    uncited.removeAll(ELSEWHERE);
    cited.removeAll(codes);
    cited.removeAll(PARAGRAPHS);
    assertThat(cited).as("lines whose code is no rule").isEmpty();
    assertThat(uncited).as("rules without a line").isEmpty();
  }

  static void run(SpecFile.Case c) {
    Space space = new Space();
    Notation.fill(space, c.before());
    assertThat(space.broken()).as("the users before").isEmpty();
    int minute = 0;
    for (SpecFile.Step step : c.steps()) {
      Map<String, List<String>> before = Notation.show(space);
      Decision decision = space.apply(Notation.claim(step.claim(), "11:%02d".formatted(minute++)));
      String where = "%s.spec:%d %s".formatted(c.file(), step.line(), step.claim());
      List<String> wrong = new ArrayList<>();
      compare("decision", expectedDecision(step), gotDecision(decision, step, space), wrong);
      Map<String, List<String>> after = Notation.show(space);
      if (step.after().equals("same")) {
        compare("users", before.toString(), after.toString(), wrong);
      } else {
        compareUsers(step.after(), before, after, wrong);
      }
      wrong.addAll(space.broken());
      assertThat(wrong).as(where).isEmpty();
    }
  }

  private static void compare(String what, String expected, String got, List<String> wrong) {
    if (!expected.equals(got)) {
      wrong.add("%s%n  expected %s%n  got      %s".formatted(what, expected, got));
    }
  }

  private static String row(SpecFile.Step step) {
    List<String> words = Notation.words(step.decision().split(",", 2)[0]);
    return words.size() > 1 ? words.get(1) : step.code();
  }

  /** The decision column in a fixed order: outcome, row, then its parts sorted. */
  private static String expectedDecision(SpecFile.Step step) {
    Set<String> parts = new TreeSet<>();
    String[] columns = step.decision().split(",", -1);
    for (String part : Arrays.asList(columns).subList(1, columns.length)) {
      List<String> words = Notation.words(part);
      if (words.getFirst().equals("flag")) {
        List<String> users = new ArrayList<>(words.subList(2, words.size()));
        users.sort(null);
        parts.add("flag " + words.get(1) + " " + String.join(" ", users));
      } else {
        parts.add(String.join(" ", words));
      }
    }
    return Notation.words(columns[0]).getFirst() + " " + row(step) + " " + parts;
  }

  private static String gotDecision(Decision decision, SpecFile.Step step, Space space) {
    Set<String> parts = new TreeSet<>();
    for (Rule check : decision.checks()) {
      String part = "check " + check.code();
      if (STRICT.contains(check.code()) || step.decision().contains(part)) {
        parts.add(part);
      }
    }
    decision
        .warnings()
        .forEach(warning -> parts.add("warn " + warning.kind().code() + " " + warning.field()));
    decision
        .flags()
        .forEach(
            flag -> parts.add("flag " + flag.kind().code() + " " + Notation.labels(flag.users())));
    decision.erased().forEach(user -> parts.add("erase " + Space.label(user)));
    for (Identifier identifier : decision.suppressed()) {
      parts.add("suppress " + identifier.type() + ":" + Notation.encode(identifier.value()));
    }
    if (decision.company() != null) {
      space.accounts.values().stream()
          .filter(account -> account.id().equals(decision.company()))
          .forEach(account -> parts.add("company " + account.externalId()));
    }
    if (decision.reason() != null) {
      parts.add("because " + decision.reason().code());
    }
    return decision.outcome().code() + " " + decision.rule().code() + " " + parts;
  }

  private static void compareUsers(
      String after,
      Map<String, List<String>> before,
      Map<String, List<String>> now,
      List<String> wrong) {
    Map<String, Set<String>> expected = new LinkedHashMap<>();
    for (String user : after.replaceFirst("^… ", "").split("(?<=}) +", -1)) {
      if (!user.isBlank() && !user.equals("nobody")) {
        int brace = user.indexOf('{');
        expected.put(
            user.substring(0, brace),
            Set.copyOf(Notation.words(user.substring(brace + 1, user.length() - 1))));
      }
    }
    Map<String, List<String>> got = new LinkedHashMap<>(now);
    if (after.startsWith("…")) {
      before.forEach((label, words) -> {
        boolean named = expected.keySet().stream().anyMatch(user -> includes(user, label));
        if (!named && !got.remove(label, words)) {
          wrong.add(label + " should be as before: " + words);
        }
      });
    }
    Map<String, Set<String>> seen = new TreeMap<>();
    got.forEach((label, words) ->
        seen.put(
            label,
            words.stream()
                .map(word -> said(word, expected.getOrDefault(label, Set.of())))
                .collect(Collectors.toCollection(TreeSet::new))));
    Map<String, Set<String>> wanted = new TreeMap<>();
    expected.forEach((label, words) -> wanted.put(label, new TreeSet<>(words)));
    compare("users", wanted.toString(), seen.toString(), wrong);
  }

  /** Whether the user is, or was merged from, the one of this label: u1+u2 includes u2. */
  private static boolean includes(String user, String label) {
    return List.of(user.split("\\+", -1)).containsAll(List.of(label.split("\\+", -1)));
  }

  /**
   * The word as the table says it, if it says the same with fewer notes; else with the one note
   * that always counts.
   */
  private static String said(String word, Set<String> expected) {
    String bare = word.replaceFirst("\\(.*\\)$", "");
    List<String> notes = notes(word);
    for (String said : expected) {
      if (said.replaceFirst("\\(.*\\)$", "").equals(bare)) {
        List<String> claimed = notes(said);
        boolean agree =
            notes.containsAll(claimed) && claimed.contains("deleted") == notes.contains("deleted");
        return agree ? said : word;
      }
    }
    return notes.contains("deleted") ? bare + "(deleted)" : bare;
  }

  private static List<String> notes(String word) {
    int open = word.indexOf('(');
    return open < 0
        ? List.of()
        : List.of(word.substring(open + 1, word.length() - 1).split(",", -1));
  }
}
