package dev.selfsame.source.api;

import dev.selfsame.intake.Receipt;
import dev.selfsame.store.FoundIdentifier;
import dev.selfsame.store.FoundUser;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What became of a write.
 *
 * @param user as it is now, or would be; null: nobody was written, or somebody erased it since
 */
public record Written(
    Receipt receipt, @Nullable FoundUser user, List<FoundIdentifier> identifiers) {

  public Written {
    identifiers = List.copyOf(identifiers);
  }
}
