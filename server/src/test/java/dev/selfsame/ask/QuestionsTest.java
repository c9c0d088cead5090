package dev.selfsame.ask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Question files: what they may say, and what is said about those that cannot be meant. */
final class QuestionsTest {
  @TempDir Path directory;

  /** A bar stands for the end of a line. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '>',
      textBlock =
          """
          -- titel: A|SELECT 1                            > line 1: there is no key titel; did you mean title? Known: title, about, chart, x, y, unit.
          SELECT 1                                        > line 1: the title is missing
          -- title:|SELECT 1                              > line 1: title has no value.
          -- title: A|-- chart: pipe|SELECT 1             > line 2: there is no chart pipe; did you mean pie? Known: bar, column, line, pie, none.
          -- title: A|-- chart: Bar|SELECT 1              > line 2: there is no chart Bar; did you mean bar?
          -- title: A|-- about: B|-- title: C|SELECT 1    > line 3: title stands in line 1 already; once is enough.
          -- title: A||-- only comments                   > line 3: there is no statement below the header
          -- title: A|-- unit: tickets|SELECT 1           > line 2: unit is for a chart, and there is none: add “-- chart: bar”.
          -- title: A|-- chart: bar|-- y: a,b,c,d,e|SELECT 1 > line 3: y names 5 columns; expected at most 4.
          -- title: A|-- Note: see below|SELECT 1         > line 2: there is no key Note
          """)
  void a_file_that_cannot_be_meant_is_refused_with_its_line(String text, String problem)
      throws IOException {
    Path file = Files.writeString(directory.resolve("mine.sql"), text.replace('|', '\n'));
    assertThatThrownBy(() -> Questions.in(directory).named("mine"))
        .isInstanceOf(Failure.class)
        .extracting(e -> ((Failure) e).problem())
        .isEqualTo(Problem.QUESTION_INVALID);
    assertThatThrownBy(() -> Questions.in(directory).named("mine"))
        .hasMessageStartingWith(file + ", " + problem);
    assertThat(Questions.in(directory).list())
        .filteredOn(each -> each.name().equals("mine"))
        .singleElement()
        .satisfies(each -> {
          assertThat(each.question()).isNull();
          assertThat(each.problem()).startsWith(file + ", " + problem);
        });
  }

  @Test
  void names_encodings_and_sizes_have_limits() throws IOException {
    Files.writeString(directory.resolve("My Question.sql"), "-- title: A\nSELECT 1");
    Files.write(directory.resolve("latin.sql"), new byte[] {'-', '-', (byte) 0xe9});
    Files.writeString(directory.resolve("long.sql"), "-- title: A\nSELECT 1" + " ".repeat(70_000));
    Files.writeString(
        directory.resolve("titled.sql"), "-- title: " + "A".repeat(201) + "\nSELECT 1");
    Files.createDirectory(directory.resolve("folder.sql"));
    Files.writeString(directory.resolve("notes.txt"), "no question");
    assertThat(Questions.in(directory).list())
        .filteredOn(each -> each.question() == null)
        .extracting(Questions.Listed::problem)
        .satisfiesExactly(
            problem ->
                assertThat(problem)
                    .contains("My Question.sql, line 1: a question is called by its file's name"),
            problem -> assertThat(problem).contains("folder.sql, line 1: it cannot be read"),
            problem -> assertThat(problem).contains("latin.sql, line 1: it is not UTF-8"),
            problem -> assertThat(problem).contains("it has 70020 bytes; expected at most 65536."),
            problem ->
                assertThat(problem)
                    .contains("the title has 201 characters; expected at most 200."));
  }

  @Test
  void a_good_file_counts_from_when_it_is_saved() throws IOException {
    Questions questions = Questions.in(directory.resolve("questions"));
    assertThat(questions.list())
        .extracting(Questions.Listed::name)
        .containsExactly(
            "campaign-visits", "support-and-revenue", "tickets-by-plan", "tickets-by-source");
    Files.createDirectory(directory.resolve("questions"));
    String text =
        """
        -- title: Users: by week
        -- about: One
        -- about: two.
        -- chart: line
        -- x: a, b
        -- y: n
        -- unit: %

        -- plain comment
        SELECT 1;
        """;
    Files.writeString(
        directory.resolve("questions/users-by-week.sql"), "\uFEFF" + text.replace("\n", "\r\n"));
    Question question = questions.named("users-by-week");
    assertThat(question.title()).isEqualTo("Users: by week");
    assertThat(question.about()).isEqualTo("One two.");
    assertThat(question.chart()).isEqualTo(ChartKind.LINE);
    assertThat(question.x()).containsExactly("a", "b");
    assertThat(question.y()).containsExactly("n");
    assertThat(question.unit()).isEqualTo("%");
    assertThat(question.origin()).isEqualTo(Question.Origin.OWN);
    assertThat(questions.list()).hasSize(5);
  }

  @Test
  void your_own_takes_the_place_of_a_built_in_one() throws IOException {
    Files.writeString(directory.resolve("tickets-by-plan.sql"), "-- title: Mine\nSELECT 1");
    Question question = Questions.in(directory).named("tickets-by-plan");
    assertThat(question.title()).isEqualTo("Mine");
    assertThat(question.origin()).isEqualTo(Question.Origin.OWN_INSTEAD);
    assertThat(Questions.in(directory).list()).hasSize(4);
  }

  @Test
  void an_unknown_name_names_the_nearest() {
    assertThatThrownBy(() -> Questions.in(directory).named("ticket-by-plans"))
        .hasMessage(
            "There is no question ticket-by-plans; did you mean tickets-by-plan? Known:"
                + " campaign-visits, support-and-revenue, tickets-by-plan, tickets-by-source")
        .extracting(e -> ((Failure) e).problem())
        .isEqualTo(Problem.UNKNOWN_QUESTION);
  }

  @Test
  void a_directory_that_somebody_names_must_be_there() {
    assertThatThrownBy(() -> Questions.given(directory.resolve("nowhere")).list())
        .hasMessageContaining("nowhere cannot be read")
        .extracting(e -> ((Failure) e).problem())
        .isEqualTo(Problem.FILE_UNUSABLE);
  }
}
