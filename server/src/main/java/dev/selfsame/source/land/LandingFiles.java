package dev.selfsame.source.land;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directory of landings, readable by the server's account alone: the uploaded file of each that
 * is not finished, and an empty file for each query, so that the next server knows of it. One
 * server uses it.
 */
final class LandingFiles implements AutoCloseable {

  /** The ending of what stands for a query. */
  static final String QUERY = "query";

  private static final Logger LOG = LoggerFactory.getLogger(LandingFiles.class);
  private static final int CHUNK = 1 << 16;

  /** How often an upload looks at what is free on the disk, in bytes. */
  private static final long LOOK = 4L << 20;

  private static final FileAttribute<Set<PosixFilePermission>> OURS =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private final Path directory;
  private final FileChannel lock;

  private LandingFiles(Path directory, FileChannel lock) {
    this.directory = directory;
    this.lock = lock;
  }

  static LandingFiles open(Path directory) {
    try {
      Files.createDirectories(directory);
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
      FileChannel lock =
          FileChannel.open(
              directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (!locked(lock)) {
        lock.close();
        throw new Failure(
            Problem.INVALID_SETTING,
            "Another server uses %s. Give each its own directory with --data."
                .formatted(directory.getParent()));
      }
      return new LandingFiles(directory, lock);
    } catch (IOException e) {
      throw unusable(directory, "written", e);
    }
  }

  private static boolean locked(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  private static Failure unusable(Path directory, String what, IOException e) {
    return new Failure(
        Problem.INVALID_SETTING,
        "The directory %s cannot be %s: %s".formatted(directory, what, e),
        0,
        e);
  }

  /**
   * What a landing has here.
   *
   * @param ending the file's format, or {@link #QUERY}
   */
  Path file(UUID id, String ending) {
    return directory.resolve(id + "." + ending);
  }

  /**
   * Writes an upload to disk as it comes; when this returns it is there, else nothing of it is.
   *
   * @return its bytes
   * @throws IOException when the caller's bytes end early
   * @throws Failure DISK_LOW
   */
  long spool(UUID id, String ending, InputStream in, long leaveFree) throws IOException {
    Path half = file(id, "part");
    boolean whole = false;
    boolean reading = false;
    try {
      long size = 0;
      try (FileChannel to = created(half)) {
        byte[] chunk = new byte[CHUNK];
        while (true) {
          reading = true;
          int read = in.read(chunk);
          reading = false;
          if (read < 0) {
            break;
          }
          if (size % LOOK < read) {
            keepFree(leaveFree);
          }
          ByteBuffer bytes = ByteBuffer.wrap(chunk, 0, read);
          while (bytes.hasRemaining()) {
            to.write(bytes);
          }
          size += read;
        }
        to.force(true);
      }
      Files.move(half, file(id, ending), StandardCopyOption.ATOMIC_MOVE);
      whole = true;
      return size;
    } catch (IOException e) {
      if (reading) {
        throw e;
      }
      throw diskLow("The file cannot be kept in the data directory: " + e.getMessage());
    } finally {
      if (!whole) {
        delete(half);
      }
    }
  }

  /** Remembers that there is a query. */
  void mark(UUID id) {
    try {
      created(file(id, QUERY)).close();
    } catch (IOException e) {
      throw diskLow("The landing cannot be kept in the data directory: " + e.getMessage());
    }
  }

  private void keepFree(long leaveFree) throws IOException {
    long free = Files.getFileStore(directory).getUsableSpace();
    if (free < leaveFree) {
      throw diskLow(
          "%d bytes are free on the disk of the data directory, and uploads leave %d"
              .formatted(free, leaveFree));
    }
  }

  private static FileChannel created(Path file) throws IOException {
    return FileChannel.open(
        file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), OURS);
  }

  private static Failure diskLow(String fact) {
    return new Failure(Problem.DISK_LOW, fact + ". Make room, then send it again.");
  }

  void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      LOG.warn("{} could not be deleted; it may hold personal data", file, e);
    }
  }

  /** What an earlier server left, by landing; what belongs to none is deleted. */
  Map<UUID, Path> left() {
    Map<UUID, Path> left = new TreeMap<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        String name = String.valueOf(file.getFileName());
        if (name.equals("lock")) {
          continue;
        }
        UUID id = name.endsWith(".part") ? null : id(name);
        if (id == null) {
          delete(file);
        } else {
          left.put(id, file);
        }
      }
    } catch (IOException e) {
      throw unusable(directory, "read", e);
    }
    return left;
  }

  private static @Nullable UUID id(String name) {
    int dot = name.indexOf('.');
    try {
      return dot < 0 ? null : UUID.fromString(name.substring(0, dot));
    } catch (IllegalArgumentException e) {
      LOG.debug("{} is no landing's", name, e);
      return null;
    }
  }

  @Override
  public void close() throws IOException {
    lock.close();
  }
}
