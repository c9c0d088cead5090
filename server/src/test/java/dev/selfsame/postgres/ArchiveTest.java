package dev.selfsame.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.selfsame.postgres.PostgresFailure.Reason;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Which PostgreSQL is for which machine, and that it is the one we know. */
final class ArchiveTest {

  @ParameterizedTest
  @CsvSource({"Linux,amd64,LINUX_X86_64", "Linux,aarch64,LINUX_ARM64"})
  void bothKindsOfLinuxServerAreCarried(String osName, String osArch, Archive expected) {
    assertThat(Archive.forMachine(osName, osArch)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"Windows 11,amd64", "Linux,riscv64", "SunOS,sparcv9"})
  void otherMachinesAreToldWhatIsCarriedAndWhatElseWorks(String osName, String osArch) {
    PostgresFailure failure =
        catchThrowableOfType(PostgresFailure.class, () -> Archive.forMachine(osName, osArch));
    assertThat(failure.reason()).isEqualTo(Reason.NO_BINARY_FOR_PLATFORM);
    assertThat(failure)
        .hasMessageContaining("linux x86_64")
        .hasMessageContaining(osArch)
        .hasMessageContaining("--database-url");
  }

  @ParameterizedTest
  @EnumSource
  void theDigestsAreThoseOfTheArchivesOnTheClassPath(Archive archive) throws Exception {
    try (InputStream in = Archive.class.getResourceAsStream(archive.resource())) {
      if (in != null) {
        assertThat(digest(in)).isEqualTo(archive.sha256());
      }
    }
  }

  private static String digest(InputStream in) throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    digest.update(in.readAllBytes());
    return HexFormat.of().formatHex(digest.digest());
  }

  @Test
  void allAreOfOneMajorVersion() {
    assertThat(Archive.values()).allMatch(a -> a.version().startsWith(Archive.MAJOR_VERSION + "."));
  }
}
