package dev.selfsame.source.csv;

import java.util.Locale;

/**
 * A column that a result file has besides those of the imported file. When the result file is
 * repaired and imported again, they are passed over.
 */
enum ResultColumn {
  RESULT_LINE,
  RESULT,
  RESULT_CODE,
  RESULT_REASON,
  RESULT_USER_ID,
  RESULT_FLAGS,
  RESULT_POSITION;

  String title() {
    return name().toLowerCase(Locale.ROOT);
  }

  static boolean titled(String title) {
    for (ResultColumn column : values()) {
      if (column.title().equals(title)) {
        return true;
      }
    }
    return false;
  }
}
