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

  /** Segment's identify of id1, whose user is a; e@x.com is the email that others may have. */
  @Test
  void identifyMeetsTheRowThatItsColumnsName() {
    Set<String> rows = new TreeSet<>();
    int cases = 0;
    Every every = new Every();
    do {
      Identified state = Identified.one(every);
      if (state.more.equals("emails=unique") && state.holders() > 1) {
        continue;
      }
      Decision decision = expect(state.row(), state.before(), state.claim());
      if (!state.changesEmail()) {
        assertThat(decision.checks().contains(Rule.G2))
            .as("%s | %s: G2", state.before(), state.claim())
            .isEqualTo(state.row().endsWith("b"));
      }
      rows.add(state.row());
      cases++;
    } while (every.next());
    assertThat(cases).isGreaterThan(10_000);
    assertThat(rows)
        .containsExactlyInAnyOrder(
            "K1", "K2", "K3", "K4", "K4b", "K5", "K6", "K7", "K8", "K9", "K10", "K10b", "K11",
            "K12", "K13", "K14");
  }

  /**
   * An identify and the users that it meets.
   *
   * @param a identifiers of the user with the id, or none
   * @param m0 how many others without external id have the email
   * @param m1 how many others with one have it
   * @param mPays the first of the m0 is the Stripe customer cus_m; else it is a Zendesk requester
   */
  private record Identified(
      String a,
      String aEmail,
      boolean aPays,
      int m0,
      int m1,
      boolean mPays,
      boolean barred,
      String email,
      String billing,
      boolean trusted,
      String more) {

    static Identified one(Every every) {
      String a = every.of("", "ext=id1", "ext=id9 ext+id1");
      int m0 = every.of(0, 1, 2);
      boolean known = !a.isEmpty();
      return new Identified(
          a,
          known ? every.of("", "e@x.com(09:00)", "f@x.com(09:00)", "f@x.com(10:30)") : "",
          known && every.bool(),
          m0,
          every.of(0, 1, 2),
          m0 > 0 && every.bool(),
          known && m0 > 0 && every.bool(),
          every.of("", "e@x.com", "none"),
          every.of("", "cus_a", "cus_m", "free"),
          every.bool(),
          every.of(
              "",
              "merges=0",
              "merge_on_email_change=off",
              "match_on_billing_id=on",
              "emails=unique"));
    }

    boolean known() {
      return !a.isEmpty();
    }

    int holders() {
      return m0 + m1 + (aEmail.startsWith("e@") ? 1 : 0);
    }

    boolean changesEmail() {
      return email.equals("e@x.com")
          && more.equals("merge_on_email_change=off")
          && aEmail.startsWith("f@");
    }

    String row() {
      boolean byEmail = email.equals("e@x.com") && !aEmail.endsWith("(10:30)");
      boolean byBilling = more.equals("match_on_billing_id=on") && billing.equals("cus_m") && mPays;
      if (!byEmail && !byBilling) {
        return known() ? "K2" : "K1";
      }
      int idless = byBilling ? 1 : m0;
      int others = byEmail ? m1 : 0;
      if (idless == 1 && others == 0) {
        boolean paysElsewhere = aPays || !billing.isEmpty();
        boolean twoCustomers = mPays && paysElsewhere && !billing.equals("cus_m");
        boolean mayMerge = !barred && !twoCustomers && !more.equals("merges=0") && !changesEmail();
        if (known()) {
          return trusted && mayMerge ? "K10" : "K10b";
        }
        return trusted && !twoCustomers ? "K4" : "K4b";
      }
      List<String> table =
          known()
              ? List.of("K9", "K11", "K12", "K13", "K14")
              : List.of("K3", "K5", "K6", "K7", "K8");
      int row = idless == 0 ? Math.min(others, 1) : idless == 1 ? 2 : others == 0 ? 3 : 4;
      return table.get(row);
    }

    String before() {
      List<String> users = new ArrayList<>();
      if (known()) {
        users.add(
            a + (aEmail.isEmpty() ? "" : " email=" + aEmail) + (aPays ? " stripe=cus_a" : ""));
      }
      for (int i = 0; i < m0; i++) {
        users.add(
            (i == 0 && mPays ? "stripe=cus_m" : "zendesk=" + i)
                + " email=e@x.com"
                + (i == 0 && barred ? " bars=u1" : ""));
      }
      for (int i = 0; i < m1; i++) {
        users.add("ext=other" + i + " email=e@x.com");
      }
      return (more.isEmpty() ? "" : "[" + more + "] ") + numbered(users);
    }

    String claim() {
      return (trusted ? "" : "untrusted ")
          + "identify id1"
          + (email.isEmpty() ? "" : " email=" + email)
          + (billing.isEmpty() ? "" : " billing=" + billing)
          + " @10:10";
    }
  }

  /** Stripe's customer cus_1, with the email e@x.com or none that counts. */
  @Test
  void customerMeetsTheRowThatItsColumnsName() {
    Every every = new Every();
    do {
      String holder =
          every.of(
              "",
              "ext=id1 stripe=cus_1",
              "stripe=cus_1",
              "ext=id1 stripe=cus_2 stripe+cus_1",
              "ext=id1 billing=cus_1");
      List<String> others =
          others(
              every,
              "ext=i%d",
              "zendesk=%d",
              "ext=i%d stripe=old%<d",
              "ext=i%d stripe=old%<d(deleted)",
              "chargebee=%d");
      String email = every.of("", " email=e@x.com", " email=none");
      boolean met = email.contains("@") && !others.isEmpty();
      boolean live = others.stream().anyMatch(other -> other.matches(".*stripe=old\\d .*"));
      List<String> users = new ArrayList<>(others);
      if (!holder.isEmpty()) {
        users.add(holder);
      }
      String row =
          !holder.isEmpty() ? "S1" : !met ? "S4" : others.size() == 1 && !live ? "S2" : "S3";
      expect(row, numbered(users), "stripe cus_1" + email);
      if (!holder.isEmpty()) {
        expect("S5", numbered(users), "stripe cus_1 deleted");
      }
    } while (every.next());
  }

  /** Zendesk's record 5, with the external id id1 or none, and the email e@x.com or none. */
  @Test
  void recordMeetsTheRowThatItsColumnsName() {
    Every every = new Every();
    do {
      String linked = every.of("", "zendesk=5", "ext=id1 zendesk=5", "ext=id8 zendesk=5");
      boolean known = !linked.startsWith("ext=id1") && every.bool();
      boolean names = every.bool();
      boolean trusted = every.bool();
      String email = every.of("", " email=e@x.com");
      List<String> others = others(every, "ext=o%d", "hubspot=%d", "stripe=%d");
      List<String> users = new ArrayList<>(others);
      if (!linked.isEmpty()) {
        users.add(linked);
      }
      if (known) {
        users.add("ext=id1");
      }
      String row =
          linked.isEmpty()
              ? unlinked(names, known, trusted, email.isEmpty() ? List.of() : others)
              : linked(linked, names, known, trusted);
      expect(
          row,
          numbered(users),
          (trusted ? "" : "untrusted ") + "zendesk 5" + (names ? " ext=id1" : "") + email);
    } while (every.next());
  }

  /** A row with the external id id1 or none, and the fallback f1, e@x.com or none. */
  @Test
  void warehouseRowMeetsTheRowThatItsColumnsName() {
    Set<String> rows = new TreeSet<>();
    Every every = new Every();
    do {
      boolean given = every.bool();
      String a = given ? every.of("", "ext=id1", "ext=id9 ext+id1", "ext=id1 fallback=%s") : "";
      String value = every.of("", "f1", "e@x.com");
      boolean email = value.contains("@") && every.bool();
      String holder =
          value.isEmpty() || a.contains("fallback")
              ? ""
              : every.of("", "fallback=%s", "ext=id5 fallback=%s");
      List<String> others = others(every, "ext=o%d", "stripe=%d");
      boolean barred = a.startsWith("ext") && every.bool();
      boolean trusted = every.bool();
      boolean creates = every.bool();
      List<String> users = new ArrayList<>();
      if (!a.isEmpty()) {
        users.add(a.formatted(value.isEmpty() ? "f0" : value));
      }
      if (!holder.isEmpty()) {
        users.add(holder.formatted(value));
      }
      users.addAll(others);
      if (barred) {
        for (int i = 1; i < users.size(); i++) {
          users.set(i, users.get(i) + " bars=u1");
        }
      }
      boolean held = !holder.isEmpty() || (a.contains("fallback") && !value.isEmpty());
      List<String> named =
          !holder.isEmpty() ? List.of(holder) : email && !held ? others : List.<String>of();
      boolean oneIdless = named.size() == 1 && !named.getFirst().startsWith("ext");
      String row;
      if (!given) {
        row = value.isEmpty() ? "V7" : named.size() == 1 ? "V5" : named.isEmpty() ? "V6" : "V5b";
      } else if (a.isEmpty()) {
        row = oneIdless && trusted ? "V3" : named.isEmpty() ? "V4" : "V8";
      } else if (oneIdless) {
        row = trusted && !barred ? "V2" : "V2b";
      } else {
        row = named.isEmpty() ? "V1" : "V2c";
      }
      Decision decision =
          expect(
              row,
              numbered(users),
              (trusted ? "" : "untrusted ")
                  + (creates ? "" : "update-only ")
                  + "warehouse "
                  + (given ? "id1" : "-")
                  + (value.isEmpty() ? "" : (email ? " fallback-email=" : " fallback=") + value));
      boolean makes = Set.of("V4", "V6", "V8").contains(row);
      assertThat(decision.outcome() == Outcome.CREATED).isEqualTo(makes && creates);
      assertThat(decision.reason() == Reason.UPDATE_ONLY).isEqualTo(makes && !creates);
      rows.add(row);
    } while (every.next());
    assertThat(rows)
        .containsExactlyInAnyOrder(
            "V1", "V2", "V2b", "V2c", "V3", "V4", "V5", "V5b", "V6", "V7", "V8");
  }

  private static String linked(String linked, boolean names, boolean known, boolean trusted) {
    if (!names || linked.startsWith("ext=id1")) {
      return "R1";
    }
    if (linked.startsWith("ext=id8")) {
      return "R1c";
    }
    return !known ? "R1a" : trusted ? "R1b" : "R1c";
  }

  private static String unlinked(
      boolean names, boolean known, boolean trusted, List<String> others) {
    boolean oneIdless = others.size() == 1 && !others.getFirst().startsWith("ext") && trusted;
    if (names && known) {
      return oneIdless ? "R6" : "R2";
    }
    if (others.isEmpty()) {
      return "R4";
    }
    if (names) {
      return oneIdless ? "R3b" : "R3c";
    }
    return others.size() == 1 ? "R3" : "R5";
  }

  /** The Users API's word on a user, u1, or on a new one; u2 has what is asked for, or nobody. */
  @Test
  void callMeetsTheRowThatItsColumnsName() {
    Set<String> rows = new TreeSet<>();
    Every every = new Every();
    do {
      boolean unique = every.bool();
      boolean creates = every.bool();
      String own = creates ? "" : every.of("stripe=cus_9", "ext=id9", "ext=id9 ext+id1");
      String externalId = every.of("", " ext=id1", " ext=id9", " ext=∅", " ext=none");
      boolean theirs = !own.contains("id1") && every.bool();
      String email = every.of("", " email=e@x.com", " email=∅");
      boolean shared = every.bool();
      String billing = every.of("", " billing=cus_1");
      boolean paid = every.bool();
      if (own.contains("id9") && theirs && externalId.contains("id9")) {
        continue;
      }
      String other =
          (theirs ? "ext=id1" : "zendesk=5")
              + (shared ? " email=e@x.com" : "")
              + (paid ? " stripe=cus_1" : "");
      boolean externalIdTaken = externalId.contains("id1") && theirs;
      boolean emailTaken = unique && shared && email.contains("@");
      boolean billingIdTaken = paid && !billing.isEmpty();
      boolean named = externalId.contains("id1") || externalId.contains("id9");
      String row;
      if (externalId.contains("none")
          || (creates && !named && !email.contains("@") && billing.isEmpty())) {
        row = "A7";
      } else if (externalIdTaken) {
        row = "A1";
      } else if (emailTaken) {
        row = "A2";
      } else if (billingIdTaken) {
        row = "A3";
      } else if (creates) {
        row = "A8";
      } else if (own.contains("ext") && externalId.contains("∅")) {
        row = "A5";
      } else {
        row = own.contains("ext") && externalId.contains("id1") ? "A4" : "A9";
      }
      Decision decision =
          expect(
              row,
              (unique ? "[emails=unique] " : "")
                  + (creates ? numbered(List.of(other)) : numbered(List.of(own, other))),
              "api" + (creates ? "" : " u1") + externalId + email + billing);
      if (row.equals("A1")) {
        assertThat(decision.checks().contains(Rule.A2)).isEqualTo(emailTaken);
        assertThat(decision.checks().contains(Rule.A3)).isEqualTo(billingIdTaken);
      }
      rows.add(row);
    } while (every.next());
    assertThat(rows).containsExactlyInAnyOrder("A1", "A2", "A3", "A4", "A5", "A7", "A8", "A9");
  }

  /** A note on id1 and e@x.com, by both channels, in both modes of emails. */
  @Test
  void noteMeetsTheRowThatItsColumnsName() {
    Set<String> rows = new TreeSet<>();
    Set<String> refusedRows = new TreeSet<>();
    Every every = new Every();
    do {
      boolean unique = every.bool();
      boolean lenient = every.bool();
      boolean given = every.bool();
      boolean email = every.bool();
      String a =
          every.of(
              "", "ext=id1", "ext=id1 email=e@x.com", "ext=id1 email=o@x.com", "ext=id9 ext+id1");
      List<String> others = others(every, "stripe=cus_%d", "ext=id2%d");
      String company = every.of("", " company=acme", " company=ace");
      boolean belongs = !a.isEmpty() && every.bool();
      boolean has = a.contains("e@x.com");
      if (unique && others.size() + (has ? 1 : 0) > 1) {
        continue;
      }
      int holders = others.size() + (has ? 1 : 0);
      List<String> users = new ArrayList<>(a.isEmpty() ? List.of() : List.of(a));
      users.addAll(others);
      String row;
      if (!given) {
        row = !email ? "P0" : holders == 0 ? "P2" : holders == 1 ? "P1" : "P11";
      } else if (!a.isEmpty()) {
        row =
            !email ? "P1" : has ? "P3" : !others.isEmpty() ? "P6" : a.contains("o@x") ? "P5" : "P4";
      } else if (!email) {
        row = "P2";
      } else if (others.size() == 1) {
        row = others.getFirst().contains("ext") ? "P8" : "P7";
      } else {
        row = others.isEmpty() ? "P9" : "P10";
      }
      boolean aboutA = given ? !a.isEmpty() : row.equals("P1") && has;
      boolean differs = aboutA && belongs && company.contains("ace");
      boolean refused = !lenient && Set.of("P5", "P6", "P8", "P10", "P11").contains(row);
      String decided = refused || lenient || !differs ? row : "P12";
      Decision decision =
          expect(
              decided,
              (unique ? "[emails=unique] " : "")
                  + numbered(users)
                  + "account acme{"
                  + (belongs ? "users=u1" : "")
                  + "}",
              (lenient ? "insight " : "note ")
                  + (given ? "id1" : "-")
                  + (email ? " email=e@x.com" : "")
                  + company);
      assertThat(decision.reason() != null).isEqualTo(refused || decided.equals("P12"));
      assertThat(decision.checks().contains(Rule.P12)).isEqualTo(differs && !decided.equals("P12"));
      if (decision.reason() != null) {
        assertThat(decision.users()).isEmpty();
        assertThat(decision.accounts()).isEmpty();
        assertThat(decision.links()).isEmpty();
        refusedRows.add(decided);
      }
      rows.add(decided);
    } while (every.next());
    assertThat(rows)
        .containsExactlyInAnyOrder(
            "P0", "P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "P9", "P10", "P11", "P12");
    assertThat(refusedRows).containsExactlyInAnyOrder("P5", "P6", "P8", "P10", "P11", "P12");
  }

  /** None, one or two users that have the email. */
  private static List<String> others(Every every, String... kinds) {
    List<String> others = new ArrayList<>();
    int count = every.of(0, 1, 2);
    for (int i = 0; i < count; i++) {
      others.add(every.of(kinds).formatted(i) + " email=e@x.com");
    }
    return others;
  }

  private static String numbered(List<String> users) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < users.size(); i++) {
      text.append("u").append(i + 1).append('{').append(users.get(i)).append("} ");
    }
    return text.toString();
  }

  private static Decision expect(String row, String before, String claim) {
    Space space = new Space();
    Notation.fill(space, before);
    Decision decision = space.apply(Histories.claim(claim));
    boolean unnamed = decision.flags().stream().anyMatch(flag -> flag.kind() == Flag.Kind.NO_ROW);
    if (!decision.rule().code().equals(row) || unnamed || !space.broken().isEmpty()) {
      throw new AssertionError(
          "%s | %s%nexpected %s, got %s %s"
              .formatted(before, claim, row, decision.rule().code(), space.broken()));
    }
    return decision;
  }
}
