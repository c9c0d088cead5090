package dev.selfsame.store;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a backup holds, as its file says it: {@code manifest.json}.
 *
 * @param format of the file, counted from 1
 * @param program the version of the program that wrote it
 * @param schema the version of the tables' schema
 * @param postgres the version of the PostgreSQL that it was read from
 * @param madeAt the moment that it shows, ISO 8601
 * @param positions each space's last ledger position
 * @param tools those that were added to the tools known from the start, in their order
 * @param tables in an order in which they can be loaded
 */
record BackupManifest(
    int format,
    String program,
    int schema,
    String postgres,
    String madeAt,
    Map<String, Long> positions,
    List<String> tools,
    List<Table> tables) {

  /** The newest format that this program reads, and the one that it writes. */
  static final int FORMAT = 1;

  BackupManifest {
    positions = Map.copyOf(new LinkedHashMap<>(positions));
    tools = orNone(tools);
    tables = List.copyOf(tables);
  }

  /**
   * One table's rows, in the text form of COPY.
   *
   * @param name with its schema
   * @param types of a table that tools' rows land in: its columns', in their order
   * @param partitions names, without schema, of those that it had
   * @param bytes of the text
   * @param sha256 of the text, in hexadecimal
   */
  record Table(
      String name,
      List<String> columns,
      List<String> types,
      List<String> partitions,
      long rows,
      long bytes,
      String sha256) {

    Table {
      columns = List.copyOf(columns);
      types = orNone(types);
      partitions = List.copyOf(partitions);
    }

    /** Where in the file the rows are. */
    String entry() {
      return "tables/" + name + ".copy";
    }
  }

  /** Earlier backups do not say it. */
  private static List<String> orNone(@Nullable List<String> said) {
    return said == null ? List.of() : List.copyOf(said);
  }

  long rows() {
    return tables.stream().mapToLong(Table::rows).sum();
  }

  long bytes() {
    return tables.stream().mapToLong(Table::bytes).sum();
  }
}
