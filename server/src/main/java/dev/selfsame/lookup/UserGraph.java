package dev.selfsame.lookup;

import static dev.selfsame.svg.SvgText.escaped;
import static dev.selfsame.svg.SvgText.number;

import dev.selfsame.identity.Field;
import dev.selfsame.identity.Held;
import dev.selfsame.identity.IdentifierType.Kind;
import dev.selfsame.identity.Part;
import dev.selfsame.identity.User;
import dev.selfsame.store.UserHistory.Line;
import dev.selfsame.store.UserHistory.Moment;
import dev.selfsame.store.UserHistory.PastMerge;
import dev.selfsame.svg.SvgText;
import dev.selfsame.svg.TextWidth;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A user as SVG: the users that were created, each a card with its identifiers and who brought
 * them, from the first to the last, and the merges between them as arrows. As wide as a phone,
 * light or dark as the reader's system is, without scripts and without anything from elsewhere.
 * What there is no place for is counted.
 */
final class UserGraph {

  static final int MOST_CARDS = 20;
  static final int MOST_IDENTIFIERS = 8;

  /** Users that are no longer part of this one. */
  private static final int MOST_GONE = 5;

  private static final int WIDTH = 440;
  private static final int MARGIN = 16;
  private static final int PADDING = 12;
  private static final int TITLE = 16;
  private static final int TEXT = 13;
  private static final int SMALL = 12;
  private static final int ROW = 20;
  private static final int BETWEEN = 14;
  private static final int LANE = 12;
  private static final int MOST_LANES = 6;
  private static final int SOURCE = 96;
  private static final int TYPE = 110;

  private static final String INK = "#1b1f24";
  private static final String MUTED = "#5c6570";
  private static final String EDGE = "#2f6fde";
  private static final String UNDONE = "#a35200";

  /** A user as it was created; gone: it is none of this user's parts today. */
  private record Card(UUID id, @Nullable Part part, @Nullable User gone, long order) {}

  /** Where a card came to stand. */
  private record Box(double top, double in, double out) {}

  /** Merges into one user that share a line beside the cards. */
  private record Trunk(UUID survivor, boolean undone, List<PastMerge> merges) {}

  private final Moment now;
  private final User user;
  private final List<PastMerge> merges;
  private final Map<UUID, PastMerge> mergeOf = new HashMap<>();
  private final StringBuilder body = new StringBuilder();
  private double y = MARGIN;
  private double left = MARGIN;

  UserGraph(Moment now, User user) {
    this.now = now;
    this.user = user;
    this.merges = now.merges(user.id());
    // A user that was parted and merged again has its latest merge last.
    merges.forEach(merge -> mergeOf.put(merge.absorbed(), merge));
  }

  String draw() {
    List<Card> cards = cards();
    Map<Long, Line> creations = new HashMap<>();
    now.lines(cards.stream().filter(card -> card.part() != null).map(Card::order).toList())
        .forEach(line -> creations.put(line.decision().position(), line));
    Map<Trunk, Integer> lanes = lanes(cards);
    int count = lanes.values().stream().mapToInt(lane -> lane + 1).max().orElse(0);
    left = MARGIN + (count == 0 ? 0 : count * LANE + 8);

    head();
    Map<UUID, Box> boxes = new HashMap<>();
    for (Card card : cards) {
      boxes.put(card.id(), card(card, creations.get(card.order())));
    }
    lanes.forEach((trunk, lane) -> trunk(trunk, lane, boxes));
    leftOut(cards);

    int height = (int) Math.ceil(y + MARGIN - BETWEEN);
    StringBuilder svg = new StringBuilder();
    svg.append(
        """
        <svg xmlns="http://www.w3.org/2000/svg" width="%1$d" height="%2$d" viewBox="0 0 %1$d %2$d" role="img" aria-labelledby="title desc" font-family="%3$s" style="max-width:100%%;height:auto">
        <style>@media (prefers-color-scheme:dark){.b{fill:#16191d}.c{fill:#1e2328;stroke:#343a41}.g{fill:none;stroke:#7d8690}.r{stroke:#78a9ff}.t{fill:#eef0f2}.m{fill:#a3abb5}.e{stroke:#78a9ff}.f{fill:#78a9ff}.u{stroke:#ffa657}.v{fill:#ffa657}}</style>
        <title id="title">%4$s</title>
        <desc id="desc">%5$s</desc>
        <rect class="b" width="%1$d" height="%2$d" fill="#ffffff"/>
        """
            .formatted(WIDTH, height, SvgText.FONT, escaped(title()), escaped(told(cards))));
    return svg.append(body).append("</svg>\n").toString();
  }

  // ---- What is drawn ----

  /** The user's own card and the others in order of creation, as many as there is place for. */
  private List<Card> cards() {
    List<Card> cards = new ArrayList<>();
    for (Part part : user.parts()) {
      boolean own = part.id().equals(user.id());
      int room = MOST_CARDS - (cards.stream().anyMatch(c -> c.id().equals(user.id())) ? 0 : 1);
      if (own || cards.size() < room) {
        cards.add(new Card(part.id(), part, null, part.createdPosition()));
      }
    }
    int gone = 0;
    for (PastMerge merge : merges) {
      for (UUID end : List.of(merge.survivor(), merge.absorbed())) {
        boolean known = user.contains(end) || cards.stream().anyMatch(c -> c.id().equals(end));
        if (merge.undoneAt() != null && !known && gone < MOST_GONE) {
          gone++;
          User other = now.user(end);
          cards.add(
              new Card(
                  end,
                  null,
                  other,
                  other == null ? Long.MAX_VALUE : other.part(end).createdPosition()));
        }
      }
    }
    cards.sort(Comparator.comparingLong(Card::order).thenComparing(Card::id));
    return cards;
  }

  /** Which line each trunk runs on: the shortest is nearest to the cards. */
  private Map<Trunk, Integer> lanes(List<Card> cards) {
    Map<UUID, Integer> row = new HashMap<>();
    cards.forEach(card -> row.put(card.id(), row.size()));
    Map<String, Trunk> trunks = new LinkedHashMap<>();
    for (PastMerge merge : merges) {
      if (row.containsKey(merge.survivor()) && row.containsKey(merge.absorbed())) {
        boolean undone = merge.undoneAt() != null;
        trunks
            .computeIfAbsent(
                merge.survivor() + " " + undone,
                none -> new Trunk(merge.survivor(), undone, new ArrayList<>()))
            .merges()
            .add(merge);
      }
    }
    Map<Trunk, int[]> reach = new HashMap<>();
    for (Trunk trunk : trunks.values()) {
      int from = row.getOrDefault(trunk.survivor(), 0);
      int to = from;
      for (PastMerge merge : trunk.merges()) {
        from = Math.min(from, row.getOrDefault(merge.absorbed(), 0));
        to = Math.max(to, row.getOrDefault(merge.absorbed(), 0));
      }
      reach.put(trunk, new int[] {from, to});
    }
    List<Trunk> shortest = new ArrayList<>(trunks.values());
    shortest.sort(
        Comparator.comparingInt((Trunk trunk) -> length(reach, trunk))
            .thenComparing(Trunk::survivor)
            .thenComparing(Trunk::undone));
    Map<Trunk, Integer> lanes = new LinkedHashMap<>();
    for (Trunk trunk : shortest) {
      int lane = 0;
      while (lane < MOST_LANES - 1 && taken(lanes, reach, lane, trunk)) {
        lane++;
      }
      lanes.put(trunk, lane);
    }
    return lanes;
  }

  private static int length(Map<Trunk, int[]> reach, Trunk trunk) {
    int[] of = reach.getOrDefault(trunk, new int[2]);
    return of[1] - of[0];
  }

  private static boolean taken(
      Map<Trunk, Integer> lanes, Map<Trunk, int[]> reach, int lane, Trunk trunk) {
    int[] ours = reach.getOrDefault(trunk, new int[2]);
    return lanes.entrySet().stream()
        .filter(other -> other.getValue() == lane)
        .map(other -> reach.getOrDefault(other.getKey(), new int[2]))
        .anyMatch(theirs -> ours[0] <= theirs[1] && theirs[0] <= ours[1]);
  }

  // ---- Words ----

  private String title() {
    int parts = user.parts().size();
    int held = user.identifierCount();
    Field name = user.name();
    String known = name == null ? Words.known(user.root()) : name.value();
    return "%s: %s, %s"
        .formatted(
            known == null ? "User " + user.id() : known,
            parts == 1 ? "one user" : count(parts, "user") + " that became one",
            count(held, "identifier"));
  }

  /** The picture for those who do not see it. */
  private String told(List<Card> cards) {
    StringBuilder told = new StringBuilder();
    for (Card card : cards) {
      Part part = card.part();
      if (part != null) {
        told.append(label(card))
            .append(", created ")
            .append(date(Words.time(part.createdAt())))
            .append(", has ")
            .append(count(part.identifiers().size(), "identifier"))
            .append(". ");
      }
    }
    for (PastMerge merge : merges) {
      boolean drawn =
          cards.stream().anyMatch(card -> card.id().equals(merge.absorbed()))
              && cards.stream().anyMatch(card -> card.id().equals(merge.survivor()));
      if (drawn) {
        told.append(label(merge.absorbed()))
            .append(merge.undoneAt() == null ? " became part of " : " was part of ")
            .append(label(merge.survivor()))
            .append(" by ")
            .append(merge.code())
            .append(" on ")
            .append(date(merge.mergedAt()));
        Instant undoneAt = merge.undoneAt();
        told.append(undoneAt == null ? "" : ", undone on " + date(undoneAt)).append(". ");
      }
    }
    return told.toString().strip();
  }

  private static String count(long many, String what) {
    return String.format(Locale.ROOT, "%,d %s%s", many, what, many == 1 ? "" : "s");
  }

  private String label(Card card) {
    User gone = card.gone();
    if (gone != null) {
      String known = Words.known(gone.part(card.id()));
      return known == null ? shortened(card.id()) : known;
    }
    return label(card.id());
  }

  private String label(UUID part) {
    String known = user.contains(part) ? Words.known(user.part(part)) : null;
    return known == null ? shortened(part) : known;
  }

  /** As a card's first line calls it. */
  private String called(UUID part) {
    Field name = user.contains(part) ? user.part(part).name() : null;
    return name == null ? label(part) : name.value();
  }

  /** The end of an id differs most. */
  private static String shortened(UUID id) {
    return "…" + id.toString().substring(24);
  }

  private static String date(Instant at) {
    return at.atOffset(ZoneOffset.UTC).toLocalDate().toString();
  }

  // ---- Drawing ----

  private void head() {
    for (String line : TextWidth.lines(title(), TITLE * 1.08, WIDTH - 2 * MARGIN, 3)) {
      y += TITLE + 2;
      text(MARGIN, y - 2, TITLE, "start", "t", line, true, null);
      y += 2;
    }
    y += SMALL + 4;
    text(MARGIN, y, SMALL, "start", "m", user.id().toString(), false, null);
    y += 14;
  }

  private Box card(Card card, @Nullable Line creation) {
    Part part = card.part();
    return part == null ? gone(card) : part(part, creation);
  }

  private Box part(Part part, @Nullable Line creation) {
    double top = y;
    StringBuilder before = new StringBuilder(body);
    body.setLength(0);
    boolean own = part.id().equals(user.id());
    double x = left + PADDING;
    double end = WIDTH - MARGIN - PADDING;

    y += PADDING + TEXT;
    String called = called(part.id());
    String date = date(Words.time(part.createdAt()));
    double dateWide = TextWidth.of(date, SMALL);
    cut(x, y, TEXT, "t", called, end - x - dateWide - 10, true);
    text(end, y, SMALL, "end", "m", date, false, null);
    double in = y - 4;
    y += SMALL + 6;
    String how =
        creation == null
            ? shortened(part.id())
            : "%s · created by %s · %s"
                .formatted(
                    shortened(part.id()), creation.decision().code(), creation.decision().source());
    cut(x, y, SMALL, "m", how, end - x, false);
    y += 6;

    List<Held> held = new ArrayList<>(part.identifiers());
    held.sort(
        Comparator.comparing((Held each) -> !each.current())
            .thenComparingLong(Held::firstSeen)
            .thenComparing(each -> each.id().toString()));
    List<Held> drawn = held.subList(0, Math.min(MOST_IDENTIFIERS, held.size()));
    double column = x;
    for (Held each : drawn) {
      column = Math.max(column, x + Math.min(TYPE, TextWidth.of(each.type().name(), SMALL)) + 8);
    }
    for (Held each : drawn) {
      identifier(each, x, column, end);
    }
    if (held.size() > MOST_IDENTIFIERS) {
      y += ROW;
      text(
          x,
          y - 4,
          SMALL,
          "start",
          "m",
          "and %s".formatted(count(held.size() - MOST_IDENTIFIERS, "more identifier")),
          false,
          null);
    }
    double out = y - 4;
    PastMerge merge = mergeOf.get(part.id());
    if (merge != null) {
      y += ROW;
      out = y - 8;
      became(merge, x, end);
    }
    y += PADDING - 4;
    frame(before, top, own ? "c r" : "c", own ? EDGE : "#d0d5db", own ? 2 : 1, "#f8f9fa", false);
    return new Box(top, in, out);
  }

  private void identifier(Held held, double x, double at, double end) {
    y += ROW;
    String type = held.type().name();
    String typed = TextWidth.cut(type, SMALL, TYPE);
    text(x, y - 4, SMALL, "start", "m", typed, false, typed.equals(type) ? null : type);
    String source = TextWidth.cut(now.source(held.source()), SMALL, SOURCE);
    double sourceWide = TextWidth.of(source, SMALL);
    boolean matches = held.current() || held.type().kind() != Kind.EMAIL;
    String state =
        held.deleted() ? " (deleted)" : held.current() ? "" : matches ? " (alias)" : " (former)";
    if (held.type().kind() == Kind.BILLING && !held.current() && !held.deleted()) {
      state = " (former)";
    }
    cut(
        at,
        y - 4,
        TEXT,
        held.current() && !held.deleted() ? "t" : "m",
        held.value() + state,
        end - at - sourceWide - 10,
        false);
    text(
        end,
        y - 4,
        SMALL,
        "end",
        "m",
        source,
        false,
        source.equals(now.source(held.source())) ? null : now.source(held.source()));
  }

  private void became(PastMerge merge, double x, double end) {
    Instant undoneAt = merge.undoneAt();
    String tail =
        undoneAt == null
            ? " · %s · %s".formatted(merge.code(), date(merge.mergedAt()))
            : " · %s · undone %s".formatted(merge.code(), date(undoneAt));
    String start = undoneAt == null ? "merged into " : "was part of ";
    double room = end - x - TextWidth.of(tail, SMALL) - TextWidth.of(start, SMALL);
    String whole = called(merge.survivor());
    String into = TextWidth.cut(whole, SMALL, Math.max(30, room));
    text(
        x,
        y - 4,
        SMALL,
        "start",
        undoneAt == null ? "f" : "v",
        start + into + tail,
        false,
        into.equals(whole) ? null : start + whole + tail);
  }

  /** A user that was part of this one, or that this one was part of. */
  private Box gone(Card card) {
    double top = y;
    StringBuilder before = new StringBuilder(body);
    body.setLength(0);
    double x = left + PADDING;
    double end = WIDTH - MARGIN - PADDING;
    y += PADDING + TEXT;
    cut(x, y, TEXT, "m", label(card), end - x, true);
    double in = y - 4;
    y += SMALL + 6;
    text(
        x,
        y,
        SMALL,
        "start",
        "m",
        card.gone() == null ? "no longer there" : "a user of its own today",
        false,
        card.id().toString());
    double out = y - 4;
    PastMerge merge = mergeOf.get(card.id());
    if (merge != null && merge.undoneAt() != null) {
      y += ROW;
      out = y - 8;
      became(merge, x, end);
    }
    y += PADDING;
    frame(before, top, "g", "#8a929b", 1, "none", true);
    return new Box(top, in, out);
  }

  /** Puts the card's frame behind what was drawn since. */
  private void frame(
      StringBuilder before,
      double top,
      String kind,
      String colour,
      int wide,
      String fill,
      boolean dashed) {
    before.append(
        "<rect class=\"%s\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" rx=\"8\" fill=\"%s\" stroke=\"%s\" stroke-width=\"%d\"%s/>\n"
            .formatted(
                kind,
                number(left),
                number(top),
                number(WIDTH - MARGIN - left),
                number(y - top),
                fill,
                colour,
                wide,
                dashed ? " stroke-dasharray=\"4 4\"" : ""));
    before.append(body);
    body.setLength(0);
    body.append(before);
    y += BETWEEN;
  }

  private void trunk(Trunk trunk, int lane, Map<UUID, Box> boxes) {
    Box survivor = boxes.get(trunk.survivor());
    if (survivor == null) {
      return;
    }
    double x = left - 10 - lane * LANE;
    String kind = trunk.undone() ? "u" : "e";
    String colour = trunk.undone() ? UNDONE : EDGE;
    String dashes = trunk.undone() ? " stroke-dasharray=\"4 4\"" : "";
    // Two lines that end at one card: the undone one a little lower.
    double in = survivor.in() + (trunk.undone() ? 8 : 0);
    for (PastMerge merge : trunk.merges()) {
      Box absorbed = boxes.get(merge.absorbed());
      if (absorbed != null) {
        body.append(
            "<path class=\"%s\" d=\"M%s %sH%sV%sH%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"1.5\" stroke-linejoin=\"round\"%s><title>%s</title></path>\n"
                .formatted(
                    kind,
                    number(left),
                    number(absorbed.out()),
                    number(x),
                    number(in),
                    number(left - 5),
                    colour,
                    dashes,
                    escaped(
                        "%s: %s, %s"
                            .formatted(
                                label(merge.absorbed()) + " into " + label(merge.survivor()),
                                merge.code(),
                                date(merge.mergedAt())))));
      }
    }
    body.append(
        "<path class=\"%s\" d=\"M%s %sl-7 -4v8z\" fill=\"%s\"/>\n"
            .formatted(trunk.undone() ? "v" : "f", number(left), number(in), colour));
  }

  private void leftOut(List<Card> cards) {
    List<Part> missing =
        user.parts().stream()
            .filter(part -> cards.stream().noneMatch(card -> card.id().equals(part.id())))
            .toList();
    long gone =
        merges.stream()
            .filter(merge -> merge.undoneAt() != null)
            .flatMap(merge -> List.of(merge.survivor(), merge.absorbed()).stream())
            .filter(end -> !user.contains(end))
            .distinct()
            .filter(end -> cards.stream().noneMatch(card -> card.id().equals(end)))
            .count();
    if (!missing.isEmpty()) {
      int held = missing.stream().mapToInt(part -> part.identifiers().size()).sum();
      said(
          "%s that became part of it, with %s, %s not drawn."
              .formatted(
                  count(missing.size(), "more user"),
                  count(held, "identifier"),
                  missing.size() == 1 ? "is" : "are"));
    }
    if (gone > 0) {
      said(
          "%s whose merges were undone %s not drawn."
              .formatted(count(gone, "more user"), gone == 1 ? "is" : "are"));
    }
  }

  private void said(String sentence) {
    for (String line : TextWidth.lines(sentence, SMALL, WIDTH - 2 * MARGIN, 3)) {
      y += SMALL + 2;
      text(MARGIN, y - 2, SMALL, "start", "m", line, false, null);
    }
    y += BETWEEN;
  }

  private void cut(
      double x, double at, int size, String kind, String text, double place, boolean bold) {
    String fitting = TextWidth.cut(text, bold ? size * 1.08 : size, place);
    text(x, at, size, "start", kind, fitting, bold, fitting.equals(text) ? null : text);
  }

  private void text(
      double x,
      double at,
      int size,
      String anchor,
      String kind,
      String text,
      boolean bold,
      @Nullable String whole) {
    String fill =
        switch (kind) {
          case "t" -> INK;
          case "f" -> EDGE;
          case "v" -> UNDONE;
          default -> MUTED;
        };
    body.append(
        "<text class=\"%s\" x=\"%s\" y=\"%s\" font-size=\"%d\" text-anchor=\"%s\"%s fill=\"%s\">%s%s</text>\n"
            .formatted(
                kind,
                number(x),
                number(at),
                size,
                anchor,
                bold ? " font-weight=\"600\"" : "",
                fill,
                whole == null ? "" : "<title>" + escaped(whole) + "</title>",
                escaped(text)));
  }
}
