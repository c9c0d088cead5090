package dev.selfsame.postgres;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What this package does to files beyond {@link Files}: durable writes, owners, whole trees. */
final class Disk {
  private static final int SYNCS_AT_ONCE = 16;

  private Disk() {}

  /** Writes a whole file so that after a crash it holds the old or the new text, never a part. */
  static void write(Path file, String text, String permissions) throws IOException {
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    Files.writeString(fresh, "");
    permit(fresh, permissions);
    Files.writeString(fresh, text);
    sync(fresh);
    move(fresh, file);
  }

  /** Renames, and has the new name on the disk when it returns. */
  static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      throw new IOException("%s and %s are siblings on two file systems".formatted(from, to), e);
    }
    sync(parent(to));
  }

  /** Has a file, or the names in a directory, on the disk when it returns. */
  static void sync(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /**
   * Has a whole tree on the disk when it returns. Many files at a time: one after the other takes
   * ten times as long.
   */
  static void syncTree(Path root) throws IOException {
    List<Path> paths;
    try (Stream<Path> walk = Files.walk(root)) {
      paths = walk.filter(path -> !Files.isSymbolicLink(path)).toList();
    }
    List<Future<?>> syncs = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(SYNCS_AT_ONCE)) {
      for (Path path : paths) {
        syncs.add(
            threads.submit(() -> {
              sync(path);
              return true;
            }));
      }
    }
    for (Future<?> sync : syncs) {
      if (sync.state() == Future.State.FAILED) {
        throw new IOException(
            String.valueOf(sync.exceptionNow().getMessage()), sync.exceptionNow());
      }
    }
  }

  /** The parent of a path that surely has one. */
  static Path parent(Path path) {
    Path parent = path.toAbsolutePath().getParent();
    if (parent == null) {
      throw new IllegalArgumentException(path + " has no parent");
    }
    return parent;
  }

  static void permit(Path path, String permissions) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
  }

  /** The number of the account that a file belongs to. */
  static int owner(Path path) throws IOException {
    return (Integer) Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS);
  }

  /** The number of the group that a file belongs to. */
  static int group(Path path) throws IOException {
    return (Integer) Files.getAttribute(path, "unix:gid", LinkOption.NOFOLLOW_LINKS);
  }

  /**
   * Gives a file or a whole tree to an account; the root last, so that its owner tells whether all
   * was done.
   */
  static void give(Path root, int uid, int gid) throws IOException {
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path path, BasicFileAttributes attributes)
              throws IOException {
            return give(path);
          }

          @Override
          public FileVisitResult postVisitDirectory(Path path, @Nullable IOException error)
              throws IOException {
            if (error != null) {
              throw error;
            }
            return give(path);
          }

          private FileVisitResult give(Path path) throws IOException {
            Files.setAttribute(path, "unix:gid", gid, LinkOption.NOFOLLOW_LINKS);
            Files.setAttribute(path, "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** Deletes a file or a whole tree; what is gone already is no error. */
  static void delete(Path root) throws IOException {
    if (!Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path path, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(path);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path path, IOException error) throws IOException {
            if (error instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            throw error;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path path, @Nullable IOException error)
              throws IOException {
            if (error != null) {
              throw error;
            }
            Files.deleteIfExists(path);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** The free space of the disk that holds a path, or that would; 0 when nobody can tell. */
  static long usableMegabytes(Path path) {
    for (Path p = path.toAbsolutePath(); p != null; p = p.getParent()) {
      if (Files.exists(p)) {
        try {
          return Files.getFileStore(p).getUsableSpace() >> 20;
        } catch (IOException e) {
          return 0;
        }
      }
    }
    return 0;
  }
}
