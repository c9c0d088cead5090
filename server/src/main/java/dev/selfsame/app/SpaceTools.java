package dev.selfsame.app;

import dev.selfsame.access.Access;
import dev.selfsame.connection.Drivers;
import dev.selfsame.http.Bodies;
import dev.selfsame.secret.Secrets;
import dev.selfsame.store.Database;
import java.nio.file.Path;
import java.time.InstantSource;

/**
 * What all spaces share.
 *
 * @param data the data directory
 * @param access of tokens, with their budgets
 */
record SpaceTools(
    Path data,
    Database database,
    HubSettings settings,
    Bodies bodies,
    Secrets secrets,
    Drivers drivers,
    Access access,
    InstantSource clock) {}
