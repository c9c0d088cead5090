package dev.selfsame.http;

import java.util.List;

/** Says whether the program can do its work now. */
@FunctionalInterface
public interface Readiness {

  /**
   * What stands against it, each in words; empty when ready. Asked at every probe: must be quick.
   */
  List<String> obstacles();
}
