package dev.selfsame.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * How commands find the server that runs on a data directory: {@code DIR/server.json}, which only
 * the server's account may read, since it says how to log in to the database.
 *
 * @param url where the server listens
 * @param databaseUrl with user and password
 */
public record ServerFile(String url, long pid, String databaseUrl) {

  private static final String NAME = "server.json";
  private static final JsonMapper MAPPER = new JsonMapper();

  /** The server that runs on the directory, or null: what a killed one left does not count. */
  public static @Nullable ServerFile running(Path directory) {
    try {
      ServerFile file =
          MAPPER.readValue(Files.readString(directory.resolve(NAME)), ServerFile.class);
      return ProcessHandle.of(file.pid()).map(ProcessHandle::isAlive).orElse(false) ? file : null;
    } catch (IOException | JacksonException e) {
      return null;
    }
  }

  /** Writes it, whole or not at all. */
  public void write(Path directory) throws IOException {
    Path next =
        Files.createTempFile(
            directory,
            NAME,
            ".new",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(
        next, MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(this) + "\n");
    Files.move(
        next,
        directory.resolve(NAME),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  /** Takes it away, if it still is the one of this process or of one that has ended. */
  public static void remove(Path directory) throws IOException {
    ServerFile running = running(directory);
    if (running == null || running.pid() == ProcessHandle.current().pid()) {
      Files.deleteIfExists(directory.resolve(NAME));
    }
  }

  /** Without the password. */
  @Override
  public String toString() {
    return "ServerFile[" + url + ", " + pid + "]";
  }
}
