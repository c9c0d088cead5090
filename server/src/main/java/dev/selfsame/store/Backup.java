package dev.selfsame.store;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import java.io.BufferedOutputStream;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/**
 * Writes everything that a hub knows into one file, as of one moment, while servers go on writing.
 * Reads only; the file appears whole or not at all. Used once; may be stopped from another thread.
 */
public final class Backup {

  private static final String OWNER_ONLY = "rw-------";
  private static final int LOCK_SECONDS = 30;

  /**
   * What was written.
   *
   * @param bytes the file's length
   * @param position the default space's last ledger position in it
   */
  public record Written(long bytes, int tables, long rows, long position) {}

  private final DatabaseAddress address;
  private final StoreSettings settings;
  private final StoppableProgress progress;

  public Backup(DatabaseAddress address, StoreSettings settings, TransferProgress progress) {
    this.address = address;
    this.settings = settings;
    this.progress = new StoppableProgress(progress);
  }

  /**
   * Refuses a name that is taken; to be asked before a database is started for it.
   *
   * @throws Failure if there is a file and it is not to be replaced
   */
  public static void checkName(Path file, boolean overwrite) {
    if (Files.isDirectory(file)) {
      throw new Failure(
          Problem.FILE_UNUSABLE, "%s is a directory; name a file in it.".formatted(file));
    }
    if (!overwrite && Files.exists(file)) {
      throw exists(file);
    }
  }

  /**
   * Writes the backup.
   *
   * @param program this program's version
   * @throws Failure naming what is wrong; then there is no file, or the earlier one
   */
  public Written write(Path file, boolean overwrite, String program, Instant now) {
    checkName(file, overwrite);
    Path target = file.toAbsolutePath();
    Path folder = target.getParent();
    try {
      Path next =
          Files.createTempFile(
              folder,
              target.getFileName() + ".",
              ".unfinished",
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(OWNER_ONLY)));
      // Ctrl-C runs no finally.
      next.toFile().deleteOnExit();
      try {
        BackupManifest manifest = read(next, program, now);
        long bytes = Files.size(next);
        place(next, target, overwrite);
        try (FileChannel names = FileChannel.open(folder, StandardOpenOption.READ)) {
          names.force(true);
        }
        return new Written(
            bytes,
            manifest.tables().size(),
            manifest.rows(),
            manifest.positions().getOrDefault("default", 0L));
      } finally {
        Files.deleteIfExists(next);
      }
    } catch (FileAlreadyExistsException e) {
      throw exists(file);
    } catch (IOException e) {
      throw new Failure(
          Problem.FILE_UNUSABLE,
          "The backup %s cannot be written: %s. There is no file of that name that is half done."
              .formatted(file, e),
          0,
          e);
    }
  }

  /** Ends it soon; {@link #write} fails. */
  public void stop() {
    progress.stop();
  }

  private BackupManifest read(Path next, String program, Instant now) throws IOException {
    try (Connection connection = Database.plain(address, settings, "backup")) {
      progress.working(connection);
      checkSchema(connection);
      TransferSession.prepare(connection);
      List<OwnTables.Table> tables = OwnTables.of(connection);
      connection.setAutoCommit(false);
      connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      connection.setReadOnly(true);
      lock(connection, tables);
      // The moment that all of the backup shows is that of this statement.
      int schema = checkSchema(connection);
      if (!OwnTables.of(connection).equals(tables)) {
        throw new Failure(
            Problem.STORE_SLOW,
            "The tables changed while the backup began: a server was just starting. Try again.");
      }
      return write(connection, next, tables, schema, program, now);
    } catch (SQLException e) {
      throw progress.stopped() ? StoppableProgress.failure() : StoreFailures.of(e, address);
    } finally {
      progress.working(null);
    }
  }

  private int checkSchema(Connection connection) throws SQLException {
    int schema = Migrations.known(address, connection);
    if (schema == 0) {
      throw new Failure(
          Problem.NOT_FOUND,
          "There is no hub in the database at %s: nothing to back up.".formatted(address.place()));
    }
    return schema;
  }

  /** A lock that only changes of the tables themselves wait for, taken before the snapshot. */
  private static void lock(Connection connection, List<OwnTables.Table> tables)
      throws SQLException {
    try (Statement statement = connection.createStatement()) {
      List<String> names = tables.stream().map(OwnTables.Table::name).toList();
      statement.execute("SET LOCAL lock_timeout = '" + LOCK_SECONDS + "s'");
      statement.execute("LOCK TABLE " + String.join(", ", names) + " IN ACCESS SHARE MODE");
    }
  }

  private BackupManifest write(
      Connection connection,
      Path next,
      List<OwnTables.Table> tables,
      int schema,
      String program,
      Instant now)
      throws SQLException, IOException {
    progress.step("Counting", TransferProgress.Unit.PIECES, tables.size());
    long all = 0;
    for (int i = 0; i < tables.size(); i++) {
      progress.at(i);
      all += number(connection, "SELECT count(*) FROM " + tables.get(i).name());
    }
    progress.step("Reading", TransferProgress.Unit.ROWS, all);
    try (FileOutputStream file = new FileOutputStream(next.toFile())) {
      // Not closed by the zip, so that it can be brought to the disk first.
      ZipOutputStream zip = new ZipOutputStream(new BufferedOutputStream(file, BackupFile.BLOCK));
      zip.setLevel(Deflater.BEST_SPEED);
      List<BackupManifest.Table> written = new ArrayList<>();
      long rows = 0;
      for (OwnTables.Table table : tables) {
        BackupManifest.Table one = write(connection, zip, table, rows);
        written.add(one);
        rows += one.rows();
      }
      BackupManifest manifest =
          new BackupManifest(
              BackupManifest.FORMAT,
              program,
              schema,
              text(connection, "SELECT current_setting('server_version')"),
              now.truncatedTo(ChronoUnit.SECONDS).toString(),
              positions(connection),
              LandingTables.added(connection),
              written);
      zip.putNextEntry(new ZipEntry(BackupFile.MANIFEST));
      zip.write(Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(manifest));
      zip.closeEntry();
      zip.finish();
      zip.flush();
      file.getFD().sync();
      connection.rollback();
      return manifest;
    }
  }

  private BackupManifest.Table write(
      Connection connection, ZipOutputStream zip, OwnTables.Table table, long before)
      throws SQLException, IOException {
    String name = table.name();
    zip.putNextEntry(new ZipEntry("tables/" + name + ".copy"));
    Summed summed = new Summed(zip);
    OutputStream blocks = new BufferedOutputStream(summed, BackupFile.BLOCK);
    // A partitioned table has no rows of its own to copy.
    String from =
        table.partitioned()
            ? "(SELECT %s FROM %s)".formatted(table.columnList(), name)
            : "%s (%s)".formatted(name, table.columnList());
    CopyOut copy =
        connection
            .unwrap(PGConnection.class)
            .getCopyAPI()
            .copyOut("COPY " + from + " TO STDOUT (FORMAT text, ENCODING 'UTF8')");
    long rows = 0;
    // PostgreSQL sends a message a row.
    for (byte[] row = copy.readFromCopy(); row != null; row = copy.readFromCopy()) {
      blocks.write(row);
      rows++;
      progress.at(before + rows);
    }
    blocks.flush();
    zip.closeEntry();
    return new BackupManifest.Table(
        name, table.columns(), table.types(), table.partitions(), rows, summed.bytes, summed.sum());
  }

  private static Map<String, Long> positions(Connection connection) throws SQLException {
    Map<String, Long> positions = new LinkedHashMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("SELECT name, position FROM selfsame.space ORDER BY number")) {
      while (row.next()) {
        positions.put(row.getString(1), row.getLong(2));
      }
    }
    return positions;
  }

  private static long number(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }

  private static String text(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }

  /** By one step, which fails if the name was taken meanwhile and may not be replaced. */
  private static void place(Path next, Path target, boolean overwrite) throws IOException {
    if (overwrite) {
      Files.move(next, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      return;
    }
    try {
      Files.createLink(target, next);
    } catch (UnsupportedOperationException e) {
      move(next, target);
    } catch (FileAlreadyExistsException e) {
      throw e;
    } catch (java.nio.file.FileSystemException e) {
      // Not every file system has links.
      move(next, target);
    }
  }

  private static void move(Path next, Path target) throws IOException {
    if (Files.exists(target)) {
      throw new FileAlreadyExistsException(target.toString());
    }
    Files.move(next, target, StandardCopyOption.ATOMIC_MOVE);
  }

  private static Failure exists(Path file) {
    return new Failure(
        Problem.FILE_EXISTS,
        "There is a file %s already. Name another, or replace it with --overwrite."
            .formatted(file));
  }

  /** Counts and sums what goes through it. */
  private static final class Summed extends FilterOutputStream {
    private final MessageDigest digest = BackupFile.sha256();
    private long bytes;

    Summed(OutputStream out) {
      super(out);
    }

    @Override
    public void write(int one) throws IOException {
      write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] from, int offset, int length) throws IOException {
      digest.update(from, offset, length);
      bytes += length;
      out.write(from, offset, length);
    }

    String sum() {
      return HexFormat.of().formatHex(digest.digest());
    }
  }
}
