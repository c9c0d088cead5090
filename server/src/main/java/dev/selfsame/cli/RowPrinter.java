package dev.selfsame.cli;

import dev.selfsame.store.ReaderQuery;

/** Prints a result as it comes. */
interface RowPrinter extends ReaderQuery.Sink {

  /** After the last row. */
  void end();
}
