package dev.selfsame.api;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.selfsame.store.FoundIdentifier;
import dev.selfsame.store.FoundUser;
import java.util.List;

/** A user with all that identifies it. */
record WholeUser(@JsonUnwrapped FoundUser user, List<FoundIdentifier> identifiers) {}
