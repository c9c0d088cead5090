package dev.selfsame.resolution;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Every state that the tables tell apart, built and resolved: each meets exactly the row that its
 * columns name. The expected row is read off the columns here, far from the code that decides.
 */
final class StatesTest {

  private static final int[] COUNTS = {0, 1, 2};
  private static final boolean[] BOTH = {false, true};

  private static Decision decide(String before, String claim) {
    Space space = new Space();
    Notation.fill(space, before);
    Decision decision = space.apply(Histories.claim(claim));
    assertThat(space.broken()).as("%s | %s", before, claim).isEmpty();
    assertThat(decision.flags())
        .as("%s | %s", before, claim)
        .noneMatch(flag -> flag.kind() == Flag.Kind.NO_ROW);
    return decision;
  }

  private static void expect(String row, String before, String claim) {
    Decision decision = decide(before, claim);
    if (!decision.rule().code().equals(row)) {
      throw new AssertionError(
          "%s | %s%nexpected %s, got %s".formatted(before, claim, row, decision.rule().code()));
    }
    boolean forbidden =
        row.equals("K4b") || (row.equals("K10b") && !before.contains("merge_on_email_change=off"));
    if (forbidden && !decision.checks().contains(Rule.G2)) {
      throw new AssertionError(
          "%s | %s%n%s without G2: %s".formatted(before, claim, row, decision.checks()));
    }
  }

  /** Segment's identify. */
  @Test
  void identifyMeetsTheRowThatItsColumnsName() {
    Set<String> rows = new TreeSet<>();
    int cases = 0;
    for (String a : List.of("", "ext=id1", "ext=id9 ext+id1")) {
      for (String aEmail :
          a.isEmpty()
              ? List.of("")
              : List.of("", "e@x.com(09:00)", "f@x.com(09:00)", "f@x.com(10:30)")) {
        for (boolean aPays : a.isEmpty() ? new boolean[] {false} : BOTH) {
          for (int m0 : COUNTS) {
            for (int m1 : COUNTS) {
              for (boolean mPays : m0 == 0 ? new boolean[] {false} : BOTH) {
                for (boolean barred : a.isEmpty() || m0 == 0 ? new boolean[] {false} : BOTH) {
                  Before before = new Before(a, aEmail, aPays, m0, m1, mPays, barred);
                  for (String email : List.of("", "e@x.com", "none")) {
                    for (String billing : List.of("", "cus_a", "cus_m", "free")) {
                      for (boolean trusted : BOTH) {
                        for (String more :
                            List.of(
                                "",
                                "merges=0",
                                "merge_on_email_change=off",
                                "match_on_billing_id=on",
                                "emails=unique")) {
                          if (more.equals("emails=unique") && before.holders() > 1) {
                            continue;
                          }
                          String row = row(before, email, billing, trusted, more);
                          String claim =
                              (trusted ? "" : "untrusted ")
                                  + "identify id1"
                                  + (email.isEmpty() ? "" : " email=" + email)
                                  + (billing.isEmpty() ? "" : " billing=" + billing)
                                  + " @10:10";
                          expect(row, before.text(more), claim);
                          rows.add(row);
                          cases++;
                        }
                      }
                    }
                  }
                }
              }
            }
          }
        }
      }
    }
    assertThat(cases).isGreaterThan(10_000);
    assertThat(rows)
        .containsExactlyInAnyOrder(
            "K1", "K2", "K3", "K4", "K4b", "K5", "K6", "K7", "K8", "K9", "K10", "K10b", "K11",
            "K12", "K13", "K14");
  }

  /**
   * The users before: a, with an id-less customer beside it whose email is e@x.com, and the like.
   *
   * @param mPays the first of the id-less users is the Stripe customer cus_m; else it is a Zendesk
   *     requester
   */
  private record Before(
      String a, String aEmail, boolean aPays, int m0, int m1, boolean mPays, boolean barred) {

    boolean known() {
      return !a.isEmpty();
    }

    boolean hasE() {
      return aEmail.startsWith("e@");
    }

    int holders() {
      return m0 + m1 + (hasE() ? 1 : 0);
    }

    String text(String switches) {
      StringBuilder text = new StringBuilder(switches.isEmpty() ? "" : "[" + switches + "] ");
      int n = 1;
      if (known()) {
        text.append("u1{")
            .append(a)
            .append(aEmail.isEmpty() ? "" : " email=" + aEmail)
            .append(aPays ? " stripe=cus_a" : "")
            .append("} ");
        n++;
      }
      for (int i = 0; i < m0; i++) {
        text.append("u")
            .append(n++)
            .append(i == 0 && mPays ? "{stripe=cus_m" : "{zendesk=" + i)
            .append(" email=e@x.com")
            .append(i == 0 && barred ? " bars=u1" : "")
            .append("} ");
      }
      for (int i = 0; i < m1; i++) {
        text.append("u").append(n++).append("{ext=other").append(i).append(" email=e@x.com} ");
      }
      return text.toString();
    }
  }

  private static String row(
      Before before, String email, String billing, boolean trusted, String more) {
    boolean older = before.aEmail().endsWith("(10:30)");
    boolean e = email.equals("e@x.com") && !older;
    boolean byBilling =
        more.equals("match_on_billing_id=on") && billing.equals("cus_m") && before.mPays();
    if (!e && !byBilling) {
      return before.known() ? "K2" : "K1";
    }
    int m0 = e ? before.m0() : 1;
    int m1 = e ? before.m1() : 0;
    if (!before.known()) {
      if (m0 == 0) {
        return m1 == 0 ? "K3" : "K5";
      }
      if (m0 == 1 && m1 == 0) {
        return trusted ? "K4" : "K4b";
      }
      return m0 == 1 ? "K6" : m1 == 0 ? "K7" : "K8";
    }
    if (m0 == 1 && m1 == 0) {
      boolean twoCustomers = before.aPays() && before.mPays() && !billing.equals("cus_m");
      boolean changes =
          e && more.equals("merge_on_email_change=off") && before.aEmail().startsWith("f@");
      boolean allowed =
          trusted && !before.barred() && !twoCustomers && !more.equals("merges=0") && !changes;
      return allowed ? "K10" : "K10b";
    }
    if (m0 == 0) {
      return m1 == 0 ? "K9" : "K11";
    }
    return m0 == 1 ? "K12" : m1 == 0 ? "K13" : "K14";
  }

  /** A billing provider's customer. */
  @Test
  void customerMeetsTheRowThatItsColumnsName() {
    for (String holder :
        List.of(
            "",
            "ext=id1 stripe=cus_1",
            "stripe=cus_1",
            "ext=id1 stripe=cus_2 stripe+cus_1",
            "ext=id1 billing=cus_1")) {
      for (List<String> others :
          some(
              List.of(
                  "ext=id%d",
                  "zendesk=%d",
                  "ext=id%d stripe=old%<d",
                  "ext=id%d stripe=old%<d(deleted)",
                  "chargebee=%d"))) {
        for (String email : List.of("", " email=e@x.com", " email=none")) {
          String before = users(holder, others);
          boolean e = email.contains("@") && !others.isEmpty();
          boolean live = others.stream().anyMatch(other -> other.matches(".*stripe=old\\d"));
          String row =
              !holder.isEmpty() ? "S1" : !e ? "S4" : others.size() == 1 && !live ? "S2" : "S3";
          expect(row, before, "stripe cus_1" + email);
          boolean known = !holder.isEmpty();
          expect("S5", known ? before : "u1{ext=id1 stripe=cus_1}", "stripe cus_1 deleted");
        }
      }
    }
  }

  /** A tool's record. */
  @Test
  void recordMeetsTheRowThatItsColumnsName() {
    for (String linked : List.of("", "zendesk=5", "ext=id1 zendesk=5", "ext=id8 zendesk=5")) {
      for (boolean known : linked.startsWith("ext=id1") ? new boolean[] {false} : BOTH) {
        for (String x : List.of("", "id1")) {
          for (List<String> others : some(List.of("ext=o%d", "hubspot=%d", "stripe=%d"))) {
            for (String email : List.of("", " email=e@x.com")) {
              for (boolean trusted : BOTH) {
                Found found =
                    new Found(
                        linked,
                        known || linked.startsWith("ext=id1"),
                        !x.isEmpty(),
                        email.isEmpty() ? List.of() : others,
                        trusted);
                List<String> users = new ArrayList<>();
                if (!linked.isEmpty()) {
                  users.add("{" + linked + "}");
                }
                if (known) {
                  users.add("{ext=id1}");
                }
                others.forEach(other -> users.add("{" + other + " email=e@x.com}"));
                StringBuilder before = new StringBuilder();
                for (int i = 0; i < users.size(); i++) {
                  before.append("u").append(i + 1).append(users.get(i)).append(' ');
                }
                String claim =
                    (trusted ? "" : "untrusted ")
                        + "zendesk 5"
                        + (x.isEmpty() ? "" : " ext=id1")
                        + email;
                expect(found.row(), before.toString(), claim);
              }
            }
          }
        }
      }
    }
  }

  /**
   * What a record's keys find: whether X's user is known, whether the record names X, and the
   * others that have E.
   */
  private record Found(
      String linked, boolean known, boolean x, List<String> others, boolean trusted) {
    String row() {
      long m1 = others.stream().filter(other -> other.startsWith("ext")).count();
      long m0 = others.size() - m1;
      if (!linked.isEmpty()) {
        if (!x || linked.startsWith("ext=id1")) {
          return "R1";
        }
        if (linked.startsWith("zendesk")) {
          return !known ? "R1a" : trusted ? "R1b" : "R1c";
        }
        return "R1c";
      }
      if (x && known) {
        return m0 == 1 && m1 == 0 && trusted ? "R6" : "R2";
      }
      if (others.isEmpty()) {
        return "R4";
      }
      if (!x) {
        return others.size() == 1 ? "R3" : "R5";
      }
      return m0 == 1 && m1 == 0 && trusted ? "R3b" : "R3c";
    }
  }

  private static String users(String first, List<String> others) {
    StringBuilder users = new StringBuilder(first.isEmpty() ? "" : "u9{" + first + "} ");
    int n = 10;
    for (String other : others) {
      users.append("u").append(n++).append('{').append(other).append(" email=e@x.com} ");
    }
    return users.toString();
  }

  /** No, one or two of these, numbered apart. */
  private static List<List<String>> some(List<String> kinds) {
    List<List<String>> some = new ArrayList<>(List.of(List.of()));
    for (String one : kinds) {
      some.add(List.of(one.formatted(21)));
      for (String other : kinds) {
        some.add(List.of(one.formatted(21), other.formatted(22)));
      }
    }
    return some;
  }
}
