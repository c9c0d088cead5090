package dev.selfsame.cli;

import dev.selfsame.error.Failure;
import dev.selfsame.postgres.PostgresFailure;
import dev.selfsame.store.Inspection;
import dev.selfsame.store.StoreSettings;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Looks for what is wrong, or will be, and says what to do. Changes nothing. */
@Command(
    name = "doctor",
    description =
        "Check the machine and the database, and say what to do. Exit status 1 if something fails.",
    mixinStandardHelpOptions = true)
final class DoctorCommand implements Callable<Integer> {
  private static final long FAIL_BYTES = 1L << 30;
  private static final long WARN_BYTES = 5L << 30;
  private static final Duration WARN_SKEW = Duration.ofSeconds(1);
  private static final Duration FAIL_SKEW = Duration.ofSeconds(30);
  private static final Duration WARN_CERTIFICATE = Duration.ofDays(21);

  /** How a check came out. */
  private enum Health {
    ok,
    warn,
    fail
  }

  @Mixin private HubOptions hub;
  @Spec private CommandSpec spec;
  private boolean failed;

  @Override
  public Integer call() {
    jdk();
    disk();
    ServerFile running = ServerFile.running(hub.data);
    if (running != null) {
      certificate(URI.create(running.url()));
    }
    boolean external = hub.databaseUrl != null && !hub.databaseUrl.isBlank();
    if (!external && running == null && !OpenHub.holdsData(hub.data)) {
      line(
          Health.warn,
          "database",
          "there is no hub in %s yet".formatted(hub.data),
          "selfsame serve makes one");
      return end();
    }
    try (OpenHub open = OpenHub.of(hub, spec.commandLine().getErr())) {
      database(Inspection.of(open.address(), StoreSettings.DEFAULT, InstantSource.system()));
    } catch (Failure | PostgresFailure e) {
      line(Health.fail, "database", String.valueOf(e.getMessage()), null);
    }
    return end();
  }

  private int end() {
    spec.commandLine().getOut().flush();
    return failed ? 1 : 0;
  }

  private void jdk() {
    Runtime.Version version = Runtime.version();
    boolean corrupts = version.feature() == 25 && version.interim() == 0 && version.update() < 3;
    String text = "%s, %s".formatted(version, System.getProperty("java.vendor"));
    if (corrupts) {
      line(
          Health.fail,
          "jdk",
          text,
          "25.0.0 to 25.0.2 can corrupt arrays under G1: install 25.0.3 or later");
    } else {
      line(Health.ok, "jdk", text, null);
    }
  }

  private void disk() {
    Path there = hub.data.toAbsolutePath();
    while (there != null && !Files.exists(there)) {
      there = there.getParent();
    }
    try {
      long free = Files.getFileStore(there == null ? Path.of("/") : there).getUsableSpace();
      String text = "%.1f GB free at %s".formatted(free / (double) (1L << 30), hub.data);
      if (free < FAIL_BYTES) {
        line(
            Health.fail,
            "disk",
            text,
            "PostgreSQL stops when none is left: make room or move the data");
      } else if (free < WARN_BYTES) {
        line(Health.warn, "disk", text, "make room soon");
      } else {
        line(Health.ok, "disk", text, null);
      }
    } catch (IOException e) {
      line(Health.warn, "disk", "cannot be looked at: " + e, null);
    }
  }

  /** Of a server that runs with TLS; one without has none to look at. */
  private void certificate(URI url) {
    if (!"https".equals(url.getScheme())) {
      return;
    }
    X509Certificate shown;
    try {
      shown = ShownCertificate.endingFirst(url);
    } catch (IOException e) {
      line(
          Health.fail,
          "tls",
          "%s shows no certificate (%s)".formatted(url, e.getMessage()),
          "the server's log says why");
      return;
    }
    Instant now = Instant.now();
    Instant start = shown.getNotBefore().toInstant();
    Instant end = shown.getNotAfter().toInstant();
    String whose = shown.getSubjectX500Principal().getName();
    long days = Duration.between(now, end).toDays();
    String renew = "renew it: a running server takes changed files";
    if (now.isBefore(start)) {
      line(
          Health.fail,
          "tls",
          "%s is valid from %s only".formatted(whose, start),
          "clients refuse it until then: set the clock, or take the one before");
    } else if (now.isAfter(end)) {
      line(
          Health.fail,
          "tls",
          "%s has expired at %s".formatted(whose, end),
          "clients refuse it; " + renew);
    } else {
      String text =
          "%s is valid until %s, %d %s left"
              .formatted(whose, end, days, days == 1 ? "day" : "days");
      if (Duration.between(now, end).compareTo(WARN_CERTIFICATE) < 0) {
        line(Health.warn, "tls", text, renew);
      } else {
        line(Health.ok, "tls", text, null);
      }
    }
  }

  private void database(Inspection found) {
    if (found.versionSupported()) {
      line(Health.ok, "database", "PostgreSQL " + found.version(), null);
    } else {
      line(Health.fail, "database", "PostgreSQL " + found.version(), "move to 15 or later");
    }
    if (!found.encoding().equals("UTF8")) {
      line(
          Health.fail,
          "encoding",
          found.encoding(),
          "move to a database made with ENCODING 'UTF8'");
    }
    schema(found);
    durability(found);
    skew(found.skew());
    if (found.schema() == found.programSchema()) {
      if (found.missingPartitions().isEmpty()) {
        line(Health.ok, "partitions", "made ahead", null);
      } else {
        line(
            Health.warn,
            "partitions",
            "missing: " + String.join(", ", found.missingPartitions()),
            "a running server makes them within the hour; its log says why if it cannot");
      }
      if (found.readerDefects().isEmpty()) {
        line(Health.ok, "reader", "may read the published tables and nothing else", null);
      } else {
        line(
            Health.warn,
            "reader",
            String.join("; ", found.readerDefects()),
            "see docs/sql.md, \"The readers' login\"");
      }
    }
  }

  private void schema(Inspection found) {
    String text = "version %d of %d".formatted(found.schema(), found.programSchema());
    if (found.schema() > found.programSchema()) {
      line(Health.fail, "schema", text, "the database is of a newer Selfsame: use that one");
    } else if (found.schema() < found.programSchema()) {
      line(Health.warn, "schema", text, "the next start of the server brings it up to date");
    } else {
      line(Health.ok, "schema", text, null);
    }
  }

  private void durability(Inspection found) {
    if (!found.fsync() || !found.fullPageWrites()) {
      line(
          Health.fail,
          "fsync",
          "fsync %s, full_page_writes %s".formatted(on(found.fsync()), on(found.fullPageWrites())),
          "a power cut can destroy the database: set both to on in postgresql.conf");
    } else if (!found.synchronousCommit()) {
      line(
          Health.fail,
          "fsync",
          "on, but synchronous_commit is off",
          "a crash can lose what was acknowledged: set synchronous_commit to on");
    } else {
      line(Health.ok, "fsync", "on", null);
    }
  }

  private void skew(Duration skew) {
    String text =
        "the database's is %d ms %s"
            .formatted(Math.abs(skew.toMillis()), skew.isNegative() ? "behind" : "ahead");
    if (skew.abs().compareTo(FAIL_SKEW) > 0) {
      line(Health.fail, "clock", text, "set both machines' clocks by NTP");
    } else if (skew.abs().compareTo(WARN_SKEW) > 0) {
      line(Health.warn, "clock", text, "set both machines' clocks by NTP");
    } else {
      line(Health.ok, "clock", text, null);
    }
  }

  private static String on(boolean setting) {
    return setting ? "on" : "off";
  }

  private void line(Health health, String what, String found, @Nullable String advice) {
    failed |= health == Health.fail;
    PrintWriter out = spec.commandLine().getOut();
    out.println(
        "%-4s  %-10s  %s%s".formatted(health, what, found, advice == null ? "" : ": " + advice));
  }
}
