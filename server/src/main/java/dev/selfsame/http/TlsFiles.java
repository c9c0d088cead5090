package dev.selfsame.http;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificate that the server shows: read from two files, and again when they change. Open
 * connections stay as they are; a new pair that cannot be used leaves the old one in place.
 *
 * <p>The files are read every second and compared. That sees what modification times and file
 * events miss (links that are turned, network file systems), and costs nothing worth counting.
 */
final class TlsFiles implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(TlsFiles.class);
  private static final Duration LOOK_EVERY = Duration.ofSeconds(1);
  private static final int LARGEST_FILE = 1024 * 1024;

  /** What stands in the files, or why they cannot be read. */
  private record Contents(String chain, String key, @Nullable String unreadable) {
    @Override
    public String toString() {
      return "Contents[hidden]";
    }
  }

  private final Path chainFile;
  private final Path keyFile;
  private final String password = UUID.randomUUID().toString();
  private final SslContextFactory.Server factory = new SslContextFactory.Server();
  private final ScheduledExecutorService executor =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("tls").daemon(true).factory());
  private Contents loaded;
  private @Nullable Contents last;
  private @Nullable Contents refused;

  private TlsFiles(Path chainFile, Path keyFile) {
    this.chainFile = chainFile;
    this.keyFile = keyFile;
    this.loaded = read();
    TlsPair pair = pair(loaded);
    factory.setKeyStorePassword(password);
    factory.setKeyStore(pair.keyStore(password));
    tell(pair);
  }

  /**
   * Reads the files.
   *
   * @throws dev.selfsame.error.Failure {@code TLS_UNUSABLE} if they cannot be used
   */
  static TlsFiles open(Path chainFile, Path keyFile) {
    return new TlsFiles(chainFile, keyFile);
  }

  SslContextFactory.Server factory() {
    return factory;
  }

  /** Begins to look for changes, once the server has started. */
  void watch() {
    // Ends with its executor, and throws nothing.
    Future<?> unused =
        executor.scheduleWithFixedDelay(
            this::look, LOOK_EVERY.toMillis(), LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void look() {
    Contents now = read();
    boolean settled = now.equals(last);
    last = now;
    // Two files are never replaced at once: what changed must stand still for one look.
    if (!settled || now.equals(refused)) {
      return;
    }
    if (now.equals(loaded)) {
      refused = null;
      return;
    }
    try {
      TlsPair pair = pair(now);
      var store = pair.keyStore(password);
      factory.reload(ssl -> ssl.setKeyStore(store));
      loaded = now;
      refused = null;
      tell(pair);
    } catch (Exception e) {
      // Whatever it is: an exception that left here would end the schedule.
      refused = now;
      log.warn("The new TLS certificate is not used, the old one stays: {}", e.getMessage());
    }
  }

  private void tell(TlsPair pair) {
    String outOfTime = pair.outOfTime(Instant.now());
    if (outOfTime != null) {
      log.warn("The TLS certificate in {} {}: clients will refuse it", chainFile, outOfTime);
    } else {
      log.info("The TLS certificate in {} is valid until {}", chainFile, pair.validUntil());
    }
  }

  private TlsPair pair(Contents contents) {
    if (contents.unreadable() != null) {
      throw TlsPair.unusable(contents.unreadable(), null);
    }
    return TlsPair.parse(chainFile, contents.chain(), keyFile, contents.key());
  }

  private Contents read() {
    Path file = chainFile;
    try {
      String chain = read(file);
      file = keyFile;
      return new Contents(chain, read(file), null);
    } catch (NoSuchFileException e) {
      return new Contents("", "", "There is no file %s for TLS.".formatted(file));
    } catch (IOException e) {
      return new Contents("", "", "The file %s for TLS cannot be read: %s".formatted(file, e));
    }
  }

  private static String read(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(LARGEST_FILE + 1);
      if (bytes.length > LARGEST_FILE) {
        throw new IOException("it is larger than 1 MiB, so it is no certificate or key");
      }
      return TlsPair.text(bytes);
    }
  }

  @Override
  public void close() {
    executor.shutdownNow();
  }
}
