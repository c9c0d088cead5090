package dev.selfsame.review;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import java.util.List;
import java.util.UUID;

/** An email was to name one user, and several have it. */
public final class AmbiguousIdentifier extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** The most that are listed. */
  static final int TOLD = 100;

  private final transient List<UUID> users;

  AmbiguousIdentifier(List<UUID> users) {
    super(
        "Several users have the email: %s. Nothing was erased; name those that are meant by id"
            .formatted(String.join(", ", users.stream().map(UUID::toString).toList())));
    this.users = List.copyOf(users);
  }

  /** Who have it; of very many some. */
  public List<UUID> users() {
    return users;
  }

  /** As every failure is answered that needs no list. */
  public Failure failure() {
    return new Failure(Problem.AMBIGUOUS_IDENTIFIER, String.valueOf(getMessage()));
  }
}
