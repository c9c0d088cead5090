package dev.selfsame.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SecretsTest {
  @TempDir private Path data;

  @Test
  void aSecretComesBackAsWhatItWas() throws Exception {
    byte[] kept = secrets().encrypt("p@ss", "connection a");
    assertThat(new String(kept, StandardCharsets.ISO_8859_1)).doesNotContain("p@ss");
    assertThat(secrets().decrypt(kept, "connection a")).isEqualTo("p@ss");
    assertThat(Files.getPosixFilePermissions(data.resolve("secret.key")))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    assertThat(problem(() -> secrets().decrypt(kept, "connection b")))
        .isEqualTo(Problem.SECRET_KEY);
  }

  @Test
  void withoutItsKeyNothingIsDecrypted() throws Exception {
    byte[] kept = secrets().encrypt("p@ss", "a");
    Files.move(data.resolve("secret.key"), data.resolve("elsewhere"));
    assertThat(problem(() -> secrets().decrypt(kept, "a"))).isEqualTo(Problem.SECRET_KEY);
    assertThat(data.resolve("secret.key")).doesNotExist();
    Secrets named =
        Secrets.of(data, Map.of(Secrets.KEY_FILE, data.resolve("elsewhere").toString()));
    assertThat(named.decrypt(kept, "a")).isEqualTo("p@ss");
    byte[] other = secrets().encrypt("p@ss", "a");
    assertThat(problem(() -> named.decrypt(other, "a"))).isEqualTo(Problem.SECRET_KEY);
  }

  @Test
  void aKeyThatOthersMayReadIsRefused() throws Exception {
    byte[] kept = secrets().encrypt("p@ss", "a");
    Path file = data.resolve("secret.key");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    Failure failure = catchThrowableOfType(Failure.class, () -> secrets().decrypt(kept, "a"));
    assertThat(failure).hasMessageContaining("chmod 600");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    Files.writeString(file, "{}");
    assertThat(problem(() -> secrets().decrypt(kept, "a"))).isEqualTo(Problem.SECRET_KEY);
  }

  private Secrets secrets() {
    return Secrets.of(data, Map.of());
  }

  private static Problem problem(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    return catchThrowableOfType(Failure.class, call).problem();
  }
}
