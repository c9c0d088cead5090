package dev.selfsame.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.bench.load.Generator;
import dev.selfsame.bench.load.Measured;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** What the load says that it sent is what arrives. */
final class LoadTest {

  @Test
  void every_event_arrives_once_and_the_repeats_again() throws IOException {
    try (StubHub hub = new StubHub(0);
        Generator load = generator(hub, 20)) {
      Measured first = load.closed(0.5, 2_000, () -> {});
      Measured second = load.closed(0.5, 0, () -> {});

      assertThat(first.wrong() + second.wrong()).isZero();
      assertThat(hub.repeats()).isEqualTo(first.repeated() + second.repeated());
      assertThat(hub.messages() + hub.repeats()).isEqualTo(first.all() + second.all());
      assertThat(first.created() / (double) first.all()).isBetween(0.4, 0.6);
      assertThat(first.updated() / (double) first.all()).isBetween(0.3, 0.5);
      assertThat(first.adopted()).isPositive();
      assertThat(first.events()).isPositive().isLessThanOrEqualTo(first.all());
    }
  }

  @Test
  void a_refused_request_is_sent_again_when_it_may_be() throws IOException {
    try (StubHub hub = new StubHub(3);
        Generator load = generator(hub, 20)) {
      Measured measured = load.closed(0.5, 0, () -> {});

      assertThat(measured.refused()).isEqualTo(3);
      assertThat(measured.wrong()).isZero();
      assertThat(hub.messages() + hub.repeats()).isEqualTo(measured.all());
    }
  }

  @Test
  void at_a_steady_rate_so_many_requests_are_sent_as_were_due() throws IOException {
    try (StubHub hub = new StubHub(0);
        Generator load = generator(hub, 1)) {
      Measured measured = load.open(1, 200, () -> {});

      assertThat(hub.requests()).isEqualTo(200);
      assertThat(measured.requests()).isEqualTo(200);
      assertThat(measured.p50()).isPositive();
    }
  }

  private static Generator generator(StubHub hub, int batch) {
    return new Generator(new Generator.Target("127.0.0.1", hub.port(), "key", 2_000, 8, batch, 1));
  }
}
