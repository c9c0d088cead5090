package dev.selfsame.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.selfsame.error.Failure;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SettingsFileTest {

  /** A feature's settings. */
  record Feature(int size, Duration delay, boolean on) {
    Feature {
      if (size < 0) {
        throw new IllegalArgumentException("size is %d; expected 0 or more".formatted(size));
      }
    }
  }

  private static final Feature DEFAULT = new Feature(5, Duration.ofSeconds(20), true);

  @Test
  void what_is_left_out_has_its_default() {
    assertThat(read("{}")).isEqualTo(DEFAULT);
    assertThat(read("{\"feature\": {\"size\": 7, \"delay\": \"PT1M\"}}"))
        .isEqualTo(new Feature(7, Duration.ofMinutes(1), true));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"feature": {"siez": 7}}     | there is no setting feature.siez; known here: delay, on, size
          {"future": {"size": 7}}      | there is no setting future; known here: feature
          {"feature": 7}               | feature must be an object
          {"feature": {"size": -1}}    | feature: size is -1; expected 0 or more
          {"feature": {"size": "big"}} | feature:
          {"feature":                  | is not JSON
          []                           | one JSON object
          """)
  void what_cannot_be_meant_stops_the_start(String text, String words) {
    assertThatThrownBy(() -> read(text)).isInstanceOf(Failure.class).hasMessageContaining(words);
  }

  @Test
  void a_file_that_is_not_there_is_named() {
    assertThatThrownBy(() -> SettingsFile.read(Path.of("/nowhere/settings.json")))
        .hasMessageContaining("/nowhere/settings.json");
  }

  private static Feature read(String text) {
    SettingsFile file = SettingsFile.parse("settings.json", text);
    Feature feature = file.section("feature", DEFAULT, Feature.class);
    file.done();
    return feature;
  }
}
