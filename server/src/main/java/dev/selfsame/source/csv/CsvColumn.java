package dev.selfsame.source.csv;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A column that an exported file has, in its order, and that an imported one may have. */
enum CsvColumn {
  ID,
  EXTERNAL_ID,
  NAME,
  EMAIL,
  BILLING_ID,
  /** Read only: an import takes no notice of it. */
  CREATED_AT,
  /** Read only: {@link AsOf}. */
  AS_OF;

  /** The columns whose cells an export seals and a person may change. */
  static final List<CsvColumn> EDITABLE = List.of(EXTERNAL_ID, NAME, EMAIL, BILLING_ID);

  /** Those by which a row names its user. */
  static final List<CsvColumn> KEYS = List.of(ID, EXTERNAL_ID, EMAIL, BILLING_ID);

  String title() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The column of that title, whatever its case; null where there is none. */
  static @Nullable CsvColumn titled(String title) {
    for (CsvColumn column : values()) {
      if (column.title().equalsIgnoreCase(title)) {
        return column;
      }
    }
    return null;
  }

  static String titles(List<CsvColumn> columns) {
    return String.join(", ", columns.stream().map(CsvColumn::title).toList());
  }

  static String allTitles() {
    return titles(Arrays.asList(values()));
  }
}
