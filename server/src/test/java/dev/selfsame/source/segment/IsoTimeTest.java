package dev.selfsame.source.segment;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class IsoTimeTest {

  private static long read(String text) {
    byte[] bytes = text.getBytes(UTF_8);
    return IsoTime.micros(bytes, 0, bytes.length);
  }

  @ParameterizedTest
  @CsvSource({
    "'2026-11-21T21:11:54.941Z', 2026-11-21T21:11:54.941Z",
    "'2026-11-21T21:11:54Z', 2026-11-21T21:11:54Z",
    "'2026-11-21t21:11:54z', 2026-11-21T21:11:54Z",
    "' 2026-11-21T21:11:54Z ', 2026-11-21T21:11:54Z",
    "'2026-11-21T21:11:54.353+00:00', 2026-11-21T21:11:54.353Z",
    "'2026-11-21T21:11:54.000353+00:00', 2026-11-21T21:11:54.000353Z",
    "'2026-11-21T21:11:54.1234567Z', 2026-11-21T21:11:54.123456Z",
    "'2026-11-21T21:11:54,5Z', 2026-11-21T21:11:54.500Z",
    "'2026-11-21T23:11:54+02:00', 2026-11-21T21:11:54Z",
    "'2026-11-21T15:41:54-0530', 2026-11-21T21:11:54Z",
    "'2026-11-21T23:11:54+02', 2026-11-21T21:11:54Z",
    "'2020-01-01T00:00:00', 2020-01-01T00:00:00Z",
    "'2020-01-01T10:30', 2020-01-01T10:30:00Z",
    "'2020-01-01T10Z', 2020-01-01T10:00:00Z",
    "'2020-02-29', 2020-02-29T00:00:00Z",
    "'20200229', 2020-02-29T00:00:00Z",
    "'20261121T211154Z', 2026-11-21T21:11:54Z",
    "'20261121T211154.5+0100', 2026-11-21T20:11:54.500Z",
    "'2026-11-21T24:00:00Z', 2026-11-22T00:00:00Z",
    "'2016-12-31T23:59:60Z', 2017-01-01T00:00:00Z",
    "'1969-12-31T23:59:59.999999Z', 1969-12-31T23:59:59.999999Z",
    "'0001-01-01T00:00:00Z', 0001-01-01T00:00:00Z",
    "'9999-12-31T23:59:59.999999Z', 9999-12-31T23:59:59.999999Z",
  })
  void isoTimesAreRead(String text, String expected) {
    assertThat(read(text))
        .isEqualTo(ChronoUnit.MICROS.between(Instant.EPOCH, Instant.parse(expected)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "1732223520",
        "1732223520000",
        "2026",
        "2026-11",
        "2026-11-21 21:11:54",
        "2026-13-01",
        "2026-02-29",
        "2026-11-31",
        "2026-00-10",
        "2026-11-21T",
        "2026-11-21T25:00:00Z",
        "2026-11-21T21:60:00Z",
        "2026-11-21T21:11:61Z",
        "2026-11-21T24:00:01Z",
        "2026-11-21T21:11:54.Z",
        "2026-11-21T21:11:54ZZ",
        "2026-11-21T21:11:54+",
        "2026-11-21T21:11:54+19:00",
        "2026-11-21T21:11:54 UTC",
        "Sat, 21 Nov 2026 21:11:54 GMT",
        "+12026-11-21T21:11:54Z",
        "-2026-11-21T21:11:54Z",
        "2026-11-21T2111:54Z",
        "2026/11/21",
        "٢٠٢٦-11-21",
        "null",
        "T21:11:54Z"
      })
  void anythingElseIsUnreadable(String text) {
    assertThat(read(text)).isEqualTo(IsoTime.UNREADABLE);
  }
}
