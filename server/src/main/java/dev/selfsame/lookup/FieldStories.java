package dev.selfsame.lookup;

import dev.selfsame.identity.Field;
import dev.selfsame.identity.Held;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.IdentifierType.Kind;
import dev.selfsame.identity.Merge;
import dev.selfsame.identity.Part;
import dev.selfsame.identity.Stated;
import dev.selfsame.identity.Survivorship;
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

  /** Of which one value shows, by the policy's survivorship and what merges settled. */
  private FieldStory chosen(String field, @Nullable Stated shown, List<Had> all) {
    Survivorship order = now.policy().survivorship(field);
    Had showing = null;
    for (Had had : all) {
      if (had.current() && had.stated().equals(shown)) {
        showing = had;
      }
    }
    for (Had had : all) {
      // Of several that say the same, the one by which it stands.
      if (showing != null
          && !order.equals(Survivorship.LATEST)
          && had.current()
          && had.value().equals(showing.value())
          && order.above(had.stated(), showing.stated())) {
        showing = had;
      }
    }
    List<Other> others = new ArrayList<>();
    for (Had had : latestFirst(all)) {
      if (!had.equals(showing)) {
        others.add(other(field, showing, had));
      }
    }
    return new FieldStory(
        field,
        showing == null ? null : value(showing),
        others,
        order.equals(Survivorship.LATEST) ? null : order);
  }

  private Other other(String field, @Nullable Had shown, Had had) {
    if (had.deleted()) {
      return new Other(
          value(had), Why.DELETED, "Its provider deleted it; it still finds the user.", null);
    }
    Survivorship order = now.policy().survivorship(field);
    if (shown != null && !order.equals(Survivorship.LATEST)) {
      return byPolicy(field, order, shown, had);
    }
    if (!had.current() || shown == null) {
      return replaced(field, shown, had);
    }
    Merge merge = settling(field, shown.part());
    if (merge != null && !User.CHOSEN.contains(field) && before(merge, shown, had)) {
      // Which of several ids shows no order of their claims decides.
      return settled(merge, had);
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
    if (merge == null && User.CHOSEN.contains(field)) {
      return earlier(had);
    }
    return settled(merge, had);
  }

  private Other settled(@Nullable Merge merge, Had had) {
    return new Other(
        value(had),
        Why.SETTLED,
        merge == null
            ? "A merge settled that the other shows."
            : "The merge %s (%s) settled that the other shows.".formatted(merge.id(), merge.rule()),
        merge == null ? null : merge.id());
  }

  private Other replaced(String field, @Nullable Had shown, Had had) {
    boolean email = field.equals(User.EMAIL);
    if (email && shown != null && had.stated().position() > shown.stated().position()) {
      return new Other(
          value(had),
          Why.NOT_TAKEN,
          "It was said after the one that shows, and did not take its place; it does not find the"
              + " user.",
          null);
    }
    String finds = email ? "it no longer finds the user" : "it still finds the user";
    return new Other(
        value(had),
        Why.REPLACED,
        "A later claim put another in its place; %s.".formatted(finds),
        null);
  }

  private Other earlier(Had had) {
    return new Other(
        value(had),
        Why.EARLIER_POLICY,
        "What shows was decided under an earlier policy, and stands until a claim says the field"
            + " again.",
        null);
  }

  /** Why it does not show where the policy says whose value of the field stands. */
  private Other byPolicy(String field, Survivorship order, Had shown, Had had) {
    Merge merge = settling(field, shown.part());
    if (had.current() && merge != null && before(merge, shown, had)) {
      return settled(merge, had);
    }
    if (!order.outranks(shown.stated(), had.stated())) {
      return had.current() ? earlier(had) : replaced(field, shown, had);
    }
    String finds = had.current() ? "." : "; it does not find the user.";
    return new Other(value(had), Why.POLICY, preferred(field, order, shown, had) + finds, null);
  }

  /** Whether both were said before the merge, so that it had to choose. */
  private static boolean before(Merge merge, Had one, Had other) {
    return one.stated().position() < merge.position()
        && other.stated().position() < merge.position();
  }

  /** Why the policy prefers the one that shows. */
  private String preferred(String field, Survivorship order, Had shown, Had had) {
    String key = "survivorship." + field;
    Stated wins = shown.stated();
    Stated loses = had.stated();
    return switch (order) {
      case Survivorship.Latest latest -> "The one that shows was said later (G4)";
      case Survivorship.First first -> {
        if (first.persons().contains(wins.source())) {
          yield first.persons().contains(loses.source())
              ? "Of what persons said by file or by hand the latest shows (%s: first)"
                  .formatted(key)
              : "A person corrected it by file or by hand (%s: first)".formatted(key);
        }
        if (first.above(wins, loses)) {
          yield loses.weak()
              ? "It comes from a billing or tool's record, which fills gaps and never outranks what"
                  + " other sources say (G5)"
              : "Its source is not trusted, and only fills gaps";
        }
        yield wins.at() == loses.at()
            ? "Both were said at the same time, and the one that shows came first here (%s: first)"
                .formatted(key)
            : "The one that shows was said first (%s: first)".formatted(key);
      }
      case Survivorship.Sources sources -> {
        if (!sources.named(wins)) {
          yield sources.above(wins, loses)
              ? "It comes from a billing or tool's record, which fills gaps and never outranks what"
                  + " other sources say (G5)"
              : "%s names neither source, and the one that shows was said later (G4)"
                  .formatted(key);
        }
        if (!sources.above(wins, loses)) {
          yield "Both come from %s, and the one that shows was said later (G4)"
              .formatted(now.source(wins.source()));
        }
        yield sources.named(loses)
            ? "The policy puts %s before %s (%s)"
                .formatted(now.source(wins.source()), now.source(loses.source()), key)
            : "The policy puts %s before sources that it does not name, such as %s (%s)"
                .formatted(now.source(wins.source()), now.source(loses.source()), key);
      }
    };
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
    return new FieldStory(field, showing == null ? null : value(showing), others, null);
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
