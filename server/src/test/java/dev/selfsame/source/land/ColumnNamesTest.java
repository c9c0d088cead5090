package dev.selfsame.source.land;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What columns are called in tables. */
final class ColumnNamesTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          id                     | id
          email_address          | email_address
          LastModifiedDate       | last_modified_date
          E-Mail Address         | e_mail_address
          userID                 | user_id
          IDs                    | i_ds
          HTMLPage2Go            | html_page2_go
          Foo__c                 | foo__c
          Account__r.Name        | account__r_name
          _fivetran_synced       | _fivetran_synced
          properties.email.value | properties_email_value
          Größe (cm)             | grosse_cm
          Prénom / Nom           | prenom_nom
          Straße                 | strasse
          Ærø Łódź               | aero_lodz
          ﬁrst                   | first
          ＩＤ                   | id
          1st visit              | _1st_visit
          '  spaced  out  '      | spaced_out
          $amount%               | amount
          a - _b                 | a_b
          x'"; drop table users  | x_drop_table_users
          Имя id                 | id
          """)
  void are_snake_case(String name, String column) {
    assertThat(ColumnNames.of(name)).isEqualTo(column);
    assertThat(ColumnNames.of(column)).as("the name again").isEqualTo(column);
  }

  @Test
  void a_long_one_is_cut_and_keeps_apart_from_its_likes() {
    String one = ColumnNames.of("a".repeat(80) + "1");
    String other = ColumnNames.of("a".repeat(80) + "2");
    assertThat(one).hasSize(63).matches("a{54}_[0-9a-f]{8}").isNotEqualTo(other);
    assertThat(ColumnNames.of(one)).isEqualTo(one);
    assertThat(ColumnNames.of("a".repeat(63))).isEqualTo("a".repeat(63));
  }

  @ParameterizedTest
  @ValueSource(strings = {"Имя", "名前", "___", "-", "!?", "😀"})
  void of_which_nothing_is_left_is_refused(String name) {
    assertThat(ColumnNames.of(name)).isEmpty();
    assertThatThrownBy(() -> new ColumnNames().add(name, "x.csv, line 1, column 2"))
        .isInstanceOfSatisfying(
            Failure.class,
            failure -> assertThat(failure.problem()).isEqualTo(Problem.LANDING_COLUMN))
        .hasMessageStartingWith("x.csv, line 1, column 2: ")
        .hasMessageContaining(name);
  }

  @Test
  void two_that_become_one_are_refused_and_both_said() {
    var columns = new ColumnNames();
    assertThat(columns.add("userId", "x")).isZero();
    assertThat(columns.add("name", "x")).isEqualTo(1);
    assertThatThrownBy(() -> columns.add("User ID", "x.csv, line 1, column 3"))
        .hasMessage(
            "x.csv, line 1, column 3: \"userId\" and \"User ID\" would both become the column"
                + " user_id. Rename one of them.");
    assertThatThrownBy(() -> columns.add("name", "x.csv, line 1, column 3"))
        .hasMessage(
            "x.csv, line 1, column 3: two columns are called \"name\". Rename one of them.");
    assertThat(columns.join("user_id", "other.csv")).isZero();
    assertThat(columns.all()).containsExactly("userId", "name");
  }
}
