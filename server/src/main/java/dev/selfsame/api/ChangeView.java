package dev.selfsame.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.selfsame.lookup.Change;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A change as callers see it: what it is not about is left out. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
record ChangeView(
    String kind,
    String sentence,
    @Nullable UUID part,
    @Nullable String identifier,
    @Nullable String flag,
    @Nullable String field,
    @Nullable String from,
    @Nullable String to,
    List<UUID> users) {

  static ChangeView of(Change change) {
    return new ChangeView(
        change.kind().code(),
        change.sentence(),
        change.part(),
        change.identifier(),
        change.flag(),
        change.field(),
        change.from(),
        change.to(),
        change.users());
  }
}
