package dev.selfsame.source.warehouse;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.store.SyncRows;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which rows a whole answer had, however many: half of each hashed name in a file, which is sorted
 * piece by piece and held against the rows that are known. Not thread-safe.
 */
final class SeenRows implements AutoCloseable {

  /** Names of one piece, as longs in memory. */
  private static final int PIECE = 1 << 20;

  private static final int MARKED_AT_ONCE = 10_000;

  private final Path file;
  private final DataOutputStream out;
  private final int piece;
  private long size;

  private SeenRows(Path file, DataOutputStream out, int piece) {
    this.file = file;
    this.out = out;
    this.piece = piece;
  }

  static SeenRows open() {
    return open(PIECE);
  }

  static SeenRows open(int piece) {
    try {
      Path file = Files.createTempFile("selfsame-rows-", null);
      return new SeenRows(
          file, new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file))), piece);
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  private static Failure unusable(IOException e) {
    return new Failure(
        Problem.FILE_UNUSABLE,
        "The names of the rows cannot be put into a temporary file: " + e.getMessage(),
        0,
        e);
  }

  void add(byte[] name) {
    try {
      out.writeLong(half(name));
      size++;
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  private static long half(byte[] name) {
    return ByteBuffer.wrap(name).getLong();
  }

  /**
   * Says how many known rows were not seen.
   *
   * @param mark those that are not marked yet are marked, and only they count
   */
  long left(SyncRows known, boolean mark, Instant now) {
    try {
      out.flush();
      int pieces = Math.toIntExact(size / piece + 1);
      long left = 0;
      for (int i = 0; i < pieces; i++) {
        byte[] from = bound(i, pieces);
        byte @Nullable [] to = i + 1 == pieces ? null : bound(i + 1, pieces);
        long[] seen = between(from, to);
        List<byte[]> gone = new ArrayList<>();
        long[] found = {0};
        known.each(
            from,
            to,
            mark,
            name -> {
              if (Arrays.binarySearch(seen, half(name)) < 0) {
                found[0]++;
                if (mark) {
                  gone.add(name);
                }
              }
            });
        left += found[0];
        for (int at = 0; at < gone.size(); at += MARKED_AT_ONCE) {
          known.gone(gone.subList(at, Math.min(gone.size(), at + MARKED_AT_ONCE)), now);
        }
      }
      return left;
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  /** Where a piece begins: names are hashes, and so lie evenly. */
  private static byte[] bound(int piece, int pieces) {
    long first = Long.divideUnsigned(-1L, pieces) * piece;
    return ByteBuffer.allocate(Long.BYTES).putLong(first).array();
  }

  private long[] between(byte[] from, byte @Nullable [] to) throws IOException {
    long first = half(from);
    long[] found = new long[16];
    int count = 0;
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 16))) {
      while (true) {
        long next = in.readLong();
        boolean within =
            Long.compareUnsigned(next, first) >= 0
                && (to == null || Long.compareUnsigned(next, half(to)) < 0);
        if (within) {
          found = count == found.length ? Arrays.copyOf(found, count * 2) : found;
          found[count++] = next;
        }
      }
    } catch (EOFException e) {
      long[] sorted = Arrays.copyOf(found, count);
      Arrays.sort(sorted);
      return sorted;
    }
  }

  @Override
  public void close() {
    try {
      out.close();
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw unusable(e);
    }
  }
}
