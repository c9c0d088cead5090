package dev.selfsame.postgres;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The server's settings, sized by the machine. docs/performance.md has the measurements behind
 * those that are not PostgreSQL's.
 */
final class ServerConfiguration {
  /** Rewritten at every start, so that a newer program brings its newer settings. */
  static final String FILE = "selfsame.conf";

  /** Never written by the program; read last, so that it wins. */
  static final String USER_FILE = "postgresql.user.conf";

  private ServerConfiguration() {}

  /** What is added to the postgresql.conf that initdb makes. */
  static String includes() {
    return "\ninclude = '%s'\ninclude_if_exists = '%s'\n".formatted(FILE, USER_FILE);
  }

  /** The settings for this machine (or its container's limits) and the disk that holds the data. */
  static String forThisMachine(Path data) throws IOException {
    var machine = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    return text(machine.getTotalMemorySize() >> 20, Files.getFileStore(data).getTotalSpace() >> 20);
  }

  static String text(long memoryMb, long diskMb) {
    return """
    # Written by Selfsame at every start. Put your own settings into %s beside this file: it is read last and never written.
    listen_addresses = '127.0.0.1'
    unix_socket_directories = ''
    password_encryption = 'scram-sha-256'
    max_connections = 100

    # What was answered is on the disk.
    fsync = on
    synchronous_commit = on
    full_page_writes = on

    # Memory: a quarter of %d MB, at most 2 GB.
    shared_buffers = %dMB
    effective_cache_size = %dMB
    work_mem = %dMB
    maintenance_work_mem = %dMB

    # Few checkpoints, since each makes the next writes log whole pages; at most an eighth of the disk's %d MB.
    max_wal_size = %dMB
    checkpoint_timeout = 15min
    wal_compression = off
    wal_writer_delay = 10ms
    wal_writer_flush_after = 256kB

    # Short statements on a solid-state disk.
    random_page_cost = 1.1
    jit = off

    timezone = 'UTC'
    log_timezone = 'UTC'
    # No statement and no value of a user's data in the log.
    log_min_error_statement = panic
    log_error_verbosity = terse
    """
        .formatted(
            USER_FILE,
            memoryMb,
            within(128, memoryMb / 4, 2048),
            Math.max(128, memoryMb / 2),
            within(4, memoryMb / 256, 64),
            within(64, memoryMb / 32, 512),
            diskMb,
            within(256, diskMb / 8, 8192));
  }

  private static long within(long least, long wish, long most) {
    return Math.clamp(wish, least, most);
  }
}
