package dev.selfsame.postgres;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The file that the server writes its messages to, held to twice a size: the present file and the
 * one before it.
 */
record ServerLog(Path file) {
  private static final long MOST_BYTES = 16L << 20;
  private static final int MOST_BYTES_READ = 64 << 10;
  private static final int MOST_LINES_SHOWN = 12;
  private static final Pattern GRAVE = Pattern.compile("\\b(FATAL|PANIC|ERROR): |could not ");

  long size() throws IOException {
    return Files.exists(file) ? Files.size(file) : 0;
  }

  /**
   * The words that matter of what was written after a point: the grave lines, or else the last
   * ones.
   */
  String since(long offset) throws IOException {
    if (!Files.exists(file)) {
      return "";
    }
    ByteBuffer bytes = ByteBuffer.allocate(MOST_BYTES_READ);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      channel.read(bytes, Math.max(offset, channel.size() - MOST_BYTES_READ));
    }
    List<String> lines =
        new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8).lines().toList();
    List<String> grave = lines.stream().filter(line -> GRAVE.matcher(line).find()).toList();
    List<String> shown = grave.isEmpty() ? lines : grave;
    return String.join(
        "\n", shown.subList(Math.max(0, shown.size() - MOST_LINES_SHOWN), shown.size()));
  }

  /**
   * Makes the file, closed to other accounts: the server inherits it open and needs no right to it.
   */
  void create() throws IOException {
    if (!Files.exists(file)) {
      Files.createFile(file);
      Disk.permit(file, "rw-------");
    }
  }

  /**
   * Moves a file that has grown too large aside. The server appends to the file that it has open,
   * so that one is copied and cut.
   */
  void bound() throws IOException {
    if (size() > MOST_BYTES) {
      Files.copy(
          file,
          file.resolveSibling(file.getFileName() + ".1"),
          StandardCopyOption.REPLACE_EXISTING);
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.truncate(0);
      }
    }
  }
}
