package dev.selfsame.app;

import dev.selfsame.cli.SelfsameCommand;
import java.util.Collections;
import java.util.List;

/** Where the program starts. */
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    if (Collections.disjoint(List.of(args), List.of("serve", "rehearse"))) {
      // A command's stderr is for the person who gave it; only a server has a log. Read by
      // logback.xml.
      System.setProperty("selfsame.log", "WARN");
    }
    System.exit(
        SelfsameCommand.commandLine(
                (start, progress) -> Hub.start(start, System.getenv(), progress))
            .execute(args));
  }
}
