package dev.selfsame.lookup;

import dev.selfsame.identity.Channel;
import dev.selfsame.identity.Held;
import dev.selfsame.identity.Identifier;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.IdentifierType.Kind;
import dev.selfsame.identity.Merge;
import dev.selfsame.identity.Part;
import dev.selfsame.identity.User;
import dev.selfsame.lookup.Relation.Ground;
import dev.selfsame.lookup.Relation.Side;
import dev.selfsame.lookup.Relation.Step;
import dev.selfsame.store.FoundDecision;
import dev.selfsame.store.UserHistory.Line;
import dev.selfsame.store.UserHistory.Moment;
import dev.selfsame.store.UserHistory.PastMerge;
import dev.selfsame.store.UserHistory.RaisedFlag;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Finds why two are one user, or are not, as of one moment. */
final class Relations {

  /** How many of each user's latest lines are looked through for a refusal. */
  static final int READ = 1_000;

  /** Rows that left two users apart for an email that both have. */
  private static final Set<String> FOR_AN_EMAIL =
      Set.of(
          "K4b", "K5", "K6", "K7", "K8", "K10b", "K11", "K12", "K13", "K14", "S3", "R3c", "R5",
          "C5");

  /** One of the two, found. */
  record Found(String asked, User user, Part part, @Nullable Held held) {
    Side side() {
      return new Side(asked, user.id(), part.id());
    }

    @Nullable Identifier identifier() {
      return held == null ? null : held.id();
    }

    boolean matches() {
      return held != null && held.matches();
    }

    String name() {
      return held == null ? part.id().toString() : held.id().toString();
    }
  }

  private final Moment now;

  Relations(Moment now) {
    this.now = now;
  }

  Relation of(Found a, Found b) {
    return a.user().id().equals(b.user().id()) ? together(a, b) : apart(a, b);
  }

  // ---- One user ----

  private Relation together(Found a, Found b) {
    User user = a.user();
    List<Merge> path = path(user, a.part().id(), b.part().id());
    Set<Long> positions = new HashSet<>();
    for (Found side : List.of(a, b)) {
      positions.add(side.part().createdPosition());
      if (side.held() != null) {
        positions.add(side.held().position());
      }
    }
    path.forEach(merge -> positions.add(merge.position()));
    Map<Long, Line> lines = new HashMap<>();
    now.lines(positions).forEach(line -> lines.put(line.decision().position(), line));

    Map<String, Step> steps = new LinkedHashMap<>();
    for (Found side : List.of(a, b)) {
      Part part = side.part();
      Held held = side.held();
      boolean cameWith = held != null && cameWith(part, held, lines);
      Step created =
          step(
              Step.Joining.CREATED,
              "The user %s was created%s."
                  .formatted(part.id(), cameWith && held != null ? " with " + held.id() : ""),
              part.createdPosition(),
              lines,
              part.id(),
              cameWith && held != null ? held.id().toString() : null,
              null,
              null);
      Step known = steps.get("created " + part.id());
      if (known == null || known.identifier() == null) {
        steps.put("created " + part.id(), created);
      } else if (created.identifier() != null) {
        steps.put("created " + part.id() + created.identifier(), created);
      }
      if (held != null && !cameWith) {
        steps.put(
            "identifier " + held.id(),
            step(
                Step.Joining.IDENTIFIER,
                "The user %s got %s.".formatted(Words.user(part.id(), user), held.id()),
                held.position(),
                lines,
                part.id(),
                held.id().toString(),
                null,
                null));
      }
    }
    for (Merge merge : path) {
      steps.put(
          "merge " + merge.id(),
          step(
              Step.Joining.MERGED,
              "The user %s became part of %s."
                  .formatted(
                      Words.user(merge.absorbed(), user), Words.user(merge.survivor(), user)),
              merge.position(),
              lines,
              merge.survivor(),
              null,
              merge.id(),
              merge.absorbed()));
    }
    List<Step> ordered = new ArrayList<>(steps.values());
    ordered.sort(Comparator.comparingLong(Step::position).thenComparing(Step::kind));
    String joined =
        switch (path.size()) {
          case 0 -> "both came to the user %s as it was created".formatted(a.part().id());
          case 1 -> "one merge joins them";
          default -> "%d merges join them".formatted(path.size());
        };
    return new Relation(
        true,
        "%s and %s are one user, %s: %s.".formatted(a.name(), b.name(), user.id(), joined),
        a.side(),
        b.side(),
        ordered,
        List.of());
  }

  private static boolean cameWith(Part part, Held held, Map<Long, Line> lines) {
    if (held.position() == part.createdPosition()) {
      return true;
    }
    Line creation = lines.get(part.createdPosition());
    return creation != null
        && Words.time(held.firstSeen()).equals(creation.decision().decidedAt())
        && new Payload(creation.payload()).says(held.value());
  }

  private static Step step(
      Step.Joining kind,
      String sentence,
      long position,
      Map<Long, Line> lines,
      UUID part,
      @Nullable String identifier,
      @Nullable String mergeId,
      @Nullable UUID absorbed) {
    Line line = lines.get(position);
    if (line == null) {
      return new Step(
          kind,
          sentence,
          position,
          null,
          null,
          null,
          null,
          null,
          part,
          identifier,
          mergeId,
          absorbed);
    }
    FoundDecision decision = line.decision();
    return new Step(
        kind,
        sentence,
        position,
        decision.decidedAt(),
        decision.source(),
        line.channel() == Channel.ACT ? new Payload(line.payload()).by() : null,
        decision.code(),
        Words.rule(decision.code()),
        part,
        identifier,
        mergeId,
        absorbed);
  }

  /** The merges between two parts of a user: they tie its parts into a tree. */
  private static List<Merge> path(User user, UUID one, UUID other) {
    Map<UUID, Merge> up = new HashMap<>();
    user.merges().forEach(merge -> up.put(merge.absorbed(), merge));
    List<Merge> ours = new ArrayList<>();
    for (Merge merge = up.get(one); merge != null; merge = up.get(merge.survivor())) {
      ours.add(merge);
    }
    List<Merge> path = new ArrayList<>(ours);
    for (Merge merge = up.get(other); merge != null; merge = up.get(merge.survivor())) {
      if (!path.remove(merge)) {
        path.add(merge);
      }
    }
    return path;
  }

  // ---- Two users ----

  private Relation apart(Found a, Found b) {
    List<Ground> grounds = new ArrayList<>();
    undone(a.user(), b.user(), grounds);
    barred(a.user(), b.user(), grounds);
    Set<String> shared = sharedEmails(a.user(), b.user());
    decisions(a.user(), b.user(), shared, grounds);
    boolean both = shared.stream().anyMatch(email -> a.user().has(email) && b.user().has(email));
    if (grounds.isEmpty() && !both) {
      grounds.add(
          Ground.standing(
              Ground.Barrier.NOTHING,
              "Nothing ever said that they are one: they share no email, and no claim met both. If"
                  + " they are one person, merge them by hand.",
              List.of()));
    }
    standing(a.user(), b.user(), shared, grounds);
    return new Relation(
        false,
        "%s and %s are two users, %s and %s."
            .formatted(a.name(), b.name(), a.user().id(), b.user().id()),
        a.side(),
        b.side(),
        List.of(),
        grounds);
  }

  private void undone(User a, User b, List<Ground> grounds) {
    for (PastMerge merge : now.merges(a.id())) {
      boolean between =
          (a.contains(merge.survivor()) && b.contains(merge.absorbed()))
              || (b.contains(merge.survivor()) && a.contains(merge.absorbed()));
      Long position = merge.undonePosition();
      if (between && position != null) {
        Line line = now.lines(List.of(position)).stream().findFirst().orElse(null);
        grounds.add(
            ground(
                Ground.Barrier.UNDONE,
                "They were one user from %s to %s: the merge %s by %s was taken back."
                    .formatted(merge.mergedAt(), merge.undoneAt(), merge.id(), merge.code()),
                line,
                null,
                List.of()));
      }
    }
  }

  private static void barred(User a, User b, List<Ground> grounds) {
    for (Part part : a.parts()) {
      for (Part other : b.parts()) {
        if (part.bars().contains(other.id()) || other.bars().contains(part.id())) {
          grounds.add(
              Ground.standing(
                  Ground.Barrier.KEPT_APART,
                  "An undo or a person keeps %s and %s apart: no rule joins them until a person"
                          .formatted(Words.user(part.id(), a), Words.user(other.id(), b))
                      + " lifts that or merges them by hand.",
                  List.of()));
          return;
        }
      }
    }
  }

  /** The newest decision of each code, and of each flag, that left the two apart. */
  private void decisions(User a, User b, Set<String> shared, List<Ground> grounds) {
    Map<Long, Line> lines = new HashMap<>();
    Set<Long> created = new HashSet<>();
    for (User user : List.of(a, b)) {
      now.page(user.id(), null, READ).forEach(line -> lines.put(line.decision().position(), line));
      user.parts().forEach(part -> created.add(part.createdPosition()));
    }
    created.removeAll(lines.keySet());
    now.lines(created).forEach(line -> lines.put(line.decision().position(), line));

    Set<String> told = new HashSet<>();
    List<Ground> refused = new ArrayList<>();
    for (Line line : newestFirst(lines.values())) {
      for (RaisedFlag flag : line.flags()) {
        boolean both =
            flag.users().stream().anyMatch(a::contains)
                && flag.users().stream().anyMatch(b::contains);
        if (both && told.add("flag " + flag.kind())) {
          String about = flag.about() == null ? "" : " for " + flag.about();
          grounds.add(
              ground(
                  Ground.Barrier.FLAG,
                  "%s Flagged %s%s%s."
                      .formatted(
                          refusal(flag.kind()),
                          flag.kind(),
                          about,
                          flag.closedAt() == null ? "" : ", closed " + flag.closedAt()),
                  line,
                  flag.kind(),
                  flag.about() == null ? List.of() : List.of(flag.about().toString())));
        }
      }
      FoundDecision decision = line.decision();
      String email = FOR_AN_EMAIL.contains(decision.code()) ? emailOf(line, a, b, shared) : null;
      if (email != null && told.add("code " + decision.code())) {
        refused.add(
            ground(
                Ground.Barrier.REFUSED,
                "A claim of %s met both by %s and left them two."
                    .formatted(decision.source(), email),
                line,
                null,
                List.of(email)));
      }
    }
    grounds.addAll(refused);
  }

  /** What the flag says, where it tells why a rule did not join the two. */
  private static String refusal(String flag) {
    return switch (flag) {
      case "billing_conflict" ->
          "A rule would have joined them, but both are live customers of one provider.";
      case "kept_apart" -> "A rule would have joined them, but they are kept apart.";
      case "limit_reached" -> "A rule would have joined them, but a limit was reached.";
      case "unverified_match" ->
          "A rule would have joined them, but its source is not trusted to say so.";
      case "alias_conflict" -> "An alias said that they are one, and was not followed.";
      case "billing_id_in_use" -> "A claim gave one the billing id of the other.";
      case "email_conflict" -> "A claim gave one the email of the other, and emails are unique.";
      case "record_moved" -> "A tool's record moved from one to the other.";
      case "record_merged" ->
          "A tool said that a record of one was merged into a record of the other.";
      case "id_case_differs" -> "A record's external id differs from a user's in case alone.";
      case "undo_conflict" -> "An undo met an identifier that the other has by now.";
      default -> "A claim met both.";
    };
  }

  /** The email that the line's claim found both by, or null. */
  private static @Nullable String emailOf(Line line, User a, User b, Set<String> shared) {
    UUID part = line.decision().part();
    if (part == null) {
      return null;
    }
    User other = a.contains(part) ? b : a;
    Payload payload = new Payload(line.payload());
    for (String email : shared) {
      boolean had =
          other.parts().stream()
              .flatMap(each -> each.identifiers().stream())
              .anyMatch(held ->
                  held.type().equals(IdentifierType.EMAIL)
                      && held.value().equals(email)
                      && held.firstSeen() <= micros(line));
      if (had
          && other.createdPosition() < line.decision().position()
          && (!payload.known() || payload.says(email))) {
        return "email:" + email;
      }
    }
    return null;
  }

  private static long micros(Line line) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, line.decision().decidedAt());
  }

  private static void standing(User a, User b, Set<String> shared, List<Ground> grounds) {
    Held ours = a.externalId();
    Held theirs = b.externalId();
    if (a.identified() && b.identified()) {
      List<String> ids = new ArrayList<>();
      if (ours != null) {
        ids.add(ours.id().toString());
      }
      if (theirs != null) {
        ids.add(theirs.id().toString());
      }
      grounds.add(
          Ground.standing(
              Ground.Barrier.TWO_EXTERNAL_IDS,
              "Both have an external id (%s): no rule merges two identified users. An alias event"
                      .formatted(String.join(", ", ids))
                  + " or a person can.",
              ids));
    }
    List<String> billing = twoCustomers(a, b);
    if (!billing.isEmpty()) {
      grounds.add(
          Ground.standing(
              Ground.Barrier.TWO_BILLING_IDS,
              "Both are live customers of one billing provider (%s): they may be two people, so no"
                      .formatted(String.join(", ", billing))
                  + " rule merges them. A person can.",
              billing));
    }
    for (String email : shared) {
      if (a.has(email) && b.has(email)) {
        grounds.add(
            Ground.standing(
                Ground.Barrier.SAME_EMAIL,
                "Both have email:%s. An email alone joins an identified user only with the one user"
                        .formatted(email)
                    + " that has it and no external id, in the moment a claim names both.",
                List.of("email:" + email)));
      }
    }
  }

  /** The live customer ids of one provider that both have, none in common; empty: no conflict. */
  private static List<String> twoCustomers(User a, User b) {
    List<Held> ours = customers(a);
    List<Held> theirs = customers(b);
    for (Held one : ours) {
      boolean common = theirs.stream().anyMatch(other -> other.id().equals(one.id()));
      if (common) {
        return List.of();
      }
    }
    for (Held one : ours) {
      for (Held other : theirs) {
        boolean unknown =
            one.type().equals(IdentifierType.BILLING_ID)
                || other.type().equals(IdentifierType.BILLING_ID);
        if (unknown || one.type().equals(other.type())) {
          return List.of(one.id().toString(), other.id().toString());
        }
      }
    }
    return List.of();
  }

  private static List<Held> customers(User user) {
    return user.identifiers().stream()
        .filter(held -> held.type().kind() == Kind.BILLING && !held.deleted())
        .toList();
  }

  /** Emails that both have or had. */
  private static Set<String> sharedEmails(User a, User b) {
    Set<String> emails = emails(a);
    emails.retainAll(emails(b));
    return emails;
  }

  private static Set<String> emails(User user) {
    Set<String> emails = new TreeSet<>();
    for (Held held : user.identifiers()) {
      if (held.type().equals(IdentifierType.EMAIL)) {
        emails.add(held.value());
      }
    }
    return emails;
  }

  private static List<Line> newestFirst(Collection<Line> lines) {
    return lines.stream()
        .sorted(Comparator.comparingLong((Line line) -> line.decision().position()).reversed())
        .toList();
  }

  private static Ground ground(
      Ground.Barrier kind,
      String sentence,
      @Nullable Line line,
      @Nullable String flag,
      List<String> values) {
    if (line == null) {
      return new Ground(kind, sentence, null, null, null, null, null, flag, values);
    }
    FoundDecision decision = line.decision();
    return new Ground(
        kind,
        sentence,
        decision.position(),
        decision.decidedAt(),
        decision.source(),
        decision.code(),
        Words.rule(decision.code()),
        flag,
        values);
  }
}
