package dev.selfsame.connection;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The JDBC drivers: those of the program, and those in the jars of a folder. The folder is read at
 * the first use. Thread-safe.
 */
public final class Drivers {

  private final Path folder;
  private @Nullable List<Driver> dropped;

  /**
   * @param folder which need not be there
   */
  public Drivers(Path folder) {
    this.folder = folder;
  }

  /**
   * Connects.
   *
   * @throws Failure {@code WAREHOUSE_DRIVER} if no driver knows the address
   */
  Connection connect(Address address, Properties properties) throws SQLException {
    if (address.kind() != Kind.OTHER) {
      return DriverManager.getConnection(address.driverUrl(), properties);
    }
    for (Driver driver : dropped()) {
      if (driver.acceptsURL(address.url())) {
        Connection connection = driver.connect(address.url(), properties);
        if (connection != null) {
          return connection;
        }
      }
    }
    throw new Failure(
        Problem.WAREHOUSE_DRIVER,
        "No JDBC driver knows %s. Put the driver's jar into %s, and try again after a restart."
            .formatted(address.place(), folder));
  }

  private synchronized List<Driver> dropped() {
    if (dropped == null) {
      dropped = load();
    }
    return dropped;
  }

  // The loader stays open as long as the program runs: drivers load classes when they need them.
  @SuppressWarnings("MustBeClosedChecker")
  private List<Driver> load() {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    List<URL> jars = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path jar : files.filter(each -> each.toString().endsWith(".jar")).sorted().toList()) {
        jars.add(url(jar));
      }
    } catch (IOException e) {
      throw unreadable(e);
    }
    URLClassLoader loader =
        new URLClassLoader(jars.toArray(URL[]::new), Drivers.class.getClassLoader());
    List<Driver> found = new ArrayList<>();
    try {
      for (Driver driver : ServiceLoader.load(Driver.class, loader)) {
        if (loader.equals(driver.getClass().getClassLoader())) {
          found.add(driver);
        }
      }
    } catch (ServiceConfigurationError e) {
      throw unreadable(e);
    }
    return List.copyOf(found);
  }

  private static URL url(Path jar) throws MalformedURLException {
    return jar.toUri().toURL();
  }

  private Failure unreadable(Throwable cause) {
    return new Failure(
        Problem.WAREHOUSE_DRIVER,
        "The drivers in %s cannot be loaded: %s".formatted(folder, cause.getMessage()),
        0,
        cause);
  }
}
