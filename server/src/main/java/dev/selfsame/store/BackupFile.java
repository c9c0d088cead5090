package dev.selfsame.store;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * A backup that is read: a zip of one COPY text per table, whose last entry says what must be in
 * the others.
 */
final class BackupFile implements AutoCloseable {

  static final String MANIFEST = "manifest.json";
  static final int BLOCK = 1 << 16;

  private static final int LONGEST_MANIFEST = 16 << 20;
  private static final byte[] ZIP = {'P', 'K', 3, 4};

  private final Path path;
  private final ZipFile zip;
  private final BackupManifest manifest;

  private BackupFile(Path path, ZipFile zip, BackupManifest manifest) {
    this.path = path;
    this.zip = zip;
    this.manifest = manifest;
  }

  /**
   * Opens the file and reads what it should hold.
   *
   * @throws Failure if it is no backup, is damaged, or was written by a newer program
   */
  static BackupFile open(Path path) {
    if (!Files.isReadable(path) || Files.isDirectory(path)) {
      throw new Failure(
          Problem.FILE_UNUSABLE,
          "The file %s %s."
              .formatted(
                  path,
                  !Files.exists(path)
                      ? "does not exist"
                      : Files.isDirectory(path) ? "is a directory" : "may not be read"));
    }
    try {
      if (!startsLikeZip(path)) {
        throw foreign(path);
      }
      ZipFile zip = new ZipFile(path.toFile());
      try {
        return new BackupFile(path, zip, manifest(path, zip));
      } catch (Throwable e) {
        zip.close();
        throw e;
      }
    } catch (ZipException | EOFException | IllegalArgumentException e) {
      throw damaged(path, "it ends too early, or was altered (%s)".formatted(e.getMessage()), e);
    } catch (IOException e) {
      throw unreadable(path, e);
    }
  }

  BackupManifest manifest() {
    return manifest;
  }

  Path path() {
    return path;
  }

  /** Reads all of it and compares it with what the manifest says. */
  void verify(TransferProgress progress) {
    progress.step("Checking the file", TransferProgress.Unit.BYTES, manifest.bytes());
    long done = 0;
    for (BackupManifest.Table table : manifest.tables()) {
      long before = done;
      try (Rows rows = rows(table, bytes -> progress.at(before + bytes))) {
        rows.transferTo(OutputStream.nullOutputStream());
        rows.check();
      } catch (IOException e) {
        throw unreadable(path, e);
      }
      done += table.bytes();
    }
  }

  /**
   * A table's rows.
   *
   * @param progress is told the bytes read so far
   */
  Rows rows(BackupManifest.Table table, LongConsumer progress) throws IOException {
    return new Rows(path, table, zip.getInputStream(entry(table)), progress);
  }

  /** A table's COPY text, counted and summed while it is read. */
  static final class Rows extends FilterInputStream {
    private final Path path;
    private final BackupManifest.Table table;
    private final LongConsumer progress;
    private final MessageDigest digest = sha256();
    private long bytes;
    private long lines;

    private Rows(Path path, BackupManifest.Table table, InputStream in, LongConsumer progress) {
      super(in);
      this.path = path;
      this.table = table;
      this.progress = progress;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      int read;
      try {
        read = super.read(into, offset, length);
      } catch (ZipException | EOFException e) {
        throw damaged(path, "the rows of %s were altered".formatted(table.name()), e);
      }
      if (read > 0) {
        digest.update(into, offset, read);
        bytes += read;
        for (int i = offset; i < offset + read; i++) {
          // A line break inside a value is written \n, in two characters.
          if (into[i] == '\n') {
            lines++;
          }
        }
        progress.accept(bytes);
      }
      return read;
    }

    /** Compares what was read, to its end, with what the manifest says. */
    void check() {
      if (bytes != table.bytes()
          || lines != table.rows()
          || !HexFormat.of().formatHex(digest.digest()).equals(table.sha256())) {
        throw damaged(
            path,
            "%s has %d rows of %d bytes there; expected %d of %d with the checksum %s"
                .formatted(table.name(), lines, bytes, table.rows(), table.bytes(), table.sha256()),
            null);
      }
    }
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256", e);
    }
  }

  static Failure damaged(Path path, String how, @Nullable Throwable e) {
    return new Failure(
        Problem.BACKUP_DAMAGED,
        "The backup %s is damaged: %s. Nothing was restored; take another copy of it."
            .formatted(path, how),
        0,
        e);
  }

  private static Failure foreign(Path path) {
    return new Failure(
        Problem.NOT_A_BACKUP,
        "The file %s is not a backup of Selfsame: expected one that selfsame backup wrote."
            .formatted(path));
  }

  private static Failure unreadable(Path path, IOException e) {
    return new Failure(
        Problem.FILE_UNUSABLE, "The file %s cannot be read: %s".formatted(path, e), 0, e);
  }

  private ZipEntry entry(BackupManifest.Table table) {
    ZipEntry entry = zip.getEntry(table.entry());
    if (entry == null) {
      throw damaged(path, "the rows of %s are missing".formatted(table.name()), null);
    }
    return entry;
  }

  private static boolean startsLikeZip(Path path) throws IOException {
    byte[] start = new byte[ZIP.length];
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
      if (file.length() < ZIP.length) {
        return false;
      }
      file.readFully(start);
    }
    return Arrays.equals(start, ZIP);
  }

  private static BackupManifest manifest(Path path, ZipFile zip) throws IOException {
    ZipEntry entry = zip.getEntry(MANIFEST);
    if (entry == null || entry.getSize() > LONGEST_MANIFEST) {
      throw foreign(path);
    }
    byte[] text;
    try (InputStream in = zip.getInputStream(entry)) {
      text = in.readNBytes(LONGEST_MANIFEST);
    }
    // ZipFile leaves this to its callers.
    CRC32 crc = new CRC32();
    crc.update(text);
    if (crc.getValue() != entry.getCrc()) {
      throw damaged(path, "its manifest was altered", null);
    }
    try {
      JsonNode tree = Json.MAPPER.readTree(text);
      // Asked first: a newer program may have changed everything else.
      int format = tree.path("format").asInt(0);
      if (format > BackupManifest.FORMAT || tree.path("schema").asInt(0) > Migrations.LATEST) {
        throw new Failure(
            Problem.BACKUP_NEWER,
            "The backup %s was written by a newer Selfsame (%s, format %d, schema %d; this one knows %d and %d). Restore it with that one."
                .formatted(
                    path,
                    tree.path("program").asString("?"),
                    format,
                    tree.path("schema").asInt(0),
                    BackupManifest.FORMAT,
                    Migrations.LATEST));
      }
      if (format < 1) {
        throw foreign(path);
      }
      BackupManifest manifest = Json.MAPPER.treeToValue(tree, BackupManifest.class);
      checkNames(path, manifest);
      return manifest;
    } catch (JacksonException | NullPointerException e) {
      throw new Failure(
          Problem.NOT_A_BACKUP,
          "The file %s is not a backup of Selfsame: its manifest cannot be read.".formatted(path),
          0,
          e);
    }
  }

  private static void checkNames(Path path, BackupManifest manifest) {
    for (String tool : manifest.tools()) {
      if (!LandingTables.allowed(tool) || LandingTables.reserved(tool)) {
        throw damaged(path, "\"%s\" is no name that an added tool can have".formatted(tool), null);
      }
    }
    Set<String> names = new HashSet<>();
    for (BackupManifest.Table table : manifest.tables()) {
      if (!names.add(table.name())) {
        throw damaged(path, "it names %s twice".formatted(table.name()), null);
      }
    }
  }

  @Override
  public void close() {
    try {
      zip.close();
    } catch (IOException e) {
      throw unreadable(path, e);
    }
  }
}
