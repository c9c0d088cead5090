package dev.selfsame.postgres;

import dev.selfsame.postgres.PostgresFailure.Reason;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * A packaged PostgreSQL that the program may carry on its class path. The digest is pinned here: it
 * proves what is unpacked, and names the folder, so that a start does not have to read the archive
 * to know whether it is unpacked already.
 */
enum Archive {
  LINUX_X86_64(
      "linux",
      "x86_64",
      "postgres-linux-x86_64.txz",
      "18.6",
      "63999c2914366d62c68e51794e597588c336e75ed2958d53c558e8deca5e13fc"),
  LINUX_ARM64(
      "linux",
      "arm64",
      "postgres-linux-arm_64.txz",
      "18.4",
      "e82704ca265154fb573a24f3b0ca78520d4095beb892482431a08d53fe22268d"),
  MAC_X86_64(
      "mac",
      "x86_64",
      "postgres-darwin-x86_64.txz",
      "18.6",
      "f4db5df0b13e3e72149c0547ccd1eee177cfe67accb8c296e8d0e46ef3601f01"),
  MAC_ARM64(
      "mac",
      "arm64",
      "postgres-darwin-arm_64.txz",
      "18.4",
      "d7d1a3a996ab6cd7e0f28a4f7778ae79eb6d1b95c774ac2a3e14958dd876466e");

  /** One major version for all: the format of the data is the major version's. */
  static final int MAJOR_VERSION = 18;

  private final String system;
  private final String processor;
  private final String resource;
  private final String version;
  private final String sha256;

  Archive(String system, String processor, String resource, String version, String sha256) {
    this.system = system;
    this.processor = processor;
    this.resource = resource;
    this.version = version;
    this.sha256 = sha256;
  }

  /** The archive for the machine that runs this. */
  static Archive forThisMachine() {
    return forMachine(System.getProperty("os.name"), System.getProperty("os.arch"));
  }

  static Archive forMachine(String osName, String osArch) {
    String system = osName.toLowerCase(Locale.ROOT).split(" ", 2)[0];
    String processor =
        switch (osArch) {
          case "amd64", "x86_64" -> "x86_64";
          case "aarch64" -> "arm64";
          default -> osArch;
        };
    return Arrays.stream(values())
        .filter(a -> a.system.equals(system) && a.processor.equals(processor))
        .filter(a -> Archive.class.getResource("/" + a.resource) != null)
        .findFirst()
        .orElseThrow(() -> missing(osName, osArch));
  }

  private static PostgresFailure missing(String osName, String osArch) {
    String carried =
        Arrays.stream(values())
            .filter(a -> Archive.class.getResource("/" + a.resource) != null)
            .map(a -> a.system + " " + a.processor)
            .collect(Collectors.joining(", "));
    return new PostgresFailure(
        Reason.NO_BINARY_FOR_PLATFORM,
        "This program carries PostgreSQL for %s, not for %s %s. Give it a PostgreSQL of your own with --database-url."
            .formatted(carried.isEmpty() ? "no machine" : carried, osName, osArch));
  }

  /** The path of the archive on the class path. */
  String resource() {
    return "/" + resource;
  }

  /** What {@code postgres --version} says, such as 18.6. */
  String version() {
    return version;
  }

  String sha256() {
    return sha256;
  }

  /** The name of the folder that this archive is unpacked into. */
  String folder() {
    return version + "-" + sha256.substring(0, 16);
  }
}
