package dev.selfsame.review;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Source;
import dev.selfsame.identity.User;
import dev.selfsame.intake.Intake;
import dev.selfsame.intake.Preview;
import dev.selfsame.intake.Receipt;
import dev.selfsame.intake.Submission;
import dev.selfsame.resolution.Reason;
import dev.selfsame.store.FoundUser;
import dev.selfsame.store.UserQueries;
import dev.selfsame.store.UserQueries.Foreseen;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** How what a person does is handed to the intake, and what it shows afterwards. */
final class Acts {

  private static final int ANSWER_SECONDS = 20;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Intake intake;
  private final Supplier<Preview> previews;
  private final UserQueries users;
  private final InstantSource clock;

  Acts(Intake intake, Supplier<Preview> previews, UserQueries users, InstantSource clock) {
    this.intake = intake;
    this.previews = previews;
    this.users = users;
    this.clock = clock;
  }

  Source source() {
    return source(users);
  }

  /** The source that acts of people are written under. */
  static Source source(UserQueries users) {
    return users.settings().acts();
  }

  /** Now, as claims have it. */
  long now() {
    return Submission.micros(clock.instant());
  }

  /** Decides and commits it. */
  Receipt done(Claim act, Map<String, ?> payload) {
    return decided(intake, act, payload);
  }

  /** An intake that writes nothing. */
  Preview preview() {
    return previews.get();
  }

  Receipt decided(Intake by, Claim act, Map<String, ?> payload) {
    Submission submission =
        new Submission(
            act,
            act.at(),
            null,
            JSON.writeValueAsBytes(new TreeMap<>(payload)),
            null,
            Set.of(),
            Map.of());
    return decided(by, submission);
  }

  /** What became of an act, when it is committed. */
  static Receipt decided(Intake intake, Submission submission) {
    try {
      return intake.submit(List.of(submission)).get(ANSWER_SECONDS, TimeUnit.SECONDS).getFirst();
    } catch (TimeoutException e) {
      throw new Failure(
          Problem.STORE_AWAY,
          "The act was not committed within %d seconds; look whether it was done before you try again"
              .formatted(ANSWER_SECONDS),
          0,
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Failure(Problem.STORE_AWAY, "The server is stopping; try again", 0, e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Failure failure) {
        throw failure;
      }
      throw new IllegalStateException("The intake failed in an unforeseen way", e.getCause());
    }
  }

  /** The live user that an id leads to; null if there is none any more. */
  @Nullable ShownUser shown(UUID id) {
    UUID live = users.live(id);
    FoundUser user = live == null ? null : users.user(live);
    return user == null ? null : new ShownUser(user, users.identifiers(user.id()));
  }

  /** The same as a preview leaves it. */
  @Nullable ShownUser shown(Preview preview, UUID id) {
    User user = preview.user(id);
    if (user == null) {
      return null;
    }
    Foreseen foreseen = users.foreseen(user, clock.instant());
    return new ShownUser(foreseen.user(), foreseen.identifiers());
  }

  /** Why an act was refused that named users who were not live when it was decided. */
  static Failure notLive(UserQueries users, Reason reason, List<UUID> named) {
    needLive(users, named);
    return new Failure(
        reason == Reason.ABSORBED_USER ? Problem.ABSORBED_USER : Problem.UNKNOWN_USER,
        "One of the users was not live at that moment; look how they are now and try again");
  }

  /** Says whether the user is none, or no longer one; nothing if it is live. */
  void needLive(UUID id) {
    needLive(users, List.of(id));
  }

  /** Says which of the users is none, or no longer one. */
  static void needLive(UserQueries users, List<UUID> named) {
    for (UUID id : named) {
      UUID live = users.live(id);
      if (live == null) {
        throw new Failure(Problem.UNKNOWN_USER, "There is no user %s".formatted(id));
      }
      if (!live.equals(id)) {
        throw new Failure(
            Problem.ABSORBED_USER,
            "The user %s was merged into %s; name that one".formatted(id, live));
      }
    }
  }
}
