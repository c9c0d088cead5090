package dev.selfsame.lookup;

import dev.selfsame.identity.Field;
import dev.selfsame.identity.Held;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.IdentifierType.Kind;
import dev.selfsame.identity.Part;
import dev.selfsame.identity.User;
import dev.selfsame.store.FoundDecision;
import dev.selfsame.store.UserHistory.Line;
import dev.selfsame.store.UserHistory.PastMerge;
import dev.selfsame.store.UserHistory.RaisedFlag;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What the lines of one user's story changed, told newest first. The ledger keeps what was there
 * before a claim; what was there after it is told from the same line, from what the claim said, and
 * from the user as it is today.
 */
final class Changes {

  private final User user;

  /** By part: the name before the change that was told last, which is the one after the next. */
  private final Map<UUID, String> nameAfter = new HashMap<>();

  private final Set<UUID> namesTold = new HashSet<>();

  /** What parts are called: to find it looks at all their identifiers. */
  private final Map<UUID, String> called = new HashMap<>();

  Changes(User user) {
    this.user = user;
  }

  private String named(UUID part) {
    return called.computeIfAbsent(part, id -> Words.user(id, user));
  }

  /** Of the line that is next older. */
  List<Change> of(Line line, Payload payload) {
    List<Change> changes = new ArrayList<>();
    FoundDecision decision = line.decision();
    for (Part part : user.parts()) {
      if (part.createdPosition() == decision.position()) {
        created(part, decision, payload, changes);
      }
    }
    for (PastMerge merge : line.merges()) {
      changes.add(
          Change.of(
              Change.Kind.MERGED,
              merge.survivor(),
              "The user %s became part of %s%s."
                  .formatted(
                      named(merge.absorbed()),
                      named(merge.survivor()),
                      merge.undoneAt() == null ? "" : "; undone " + merge.undoneAt()),
              List.of(merge.absorbed(), merge.survivor())));
    }
    for (PastMerge merge : line.undone()) {
      changes.add(
          Change.of(
              Change.Kind.UNDONE,
              merge.survivor(),
              "The merge %s was taken back: the user %s is no longer part of %s."
                  .formatted(merge.id(), named(merge.absorbed()), named(merge.survivor())),
              List.of(merge.absorbed(), merge.survivor())));
    }
    JsonNode before = decision.before();
    if (before != null) {
      for (Map.Entry<String, JsonNode> part : before.properties()) {
        part(line, UUID.fromString(part.getKey()), part.getValue(), payload, changes);
      }
    }
    flags(line, changes);
    return changes;
  }

  private void created(Part part, FoundDecision decision, Payload payload, List<Change> changes) {
    changes.add(
        Change.of(
            Change.Kind.CREATED,
            part.id(),
            "A new user, %s.".formatted(part.id()),
            List.of(part.id())));
    for (Held held : part.identifiers()) {
      if (cameWith(part, held, decision, payload)) {
        changes.add(
            Change.identifier(
                Change.Kind.GAINED,
                part.id(),
                held.id().toString(),
                "Got %s.".formatted(held.id())));
      }
    }
    Field name = part.name();
    String first =
        namesTold.contains(part.id())
            ? nameAfter.get(part.id())
            : name != null && name.position() == decision.position()
                ? name.value()
                : payload.name();
    if (first != null) {
      changes.add(
          Change.field(
              part.id(), User.NAME, null, first, "The name became “%s”.".formatted(first)));
    }
  }

  /** What came with the claim that created the part has no before-image. */
  private static boolean cameWith(Part part, Held held, FoundDecision decision, Payload payload) {
    if (held.position() == part.createdPosition()) {
      return true;
    }
    // Stated again since, or by another claim that arrived at the same time.
    return Words.time(held.firstSeen()).equals(decision.decidedAt()) && payload.says(held.value());
  }

  private void part(Line line, UUID part, JsonNode before, Payload payload, List<Change> changes) {
    JsonNode name = before.get("name");
    if (name != null) {
      name(line.decision().position(), part, name, payload, changes);
    }
    JsonNode identifiers = before.get("identifiers");
    if (identifiers != null) {
      identifiers(line, part, identifiers, changes);
    }
    if (before.get("bars") != null) {
      changes.add(
          Change.of(
              Change.Kind.KEPT_APART,
              part,
              "Whom no rule may join with the user %s was changed.".formatted(named(part)),
              List.of()));
    }
  }

  private void name(long position, UUID part, JsonNode was, Payload payload, List<Change> changes) {
    String from = was.isNull() ? null : was.path("value").asString();
    String to;
    Field now = user.contains(part) ? user.part(part).name() : null;
    if (now != null && now.position() == position) {
      to = now.value();
    } else if (namesTold.contains(part)) {
      to = nameAfter.get(part);
    } else {
      to = payload.name();
    }
    namesTold.add(part);
    nameAfter.put(part, from);
    if (Objects.equals(from, to)) {
      return;
    }
    String sentence =
        to == null
            ? from == null ? "The name was set." : "The name was “%s” until then.".formatted(from)
            : from == null
                ? "The name became “%s”.".formatted(to)
                : "The name changed from “%s” to “%s”.".formatted(from, to);
    changes.add(Change.field(part, User.NAME, from, to, sentence));
  }

  private void identifiers(Line line, UUID part, JsonNode before, List<Change> changes) {
    // Of external id, email and each billing provider one is current: what took another's place.
    Map<String, String> came = new HashMap<>();
    Map<String, String> went = new HashMap<>();
    before.forEachEntry((id, was) -> {
      String type = type(id);
      if (!one(type)) {
        return;
      }
      if (was.isNull()) {
        came.putIfAbsent(type, id);
      } else if (was.path("current").asBoolean(false)) {
        went.put(type, id);
      }
    });
    before.forEachEntry((id, was) -> {
      String type = type(id);
      if (one(type)
          && !was.isNull()
          && !was.path("current").asBoolean(false)
          && went.containsKey(type)) {
        came.put(type, id);
      }
    });
    before.forEachEntry((id, was) -> {
      String type = type(id);
      boolean first = Objects.equals(came.get(type), id);
      if (first && went.containsKey(type)) {
        String from = value(Objects.requireNonNull(went.get(type)));
        changes.add(replaced(part, type, from, value(id)));
      } else if (was.isNull()) {
        changes.add(Change.identifier(Change.Kind.GAINED, part, id, "Got %s.".formatted(id)));
      } else if (!(came.containsKey(type) && id.equals(went.get(type)))) {
        other(line, part, id, was, changes);
      }
    });
  }

  private static Change replaced(UUID part, String type, String from, String to) {
    String stays =
        type.equals(User.EMAIL)
            ? "the earlier one no longer finds the user"
            : "the earlier one still finds the user";
    return Change.field(
        part,
        type,
        from,
        to,
        "The %s changed from %s to %s; %s.".formatted(words(type), from, to, stays));
  }

  /** Held before, and not replaced here: moved away, deleted, current again, or just seen again. */
  private void other(Line line, UUID part, String id, JsonNode was, List<Change> changes) {
    Part now = user.contains(part) ? user.part(part) : null;
    Held held =
        now == null
            ? null
            : now.identifiers().stream()
                .filter(each -> each.id().toString().equals(id))
                .findFirst()
                .orElse(null);
    UUID to = movedTo(line, part, id);
    if (to != null) {
      changes.add(
          new Change(
              Change.Kind.LOST,
              "%s moved from the user %s to %s.".formatted(id, named(part), named(to)),
              part,
              id,
              null,
              null,
              null,
              null,
              List.of(to)));
      return;
    }
    boolean deleting = line.decision().code().equals("S5") || line.decision().code().equals("R8");
    if (deleting && !was.path("deleted").asBoolean(false)) {
      changes.add(
          Change.identifier(
              Change.Kind.DELETED,
              part,
              id,
              "%s was marked deleted; it still finds the user.".formatted(id)));
      return;
    }
    boolean currentAgain =
        !was.path("current").asBoolean(false)
            && held != null
            && held.current()
            && held.position() == line.decision().position();
    if (currentAgain) {
      changes.add(
          Change.field(
              part, type(id), null, value(id), "%s is the current one again.".formatted(id)));
    }
  }

  /** The part that got the identifier by the same claim: all but emails have one holder. */
  private @Nullable UUID movedTo(Line line, UUID from, String id) {
    if (type(id).equals(User.EMAIL) && !line.decision().code().equals("M3")) {
      return null;
    }
    for (Map.Entry<String, JsonNode> part :
        Objects.requireNonNull(line.decision().before()).properties()) {
      UUID other = UUID.fromString(part.getKey());
      JsonNode was = part.getValue().path("identifiers").get(id);
      if (!other.equals(from) && was != null && was.isNull()) {
        return other;
      }
    }
    UUID written = line.decision().part();
    boolean moved = line.decision().code().equals("R1c");
    return moved && written != null && !written.equals(from) ? written : null;
  }

  private void flags(Line line, List<Change> changes) {
    Set<String> told = new HashSet<>();
    for (RaisedFlag flag : line.flags()) {
      told.add(flag.kind());
      List<String> others =
          flag.users().stream()
              .filter(each -> !user.contains(each))
              .map(each -> Words.user(each))
              .toList();
      String about = flag.about() == null ? "" : " for " + flag.about();
      String with =
          others.isEmpty() ? "" : ", with the user %s".formatted(String.join(", ", others));
      changes.add(
          new Change(
              Change.Kind.FLAGGED,
              "Flagged %s%s%s%s."
                  .formatted(
                      flag.kind(),
                      about,
                      with,
                      flag.closedAt() == null ? "" : "; closed " + flag.closedAt()),
              line.decision().part(),
              flag.about() == null ? null : flag.about().toString(),
              flag.kind(),
              null,
              null,
              null,
              flag.users()));
    }
    for (String flag : line.decision().flags()) {
      if (told.add(flag)) {
        changes.add(
            new Change(
                Change.Kind.FLAGGED,
                "Flagged %s.".formatted(flag),
                line.decision().part(),
                null,
                flag,
                null,
                null,
                null,
                List.of()));
      }
    }
  }

  private static boolean one(String type) {
    return switch (IdentifierType.of(type).kind()) {
      case EXTERNAL, EMAIL, BILLING -> true;
      case RECORD, FALLBACK -> false;
    };
  }

  private static String words(String type) {
    return IdentifierType.of(type).kind() == Kind.EXTERNAL ? "external id" : type;
  }

  private static String type(String id) {
    return id.substring(0, Lookup.colon(id));
  }

  private static String value(String id) {
    return id.substring(Lookup.colon(id) + 1);
  }
}
