package dev.selfsame.resolution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class RuleTest {

  @Test
  void codesAreAsInTheRules() {
    assertThat(Rule.K4B.code()).isEqualTo("K4b");
    assertThat(Rule.K22.code()).isEqualTo("K22");
    assertThat(Rule.R1C.code()).isEqualTo("R1c");
    for (Rule rule : Rule.values()) {
      assertThat(Rule.of(rule.code())).isEqualTo(rule);
      assertThat(rule.sentence()).endsWith(".");
    }
    assertThatThrownBy(() -> Rule.of("K99")).isInstanceOf(IllegalArgumentException.class);
  }
}
