package dev.selfsame.connection;

import dev.selfsame.access.Actor;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.secret.Secrets;
import dev.selfsame.store.Database;
import dev.selfsame.store.StoredConnections;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The other databases that sources may ask and publications go to. A password is encrypted as it
 * comes, and never shown again.
 */
public final class Connections {

  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_-]{0,62}");

  /** How long a database may take to say that it is there. */
  private static final Duration TRYING = Duration.ofSeconds(20);

  /**
   * A connection, as it is shown.
   *
   * @param kind such as {@code postgresql}
   * @param hasPassword whether one is kept
   */
  public record Shown(
      String name,
      String kind,
      String url,
      @Nullable String user,
      boolean hasPassword,
      Map<String, String> options,
      Instant changedAt) {}

  /**
   * That a database answers.
   *
   * @param now what time it is there
   * @param millis how long it took to connect and ask
   */
  public record Tried(Instant now, long millis) {}

  private final StoredConnections stored;
  private final Secrets secrets;
  private final Drivers drivers;
  private final InstantSource clock;

  public Connections(
      Database database, String space, Secrets secrets, Drivers drivers, InstantSource clock) {
    this.stored = new StoredConnections(database, space);
    this.secrets = secrets;
    this.drivers = drivers;
    this.clock = clock;
  }

  /**
   * Adds a connection; that it works is for {@link #test} to say.
   *
   * @param url such as {@code postgresql://host:5432/database}, without user and password
   * @param password null: none
   * @param replace one that is there may be replaced, with all that is said of it
   * @throws Failure {@code CONNECTION_INVALID}, {@code CONNECTION_EXISTS} or {@code SECRET_KEY}
   */
  public Shown add(
      String name,
      String url,
      @Nullable String user,
      @Nullable String password,
      Map<String, String> options,
      boolean replace,
      Actor actor) {
    checkName(name, Problem.CONNECTION_INVALID, "connection");
    Address address = Address.of(url, user, options);
    StoredConnections.Entry entry =
        new StoredConnections.Entry(
            name,
            address.kind().code(),
            address.url(),
            address.user(),
            password == null || password.isEmpty() ? null : secrets.encrypt(password, what(name)),
            address.options(),
            clock.instant());
    stored.put(entry, replace, actor);
    return shown(entry);
  }

  /** Names stand in addresses and on command lines. */
  public static void checkName(String name, Problem problem, String what) {
    if (!NAME.matcher(name).matches()) {
      throw new Failure(
          problem,
          "The name of a %s has 1 to 63 of a-z, 0-9, _ and -, and begins with a letter; got %s"
              .formatted(what, name));
    }
  }

  public List<Shown> list() {
    return stored.list().stream().map(Connections::shown).toList();
  }

  /**
   * Removes one.
   *
   * @throws Failure {@code NOT_FOUND} or {@code CONNECTION_IN_USE}
   */
  public void remove(String name, Actor actor) {
    stored.remove(name, actor, clock.instant());
  }

  /**
   * Connects, and asks what time it is.
   *
   * @throws Failure naming what is wrong: {@code WAREHOUSE_UNREACHABLE}, {@code WAREHOUSE_LOGIN},
   *     {@code WAREHOUSE_TLS}, {@code WAREHOUSE_DRIVER}, {@code SECRET_KEY} or {@code NOT_FOUND}
   */
  public Tried test(String name) {
    long began = System.nanoTime();
    try (Warehouse warehouse = open(name, TRYING)) {
      Instant now = warehouse.clock();
      return new Tried(now, (System.nanoTime() - began) / 1_000_000);
    }
  }

  /** The kind of a connection. */
  public Kind kind(String name) {
    return Kind.named(stored.get(name).kind());
  }

  public Warehouse open(String name, Duration limit) {
    StoredConnections.Entry entry = stored.get(name);
    return Warehouse.open(drivers, address(entry), password(entry), limit);
  }

  /**
   * Connects for writing; the caller closes it.
   *
   * @throws Failure as {@link #test}
   */
  public WritableWarehouse writable(String name) {
    StoredConnections.Entry entry = stored.get(name);
    return WritableWarehouse.open(drivers, address(entry), password(entry));
  }

  private @Nullable String password(StoredConnections.Entry entry) {
    byte[] secret = entry.secret();
    return secret == null ? null : secrets.decrypt(secret, what(entry.name()));
  }

  private static Address address(StoredConnections.Entry entry) {
    return new Address(Kind.named(entry.kind()), entry.url(), entry.login(), entry.options());
  }

  /** What a password is encrypted as: it cannot be moved to another connection. */
  private static String what(String name) {
    return "connection " + name;
  }

  private static Shown shown(StoredConnections.Entry entry) {
    return new Shown(
        entry.name(),
        entry.kind(),
        entry.url(),
        entry.login(),
        entry.secret() != null,
        entry.options(),
        entry.changedAt());
  }
}
