package dev.selfsame.app;

import dev.selfsame.cli.SelfsameCommand;

/** Where the program starts. */
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    System.exit(SelfsameCommand.commandLine().execute(args));
  }
}
