package dev.selfsame.testing;

import dev.selfsame.identity.User;
import dev.selfsame.store.Session;
import dev.selfsame.store.Snapshot;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.UUID;

/** Every user of the default space, read as the writing flow reads them. */
public final class StoredUsers {

  private StoredUsers() {}

  public static Collection<User> all(TestDatabase database) {
    List<UUID> parts = new ArrayList<>();
    database
        .rows("SELECT id FROM selfsame.part WHERE space = 1")
        .forEach(id -> parts.add(UUID.fromString(id)));
    Snapshot snapshot = new Snapshot(false, 16);
    try (Session session = Session.open(database.open().sessions("test"))) {
      session.readHolders(1, snapshot, List.of(), parts);
    }
    return snapshot.users().all();
  }
}
