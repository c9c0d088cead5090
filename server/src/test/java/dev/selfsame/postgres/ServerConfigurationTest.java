package dev.selfsame.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every setting of the server, written a second time. */
final class ServerConfigurationTest {

  @Test
  void onALargeMachine() {
    assertThat(settings(24_000, 250_000))
        .containsExactly(
            "listen_addresses = '127.0.0.1'",
            "unix_socket_directories = ''",
            "password_encryption = 'scram-sha-256'",
            "max_connections = 100",
            "fsync = on",
            "synchronous_commit = on",
            "full_page_writes = on",
            "shared_buffers = 2048MB",
            "effective_cache_size = 12000MB",
            "work_mem = 64MB",
            "maintenance_work_mem = 512MB",
            "max_wal_size = 8192MB",
            "checkpoint_timeout = 15min",
            "wal_compression = off",
            "wal_writer_delay = 10ms",
            "wal_writer_flush_after = 256kB",
            "random_page_cost = 1.1",
            "jit = off",
            "timezone = 'UTC'",
            "log_timezone = 'UTC'",
            "log_min_error_statement = panic",
            "log_error_verbosity = terse");
  }

  @ParameterizedTest
  @CsvSource({"512,20000,128,4,64,2500", "2048,1000,512,8,64,256", "8192,64000,2048,32,256,8000"})
  void onSmallerOnes(
      long memoryMb, long diskMb, long buffers, long work, long maintenance, long wal) {
    assertThat(settings(memoryMb, diskMb))
        .contains(
            "shared_buffers = %dMB".formatted(buffers),
            "work_mem = %dMB".formatted(work),
            "maintenance_work_mem = %dMB".formatted(maintenance),
            "max_wal_size = %dMB".formatted(wal));
  }

  private static List<String> settings(long memoryMb, long diskMb) {
    return ServerConfiguration.text(memoryMb, diskMb)
        .lines()
        .filter(line -> !line.isBlank() && !line.startsWith("#"))
        .toList();
  }
}
