package dev.selfsame.postgres;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.tukaani.xz.XZInputStream;

/**
 * Reads an xz-compressed tar archive of plain files, directories and symbolic links: all that the
 * PostgreSQL archives hold.
 */
final class TarXz {
  private static final int BLOCK = 512;
  private static final int MEMORY_LIMIT_KIB = 256 * 1024;

  private TarXz() {}

  /**
   * Unpacks a whole archive into an existing directory, and closes it. The modes are the archive's
   * and not cut by the umask: another account will run them.
   */
  static void unpack(InputStream archive, Path directory) throws IOException {
    // As the names are compared: "./data" and "data" are one directory.
    Path root = directory.toAbsolutePath().normalize();
    try (InputStream tar = new XZInputStream(archive, MEMORY_LIMIT_KIB)) {
      byte[] header = new byte[BLOCK];
      while (tar.readNBytes(header, 0, BLOCK) == BLOCK && header[0] != 0) {
        String prefix = text(header, 345, 155);
        String name = prefix.isEmpty() ? text(header, 0, 100) : prefix + "/" + text(header, 0, 100);
        Path path = root.resolve(name).normalize();
        if (!path.startsWith(root)) {
          throw new IOException("The archive names a file outside its directory: " + name);
        }
        long size = octal(header, 124, 12);
        makeDirectory(Disk.parent(path));
        switch (header[156]) {
          case '5' -> makeDirectory(path);
          case '2' -> Files.createSymbolicLink(path, Path.of(text(header, 157, 100)));
          case '0' -> copy(tar, path, size);
          default ->
              throw new IOException(
                  "The archive holds %s of the unknown kind %d".formatted(name, header[156]));
        }
        if (header[156] != '2') {
          Disk.permit(path, permissions(octal(header, 100, 8)));
        }
        tar.skipNBytes((BLOCK - size % BLOCK) % BLOCK);
      }
      // To the archive's very end, where the check sum is.
      tar.transferTo(OutputStream.nullOutputStream());
    }
  }

  /** The archive may name a directory after what is in it, or never. */
  private static void makeDirectory(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      makeDirectory(Disk.parent(directory));
      Files.createDirectory(directory);
      Disk.permit(directory, "rwxr-xr-x");
    }
  }

  private static void copy(InputStream tar, Path path, long size) throws IOException {
    byte[] buffer = new byte[64 * 1024];
    try (OutputStream file = Files.newOutputStream(path)) {
      for (long left = size; left > 0; ) {
        int read = tar.read(buffer, 0, (int) Math.min(left, buffer.length));
        if (read < 0) {
          throw new EOFException("The archive ends inside " + path.getFileName());
        }
        file.write(buffer, 0, read);
        left -= read;
      }
    }
  }

  private static String text(byte[] header, int offset, int length) {
    int end = offset;
    while (end < offset + length && header[end] != 0) {
      end++;
    }
    return new String(header, offset, end - offset, StandardCharsets.UTF_8);
  }

  private static long octal(byte[] header, int offset, int length) {
    return Long.parseLong(text(header, offset, length).strip(), 8);
  }

  private static String permissions(long mode) {
    StringBuilder permissions = new StringBuilder("rwxrwxrwx");
    for (int bit = 0; bit < 9; bit++) {
      if ((mode & (0400L >> bit)) == 0) {
        permissions.setCharAt(bit, '-');
      }
    }
    return permissions.toString();
  }
}
