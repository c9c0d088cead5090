package dev.selfsame.source.csv;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The directory of imports, readable by the server's account alone. Of each import: the uploaded
 * file, the result, and a small file that says how far it is. One server uses it.
 */
final class ImportFiles implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ImportFiles.class);
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int CHUNK = 1 << 16;

  /** How often an upload looks at what is free on the disk, in bytes. */
  private static final long LOOK = 4L << 20;

  private static final FileAttribute<Set<PosixFilePermission>> OURS =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private final Path directory;
  private final FileChannel lock;

  private ImportFiles(Path directory, FileChannel lock) {
    this.directory = directory;
    this.lock = lock;
  }

  static ImportFiles open(Path directory) {
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
      return new ImportFiles(directory, lock);
    } catch (IOException e) {
      throw new Failure(
          Problem.INVALID_SETTING,
          "The directory %s cannot be written: %s".formatted(directory, e),
          0,
          e);
    }
  }

  private static boolean locked(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  Path upload(UUID id) {
    return directory.resolve(id + ".csv");
  }

  Path result(UUID id) {
    return directory.resolve(id + ".result.csv");
  }

  private Path half(UUID id) {
    return directory.resolve(id + ".part");
  }

  private Path status(UUID id) {
    return directory.resolve(id + ".json");
  }

  /**
   * Writes an upload to disk as it comes; when this returns it is there, else nothing of it is.
   *
   * @return its bytes
   * @throws IOException when the caller's bytes end early
   * @throws Failure DISK_LOW
   */
  long spool(UUID id, InputStream in, long leaveFree) throws IOException {
    boolean whole = false;
    boolean reading = false;
    try {
      long size = 0;
      try (FileChannel to = created(half(id))) {
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
          write(to, ByteBuffer.wrap(chunk, 0, read));
          size += read;
        }
        to.force(true);
      }
      Files.move(half(id), upload(id), StandardCopyOption.ATOMIC_MOVE);
      whole = true;
      return size;
    } catch (IOException e) {
      if (reading) {
        throw e;
      }
      throw diskLow("The file cannot be kept in the data directory: " + e.getMessage());
    } finally {
      if (!whole) {
        delete(half(id));
      }
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
    Files.deleteIfExists(file);
    return FileChannel.open(
        file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), OURS);
  }

  private static void write(FileChannel to, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      to.write(bytes);
    }
  }

  private static Failure diskLow(String fact) {
    return new Failure(Problem.DISK_LOW, fact + ". Make room, then upload it again.");
  }

  /** Where a result is written until it is whole. */
  Writer beginResult(UUID id) throws IOException {
    OutputStream to = Channels.newOutputStream(created(half(id)));
    return new BufferedWriter(new OutputStreamWriter(to, UTF_8), CHUNK);
  }

  void finishResult(UUID id) throws IOException {
    try (FileChannel channel = FileChannel.open(half(id), StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    Files.move(half(id), result(id), StandardCopyOption.ATOMIC_MOVE);
  }

  void dropResult(UUID id) {
    delete(half(id));
  }

  /** Keeps what is known of an import; if it cannot be kept, a restart knows less. */
  void save(ImportStatus status) {
    Path next = directory.resolve(status.id() + ".next");
    try {
      try (FileChannel to = created(next)) {
        write(to, ByteBuffer.wrap(JSON.writeValueAsBytes(status)));
        to.force(true);
      }
      Files.move(next, status(status.id()), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      LOG.warn("How far import {} is could not be kept", status.id(), e);
    }
  }

  void deleteUpload(UUID id) {
    delete(upload(id));
  }

  void deleteAll(UUID id) {
    // The status last: while it is there, a restart finds the rest.
    for (Path file : List.of(half(id), upload(id), result(id), status(id))) {
      delete(file);
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      LOG.warn("{} could not be deleted; it may hold personal data", file, e);
    }
  }

  /** What an earlier server left; what belongs to no import is deleted. */
  List<ImportStatus> load() {
    List<ImportStatus> all = new ArrayList<>();
    List<Path> others = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        if (file.getFileName().toString().endsWith(".json")) {
          read(file, all);
        } else if (!file.equals(directory.resolve("lock"))) {
          others.add(file);
        }
      }
    } catch (IOException e) {
      throw new Failure(
          Problem.INVALID_SETTING,
          "The directory %s cannot be read: %s".formatted(directory, e),
          0,
          e);
    }
    for (ImportStatus status : all) {
      others.remove(upload(status.id()));
      others.remove(result(status.id()));
    }
    others.forEach(ImportFiles::delete);
    return all;
  }

  private static void read(Path file, List<ImportStatus> all) throws IOException {
    try {
      all.add(JSON.readValue(Files.readAllBytes(file), ImportStatus.class));
    } catch (JacksonException e) {
      LOG.error("{} cannot be understood; that import is forgotten", file, e);
      delete(file);
    }
  }

  @Override
  public void close() throws IOException {
    lock.close();
  }
}
