package dev.selfsame.lookup;

import dev.selfsame.identity.Field;
import dev.selfsame.identity.Held;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.IdentifierType.Kind;
import dev.selfsame.identity.Merge;
import dev.selfsame.identity.Part;
import dev.selfsame.identity.Stated;
import dev.selfsame.identity.User;
import dev.selfsame.lookup.FieldStory.Other;
import dev.selfsame.lookup.FieldStory.Value;
import dev.selfsame.lookup.FieldStory.Why;
import dev.selfsame.store.UserHistory.Moment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Tells of each field of one user where its value comes from. */
final class FieldStories {

  /** A value with the part that has it. */
  private record Had(String value, Stated stated, boolean current, boolean deleted, UUID part) {}

  private final Moment now;
  private final User user;

  FieldStories(Moment now, User user) {
    this.now = now;
    this.user = user;
  }

  List<FieldStory> all() {
    List<FieldStory> all = new ArrayList<>();
    all.add(chosen(User.EXTERNAL_ID, user.externalId(), held(IdentifierType.EXTERNAL_ID)));
    all.add(chosen(User.EMAIL, user.email(), held(IdentifierType.EMAIL)));
    all.add(chosen(User.NAME, user.name(), names()));
    TreeSet<String> types = new TreeSet<>();
    user.identifiers().forEach(held -> types.add(held.type().name()));
    for (Kind kind : List.of(Kind.BILLING, Kind.RECORD, Kind.FALLBACK)) {
      for (String name : types) {
        IdentifierType type = IdentifierType.of(name);
        if (type.kind() == kind) {
          all.add(
              kind == Kind.BILLING
                  ? chosen(name, shownBillingId(type), held(type))
                  : first(name, held(type)));
        }
      }
    }
    return all;
  }

  /** A deleted customer's id does not show while there is another; then it is nobody's. */
  private @Nullable Held shownBillingId(IdentifierType type) {
    Held shown = user.billingId(type);
    return shown == null || shown.deleted() ? null : shown;
  }

  private List<Had> held(IdentifierType type) {
    List<Had> all = new ArrayList<>();
    for (Part part : user.parts()) {
      for (Held held : part.identifiers()) {
        if (held.type().equals(type)) {
          all.add(new Had(held.value(), held, held.current(), held.deleted(), part.id()));
        }
      }
    }
    return all;
  }

  private List<Had> names() {
    List<Had> all = new ArrayList<>();
    for (Part part : user.parts()) {
      Field name = part.name();
      if (name != null) {
        all.add(new Had(name.value(), name, true, false, part.id()));
      }
    }
    return all;
  }

  /** Of which one value shows, by G4, G5 and what merges settled. */
  private FieldStory chosen(String field, @Nullable Stated shown, List<Had> all) {
    Had showing = null;
    for (Had had : all) {
      if (had.current() && had.stated().equals(shown)) {
        showing = had;
      }
    }
    List<Other> others = new ArrayList<>();
    for (Had had : latestFirst(all)) {
      if (!had.equals(showing)) {
        others.add(other(field, showing, had));
      }
    }
    return new FieldStory(field, showing == null ? null : value(showing), others);
  }

  private Other other(String field, @Nullable Had shown, Had had) {
    if (had.deleted()) {
      return new Other(
          value(had), Why.DELETED, "Its provider deleted it; it still finds the user.", null);
    }
    if (!had.current() || shown == null) {
      String finds =
          field.equals(User.EMAIL) ? "it no longer finds the user" : "it still finds the user";
      return new Other(
          value(had),
          Why.REPLACED,
          "A later claim put another in its place; %s.".formatted(finds),
          null);
    }
    if (had.stated().weak() && !shown.stated().weak()) {
      return new Other(
          value(had),
          Why.WEAK,
          "It comes from a billing or tool's record, which fills gaps and never outranks what other"
              + " sources say (G5).",
          null);
    }
    if (shown.stated().outranks(had.stated())) {
      return new Other(
          value(had),
          Why.OLDER,
          had.stated().at() == shown.stated().at()
              ? "Both were said at the same time, and the one that shows came later here (G4)."
              : "The one that shows was said later (G4).",
          null);
    }
    Merge merge = settling(field, shown.part());
    return new Other(
        value(had),
        Why.SETTLED,
        merge == null
            ? "A merge settled that the other shows."
            : "The merge %s (%s) settled that the other shows.".formatted(merge.id(), merge.rule()),
        merge == null ? null : merge.id());
  }

  /** The last merge that chose the value of that part. */
  private @Nullable Merge settling(String field, UUID part) {
    Merge last = null;
    for (Merge merge : user.merges()) {
      if (part.equals(merge.settled().get(field))) {
        last = merge;
      }
    }
    return last;
  }

  /** Of a tool's several ids, the live one that was linked first. */
  private FieldStory first(String field, List<Had> all) {
    Had showing = null;
    for (Had had : all) {
      if (!had.deleted() && (showing == null || linked(had, showing))) {
        showing = had;
      }
    }
    List<Other> others = new ArrayList<>();
    for (Had had : latestFirst(all)) {
      if (had.equals(showing)) {
        continue;
      }
      others.add(
          had.deleted()
              ? new Other(
                  value(had), Why.DELETED, "Its tool deleted it; it still finds the user.", null)
              : new Other(
                  value(had),
                  Why.LINKED_LATER,
                  "Of several the one that was linked first shows; it finds the user too.",
                  null));
    }
    return new FieldStory(field, showing == null ? null : value(showing), others);
  }

  private static boolean linked(Had one, Had shown) {
    if (one.stated() instanceof Held a && shown.stated() instanceof Held b) {
      int byTime = Long.compare(a.firstSeen(), b.firstSeen());
      return byTime < 0 || (byTime == 0 && a.position() < b.position());
    }
    return false;
  }

  private static List<Had> latestFirst(List<Had> all) {
    return all.stream()
        .sorted(
            Comparator.comparingLong((Had had) -> had.stated().at())
                .thenComparingLong(had -> had.stated().position())
                .reversed())
        .toList();
  }

  private Value value(Had had) {
    Stated stated = had.stated();
    return new Value(
        had.value(),
        now.source(stated.source()),
        stated.position(),
        Words.time(stated.at()),
        stated.weak(),
        had.part());
  }
}
