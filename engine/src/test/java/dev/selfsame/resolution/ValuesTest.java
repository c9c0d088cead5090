package dev.selfsame.resolution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.identity.Normalised;
import dev.selfsame.identity.Normalised.Cause;
import dev.selfsame.identity.Normalised.Value;
import dev.selfsame.identity.Raw;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ValuesTest {

  private static final Normalised ABSENT = new Normalised.Absent();
  private static final Normalised BLOCKED = new Normalised.Blocked();

  @Test
  void idsAreTrimmedAndElseKeptAsSent() {
    assertThat(id("  u1 ")).isEqualTo(new Value("u1", "u1"));
    assertThat(id("\u200B\uFEFF\u00A0\u3000u 1\u2003\u0085")).isEqualTo(new Value("u 1", "u 1"));
    assertThat(id("Aé")).isEqualTo(new Value("Aé", "Aé"));
    assertThat(id("ｎｕｌｌ")).as("ids are not NFKC'd").isEqualTo(new Value("ｎｕｌｌ", "ｎｕｌｌ"));
    assertThat(id(" \u2009\t\n")).isEqualTo(ABSENT);
    assertThat(id("\u001Fu"))
        .as("a control character is no white space")
        .isEqualTo(new Value("\u001Fu", "\u001Fu"));
  }

  @Test
  void integerLiteralsKeepEveryDigit() {
    assertThat(number("9007199254740993"))
        .isEqualTo(new Value("9007199254740993", "9007199254740993"));
    assertThat(number("-7")).isEqualTo(new Value("-7", "-7"));
    assertThat(number("0")).isEqualTo(BLOCKED);
    for (String other : List.of("1e3", "42.0", "1E3", "-", "")) {
      assertThat(number(other)).as(other).isEqualTo(malformed(Cause.NOT_TEXT));
    }
    assertThat(Values.id(new Raw.Other("boolean"), Policy.DEFAULT))
        .isEqualTo(malformed(Cause.NOT_TEXT));
  }

  @Test
  void lengthsCountCodePoints() {
    assertThat(id("😀".repeat(400))).isInstanceOf(Value.class);
    assertThat(id("😀".repeat(401))).isEqualTo(malformed(Cause.TOO_LONG));
    assertThat(id(" " + "a".repeat(400) + " ")).isInstanceOf(Value.class);
    assertThat(email("a".repeat(318) + "@x")).isInstanceOf(Value.class);
    assertThat(email("a".repeat(319) + "@x")).isEqualTo(malformed(Cause.TOO_LONG));
  }

  @Test
  void idsThatCannotBeStoredAreMalformed() {
    assertThat(id("a\0b")).isEqualTo(malformed(Cause.BROKEN_TEXT));
    assertThat(id("a\uD83D")).isEqualTo(malformed(Cause.BROKEN_TEXT));
    assertThat(id("\uDE00a")).isEqualTo(malformed(Cause.BROKEN_TEXT));
    assertThat(email("a\0@x.com")).isEqualTo(malformed(Cause.BROKEN_TEXT));
  }

  @Test
  void emailsLoseCaseAndCompatibilityForms() {
    assertThat(email(" Ann@Example.COM "))
        .isEqualTo(new Value("ann@example.com", "Ann@Example.COM"));
    assertThat(email("ａｎｎ＠example.com")).isEqualTo(new Value("ann@example.com", "ａｎｎ＠example.com"));
    assertThat(email("\u2002ann@example.com\u3000"))
        .isEqualTo(new Value("ann@example.com", "ann@example.com"));
    assertThat(email("ann")).isEqualTo(malformed(Cause.NO_AT_SIGN));
    assertThat(email("null")).isEqualTo(BLOCKED);
    assertThat(email(" ")).isEqualTo(ABSENT);
    assertThat(Values.email(new Raw.Number("5"), Policy.DEFAULT))
        .isEqualTo(malformed(Cause.NOT_TEXT));
  }

  @Test
  void normalisingTwiceChangesNothing() {
    for (String email : List.of("ΑΣ@x.gr", "İ@x.tr", "ﬁ@x.com", "ǅ@x.com", "ANN@X.com")) {
      String once = ((Value) email(email)).value();
      assertThat(email(once)).isEqualTo(new Value(once, once));
    }
  }

  @Test
  void namesAreRepairedNotRefused() {
    assertThat(Values.text(Raw.text(" Ann "))).isEqualTo(new Value("Ann", "Ann"));
    assertThat(Values.text(new Raw.Number("42.0"))).isEqualTo(new Value("42.0", "42.0"));
    assertThat(Values.text(Raw.text("A\0n\uD83Dn😀")))
        .isEqualTo(new Value("A\uFFFDn\uFFFDn😀", "A\0n\uD83Dn😀"));
    assertThat(Values.text(new Raw.Other("array"))).isEqualTo(malformed(Cause.NOT_TEXT));
    assertThat(Values.text(Raw.text("  "))).isEqualTo(ABSENT);
  }

  @Test
  void blockedValuesAreWholeValuesInAnyCase() {
    for (String value :
        List.of(
            "0",
            "000",
            "-",
            "0-0",
            "--",
            "-1",
            "NULL",
            "Undefined",
            "n/a",
            "[Object Object]",
            "TEST")) {
      assertThat(id(value)).as(value).isEqualTo(BLOCKED);
      assertThat(id("\"" + value + "\"")).as("quoted " + value).isEqualTo(BLOCKED);
      assertThat(id(" '" + value + "' ")).as("quoted " + value).isEqualTo(BLOCKED);
      assertThat(id("`" + value + "`")).as("quoted " + value).isEqualTo(BLOCKED);
    }
    for (String value :
        List.of("test1", "null null", "-2", "01", "\"null'", "''null''", "\"\"", "nulls")) {
      assertThat(id(value)).as(value).isInstanceOf(Value.class);
    }
  }

  @Test
  void aSpaceHasItsOwnBlockedValues() {
    BlockedValues own = BlockedValues.of(List.of("Nobody"));
    assertThat(own.contains("NOBODY")).isTrue();
    assertThat(own.contains("null")).isFalse();
    assertThat(own.contains("0")).as("zeros belong to every list").isTrue();
  }

  @Test
  void theDefaultBlockedValues() {
    assertThat(BlockedValues.DEFAULT.values())
        .containsExactlyInAnyOrder(
            "-1",
            "null",
            "undefined",
            "none",
            "nil",
            "nan",
            "n/a",
            "na",
            "true",
            "false",
            "anonymous",
            "anon",
            "guest",
            "unknown",
            "test",
            "id",
            "email",
            "user",
            "[object object]",
            "not_authenticated");
  }

  @Test
  void neverMatchMailboxes() {
    List<String> list = List.of("info@", "all@example.com");
    assertThat(Values.neverMatches("info@example.com", list)).isTrue();
    assertThat(Values.neverMatches("all@example.com", list)).isTrue();
    assertThat(Values.neverMatches("all@example.org", list)).isFalse();
    assertThat(Values.neverMatches("myinfo@example.com", list)).isFalse();
  }

  private static Normalised id(String text) {
    return Values.id(Raw.text(text), Policy.DEFAULT);
  }

  private static Normalised number(String literal) {
    return Values.id(new Raw.Number(literal), Policy.DEFAULT);
  }

  private static Normalised email(String text) {
    return Values.email(Raw.text(text), Policy.DEFAULT);
  }

  private static Normalised malformed(Cause cause) {
    return new Normalised.Malformed(cause);
  }
}
