package dev.selfsame.source.segment;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The reference implementation's own values. */
final class Xxh64Test {

  @ParameterizedTest
  @CsvSource({
    "'', 0, EF46DB3751D8E999",
    "a, 0, D24EC4F1A98C6E5B",
    "as, 0, 1C330FB2D66BE179",
    "asd, 0, 631C37CE72A97393",
    "asdf, 0, 415872F599CEA71E",
    "Call me Ishmael. Some years ago--never mind how long precisely-, 0, 02A2E85470D6FD96",
    "xxhash, 20141025, B559B98D844E0635",
  })
  void hashesAreAsTheReferenceSays(String text, long seed, String expected) {
    byte[] bytes = ("xx" + text + "yy").getBytes(US_ASCII);
    assertThat(
            Long.toHexString(Xxh64.hash(bytes, 2, bytes.length - 2, seed))
                .toUpperCase(java.util.Locale.ROOT))
        .isEqualTo(expected.replaceFirst("^0+", ""));
  }
}
