package dev.selfsame.source.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

final class WebhookSettingsTest {

  @Test
  void defaults() {
    assertThat(WebhookSettings.DEFAULT).isEqualTo(new WebhookSettings(8_388_608, 4_000));
  }

  @Test
  void what_segment_sends_by_itself_is_always_taken() {
    assertThatIllegalArgumentException().isThrownBy(() -> new WebhookSettings(524_287, 4_000));
    assertThatIllegalArgumentException().isThrownBy(() -> new WebhookSettings(33_554_433, 4_000));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new WebhookSettings(524_288, 999))
        .withMessageContaining("got 999");
    assertThatIllegalArgumentException().isThrownBy(() -> new WebhookSettings(524_288, 100_001));
  }
}
