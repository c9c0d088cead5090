package dev.selfsame.postgres;

import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/**
 * A program that a test starts as a process of its own, to kill it. It opens a directory, says so
 * in one line, and waits for its end; asked politely it closes.
 */
final class PostgresProgram {
  private PostgresProgram() {}

  public static void main(String[] args) throws InterruptedException {
    EmbeddedPostgres postgres;
    try {
      postgres =
          EmbeddedPostgres.open(
              PostgresSettings.in(Path.of(args[0])).withBinaries(Path.of(args[1])),
              line -> System.out.println("progress " + line));
    } catch (PostgresFailure e) {
      System.out.println("failed " + e.reason() + " " + e.getMessage().replace('\n', ' '));
      System.exit(1);
      return;
    }
    Runtime.getRuntime().addShutdownHook(new Thread(postgres::close));
    System.out.printf(
        "ready %d %d %s %s%n",
        postgres.port(), postgres.pid(), postgres.adopted(), postgres.password());
    new CountDownLatch(1).await();
  }
}
