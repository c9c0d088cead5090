package dev.selfsame.postgres;

import dev.selfsame.postgres.PostgresFailure.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The right to use a data directory, held by a living program. The system takes it back however the
 * program ends, so a free lock beside a running PostgreSQL means an orphan. The file stays; it also
 * marks the directory as ours.
 */
final class DirectoryLock implements AutoCloseable {
  /**
   * What this very program holds. The system knows locks per process, and drops one as soon as the
   * process closes any channel to the file: so a second channel must not even be opened.
   */
  private static final Set<Path> HELD_HERE = ConcurrentHashMap.newKeySet();

  private final Path file;
  private final FileChannel channel;

  private DirectoryLock(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  static DirectoryLock acquire(Layout layout) throws IOException {
    Path file = layout.lock();
    if (!HELD_HERE.add(file)) {
      throw inUse(layout, Long.toString(ProcessHandle.current().pid()));
    }
    FileChannel channel = null;
    try {
      channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      if (channel.tryLock() == null) {
        throw inUse(layout, Files.readString(file).strip());
      }
      channel.truncate(0);
      channel.write(
          ByteBuffer.wrap((ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.UTF_8)));
      return new DirectoryLock(file, channel);
    } catch (IOException | RuntimeException e) {
      if (channel != null) {
        channel.close();
      }
      HELD_HERE.remove(file);
      throw e;
    }
  }

  private static PostgresFailure inUse(Layout layout, String pid) {
    return new PostgresFailure(
        Reason.DIRECTORY_IN_USE,
        "%s is in use by the process %s. Stop that one, or choose another directory with --data."
            .formatted(layout.directory(), pid.isEmpty() ? "(starting)" : pid));
  }

  @Override
  public void close() throws IOException {
    channel.close();
    HELD_HERE.remove(file);
  }
}
