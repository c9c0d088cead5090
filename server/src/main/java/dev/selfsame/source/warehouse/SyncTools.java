package dev.selfsame.source.warehouse;

import dev.selfsame.alert.Alerts;
import dev.selfsame.connection.Connections;
import dev.selfsame.intake.Intake;
import dev.selfsame.intake.Preview;
import dev.selfsame.store.Database;
import dev.selfsame.store.StoredPublications;
import dev.selfsame.store.StoredSyncs;
import dev.selfsame.store.SyncLog;
import java.time.InstantSource;
import java.util.function.Supplier;

/** What a run works with. */
record SyncTools(
    Database database,
    String space,
    StoredSyncs stored,
    SyncLog log,
    StoredPublications publications,
    Connections connections,
    Intake intake,
    Supplier<Preview> previews,
    SyncSettings settings,
    Alerts alerts,
    InstantSource clock) {}
