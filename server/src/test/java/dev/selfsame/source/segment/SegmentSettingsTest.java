package dev.selfsame.source.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class SegmentSettingsTest {

  @Test
  void defaults() {
    assertThat(SegmentSettings.DEFAULT)
        .isEqualTo(new SegmentSettings(512_000, 32_768, 2_500, false, Duration.ofSeconds(20)));
  }

  @Test
  void limitsGoUpwardAlone() {
    Duration wait = Duration.ofSeconds(1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new SegmentSettings(511_999, 32_768, 2_500, false, wait))
        .withMessageContaining("got 511999");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new SegmentSettings(512_000, 32_767, 2_500, false, wait));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new SegmentSettings(512_000, 512_001, 2_500, false, wait));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new SegmentSettings(512_000, 32_768, 2_499, false, wait));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new SegmentSettings(512_000, 32_768, 2_500, false, Duration.ZERO));
  }
}
