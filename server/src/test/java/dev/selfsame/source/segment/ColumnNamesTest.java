package dev.selfsame.source.segment;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ColumnNamesTest {

  @ParameterizedTest
  @CsvSource({
    "plan, plan",
    "Plan, plan",
    "firstName, first_name",
    "FirstName, first_name",
    "first_name, first_name",
    "first-name, first_name",
    "First Name, first_name",
    "'  first   name ', first_name",
    "first.name, first_name",
    "employee_count, employee_count",
    "APIResponse, api_response",
    "userID, user_id",
    "userID2Name, user_id2_name",
    "iPhone, i_phone",
    "ABC, abc",
    "$group, group",
    "_private_, private",
    "2fa, _2fa",
    "größe, größe",
    "Été, été",
    "日本, 日本",
    "a__b, a_b",
    "referralSource, referral_source",
    "postalCode, postal_code",
    "Σ, σ",
  })
  void namesAreSnakeCase(String key, String column) {
    assertThat(ColumnNames.snakeCase(key)).isEqualTo(column);
  }

  @Test
  void aNameOfNoLettersKeepsApartFromOthers() {
    assertThat(ColumnNames.snakeCase("")).matches("_[0-9a-f]{8}");
    assertThat(ColumnNames.snakeCase("!"))
        .matches("_[0-9a-f]{8}")
        .isNotEqualTo(ColumnNames.snakeCase("?"));
  }

  @Test
  void aLongNameFitsPostgresAndKeepsApartFromOthers() {
    String long1 = ColumnNames.snakeCase("x".repeat(80) + "1");
    String long2 = ColumnNames.snakeCase("x".repeat(80) + "2");
    assertThat(long1).hasSize(63).isNotEqualTo(long2);
    String wide = ColumnNames.snakeCase("𝒳日é".repeat(40));
    assertThat(wide.getBytes(UTF_8).length).isBetween(50, 63);
    assertThat(Repair.text(wide)).isEqualTo(wide);
    assertThat(ColumnNames.snakeCase("x".repeat(63))).isEqualTo("x".repeat(63));
  }
}
