package dev.selfsame.publish;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import java.util.Arrays;
import java.util.Locale;

/** What the files in a directory are. */
public enum FileFormat {
  PARQUET,
  CSV;

  public String code() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The one of that name.
   *
   * @throws Failure {@code PUBLICATION_INVALID}
   */
  public static FileFormat of(String code) {
    return Arrays.stream(values())
        .filter(format -> format.code().equals(code))
        .findFirst()
        .orElseThrow(() ->
            new Failure(
                Problem.PUBLICATION_INVALID,
                "The format is %s; expected parquet or csv".formatted(code)));
  }
}
