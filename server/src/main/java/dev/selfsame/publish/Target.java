package dev.selfsame.publish;

import dev.selfsame.connection.Connections;
import dev.selfsame.connection.Kind;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.store.StoredPublications;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Where a publication goes. */
public sealed interface Target {

  /**
   * Tables of a database.
   *
   * @param schema null: the one that the connection has anyway
   * @param prefix before the tables' names; empty: none
   */
  record Tables(String connection, @Nullable String schema, String prefix) implements Target {

    private static final Pattern NAME = Pattern.compile("[a-z_][a-z0-9_]{0,39}");

    public Tables {
      if (schema != null) {
        check("schema", schema);
      }
      if (!prefix.isEmpty()) {
        check("prefix", prefix);
      }
    }

    private static void check(String what, String name) {
      if (!NAME.matcher(name).matches()) {
        throw new Failure(
            Problem.PUBLICATION_INVALID,
            "A %s has 1 to 40 of a-z, 0-9 and _, and does not begin with a digit; got %s"
                .formatted(what, name));
      }
    }
  }

  /** Files in a directory on the server's machine. */
  record Files(Path directory, FileFormat format) implements Target {

    public Files {
      if (!directory.isAbsolute()) {
        throw new Failure(
            Problem.PUBLICATION_INVALID,
            "The directory is %s; expected a whole path, which begins with /".formatted(directory));
      }
      directory = directory.normalize();
    }
  }

  /** Whether there is what it names, and it can be published to. */
  default void check(Connections connections) {
    if (this instanceof Tables tables) {
      Kind kind = connections.kind(tables.connection());
      if (kind == Kind.OTHER) {
        throw new Failure(
            Problem.PUBLICATION_INVALID,
            "%s is of kind other; publications go to postgresql, mysql, mariadb and duckdb"
                .formatted(tables.connection()));
      }
      if (kind.mysql() && tables.schema() != null) {
        throw new Failure(
            Problem.PUBLICATION_INVALID,
            "In %s the schema is the database that the connection names; leave it out"
                .formatted(kind.code()));
      }
    }
  }

  /** As it is kept. */
  default StoredPublications.Place place() {
    return switch (this) {
      case Tables tables ->
          new StoredPublications.Place(
              tables.connection(), tables.schema(), tables.prefix(), null, null);
      case Files files ->
          new StoredPublications.Place(
              null, null, "", files.directory().toString(), files.format().code());
    };
  }

  /** As it was kept. */
  static Target of(StoredPublications.Place place) {
    if (place.connection() != null) {
      return new Tables(place.connection(), place.schema(), place.prefix());
    }
    if (place.directory() == null || place.format() == null) {
      throw new IllegalStateException("A publication to nowhere. Indicates a bug");
    }
    return new Files(Path.of(place.directory()), FileFormat.of(place.format()));
  }
}
