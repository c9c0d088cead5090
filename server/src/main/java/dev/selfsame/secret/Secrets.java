package dev.selfsame.secret;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.TinkJsonProtoKeysetFormat;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Encrypts and decrypts secrets with a key in a file of its own, which is in no database and no
 * backup. The file is made at the first use. Thread-safe.
 */
public final class Secrets {

  /** The environment variable that may name the key's file. */
  public static final String KEY_FILE = "SELFSAME_SECRET_KEY_FILE";

  private static final Set<PosixFilePermission> OWN =
      EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

  private final Path file;
  private @Nullable Aead key;

  private Secrets(Path file) {
    this.file = file;
  }

  /**
   * The secrets of a hub.
   *
   * @param data its directory, where the key's file is unless the environment names another
   */
  public static Secrets of(Path data, Map<String, String> environment) {
    String named = environment.get(KEY_FILE);
    return new Secrets(
        named == null || named.isBlank() ? data.resolve("secret.key") : Path.of(named));
  }

  /**
   * Encrypts a secret.
   *
   * @param what it is, such as the name of a connection: it is decrypted as the same alone
   * @throws Failure {@code SECRET_KEY} if the key's file cannot be read or made
   */
  public byte[] encrypt(String secret, String what) {
    try {
      return key(true).encrypt(bytes(secret), bytes(what));
    } catch (GeneralSecurityException e) {
      throw new Failure(
          Problem.SECRET_KEY, "The secret of %s cannot be encrypted.".formatted(what), 0, e);
    }
  }

  /**
   * Decrypts a secret.
   *
   * @throws Failure {@code SECRET_KEY} if the key's file is missing, or it is not the one that the
   *     secret was encrypted with
   */
  public String decrypt(byte[] encrypted, String what) {
    try {
      return new String(key(false).decrypt(encrypted, bytes(what)), StandardCharsets.UTF_8);
    } catch (GeneralSecurityException e) {
      throw new Failure(
          Problem.SECRET_KEY,
          "The key in %s is not the one that the secret of %s was encrypted with. Bring back that key, or say the password again: connection add --replace."
              .formatted(file, what),
          0,
          e);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private synchronized Aead key(boolean make) {
    if (key == null) {
      key = open(make);
    }
    return key;
  }

  private Aead open(boolean make) {
    try {
      AeadConfig.register();
      if (make && Files.notExists(file)) {
        make();
      }
      if (Files.notExists(file)) {
        throw unusable("there is no such file", null);
      }
      Set<PosixFilePermission> others = EnumSet.copyOf(Files.getPosixFilePermissions(file));
      others.removeAll(OWN);
      if (!others.isEmpty()) {
        throw unusable("others may read it (chmod 600 %s)".formatted(file), null);
      }
      KeysetHandle keys =
          TinkJsonProtoKeysetFormat.parseKeyset(
              Files.readString(file), InsecureSecretKeyAccess.get());
      return keys.getPrimitive(RegistryConfiguration.get(), Aead.class);
    } catch (IOException e) {
      throw unusable(String.valueOf(e.getMessage()), e);
    } catch (GeneralSecurityException e) {
      throw unusable("it holds no key", e);
    }
  }

  /** Two programs may be about to make it; the one that comes second takes the other's. */
  private void make() throws IOException, GeneralSecurityException {
    KeysetHandle keys = KeysetHandle.generateNew(PredefinedAeadParameters.AES256_GCM);
    String text = TinkJsonProtoKeysetFormat.serializeKeyset(keys, InsecureSecretKeyAccess.get());
    Path directory = file.toAbsolutePath().getParent();
    Files.createDirectories(directory);
    Path whole =
        Files.createTempFile(
            directory, ".secret", ".key", PosixFilePermissions.asFileAttribute(OWN));
    try {
      Files.writeString(whole, text);
      Files.createLink(file, whole);
    } catch (FileAlreadyExistsException taken) {
      return;
    } finally {
      Files.delete(whole);
    }
  }

  private Failure unusable(String why, @Nullable Exception cause) {
    return new Failure(
        Problem.SECRET_KEY,
        "The key of the stored secrets in %s cannot be used: %s. Bring back the file, or name it with %s."
            .formatted(file, why, KEY_FILE),
        0,
        cause);
  }
}
