package dev.selfsame.store;

import dev.selfsame.testing.Histories;
import dev.selfsame.testing.Sweep;
import dev.selfsame.testing.TestDatabase;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A backup of one major version of PostgreSQL in another: to an older one, the harder way. */
@Tag("slow")
final class BackupAcrossVersionsTest {

  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();
  @RegisterExtension static final TestDatabase other = TestDatabase.onInstalledPostgres();

  @TempDir Path directory;

  @Test
  void another_major_version_takes_it() throws Exception {
    Histories.empty(hub);
    new BackupTest()
        .claims(hub, new Histories(8, 12, BackupTest.micros(TestDatabase.NOW)), 400, List.of());
    Path file = directory.resolve("hub.backup");
    BackupTest.backup(hub.address(), file);
    BackupTest.restore(file, other.address());
    BackupTest.assertSame(
        BackupTest.everything(hub.address()), BackupTest.everything(other.address()));
    Sweep.invariants(other);
  }
}
