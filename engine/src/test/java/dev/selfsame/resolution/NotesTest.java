package dev.selfsame.resolution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Raw;
import dev.selfsame.identity.Source;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What holds of notes whatever they say, in spaces that random claims left. */
final class NotesTest {

  private static final List<Raw> IDS =
      List.of(
          Raw.ABSENT,
          Raw.text("id1"),
          Raw.text("id2"),
          Raw.text(" "),
          Raw.text("null"),
          Raw.text("x".repeat(401)),
          Raw.text("a\0b"),
          Raw.text("\uD800"),
          new Raw.Number("17"),
          new Raw.Number("1e3"),
          new Raw.Other("a list"));

  private static final List<Raw> EMAILS =
      List.of(
          Raw.ABSENT,
          Raw.text("a@x.com"),
          Raw.text("b@x.com"),
          Raw.text("A@X.com "),
          Raw.text("abc"),
          Raw.text("anonymous"),
          Raw.text("x".repeat(330) + "@x.com"),
          Raw.text("\0@x.com"),
          new Raw.Other("an object"));

  private static final List<Raw> COMPANIES =
      List.of(
          Raw.ABSENT,
          Raw.ABSENT,
          Raw.text("acme"),
          Raw.text("x.com"),
          Raw.text("gmail.com"),
          Raw.text("undefined"),
          new Raw.Number("2.5"));

  @Test
  void insightsAreNeverRejectedAndARefusedNoteChangesNothing() {
    int[] refused = {0};
    Histories.forAll(
        3_000,
        Histories::any,
        history -> {
          Space space = new Space();
          for (String line : history) {
            if (line.startsWith("[")) {
              Notation.fill(space, line);
            } else {
              space.apply(Histories.claim(line));
            }
          }
          Random random = new Random(history.hashCode());
          for (int i = 0; i < 10; i++) {
            refused[0] += check(space, random) ? 1 : 0;
          }
        });
    assertThat(refused[0]).as("notes refused").isGreaterThan(1_000);
  }

  private static boolean check(Space space, Random random) {
    boolean lenient = random.nextBoolean();
    Source source = lenient ? Notation.INSIGHTS : Notation.NOTES;
    Claim.Note note =
        new Claim.Note(
            source,
            Space.time("12:00"),
            one(random, IDS),
            one(random, EMAILS),
            one(random, COMPANIES),
            one(random, COMPANIES));
    Map<String, List<String>> before = Notation.show(space);
    Decision decision = space.apply(note);
    assertThat(space.broken()).as("%s", note).isEmpty();
    if (lenient) {
      assertThat(decision.outcome()).as("%s", note).isNotEqualTo(Outcome.REJECTED);
    }
    if (decision.reason() == null) {
      return false;
    }
    assertThat(Notation.show(space)).as("%s", note).isEqualTo(before);
    assertThat(decision.links()).as("%s", note).isEmpty();
    return true;
  }

  private static Raw one(Random random, List<Raw> some) {
    return some.get(random.nextInt(some.size()));
  }
}
