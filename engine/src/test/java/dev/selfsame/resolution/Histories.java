package dev.selfsame.resolution;

import dev.selfsame.identity.Claim;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Short random histories in the words of the spec files, with few identifiers so that they collide;
 * and, where a property fails, the shortest history at which it still does. {@code -Dseed=} starts
 * elsewhere.
 */
final class Histories {

  static final long SEED = Long.getLong("seed", 20_261_121L);

  private static final int TIMES = Integer.getInteger("times", 1);

  /** Claims are values; the same few texts come again and again. */
  private static final Map<String, Claim> CLAIMS = new HashMap<>();

  private Histories() {}

  /** Checks the property, which throws where it does not hold, on many histories. */
  static void forAll(
      int runs, Function<Random, List<String>> generator, Consumer<List<String>> property) {
    for (int run = 0; run < runs * TIMES; run++) {
      long seed = SEED + run;
      List<String> history = generator.apply(new Random(seed));
      Throwable failure = failure(property, history);
      if (failure != null) {
        List<String> shortest =
            shrink(
                history,
                fewer -> {
                  Throwable other = failure(property, fewer);
                  return other != null && other.getClass().equals(failure.getClass());
                });
        throw new AssertionError(
            "-Dseed=%d%n%s".formatted(seed, String.join("\n", shortest)),
            failure(property, shortest));
      }
    }
  }

  private static @Nullable Throwable failure(
      Consumer<List<String>> property, List<String> history) {
    try {
      property.accept(history);
      return null;
    } catch (RuntimeException | AssertionError e) {
      return e;
    }
  }

  /** Leaves out lines, then words after the first two of a line, as long as it still fails. */
  static List<String> shrink(List<String> history, Predicate<List<String>> fails) {
    List<String> best = new ArrayList<>(history);
    for (boolean shorter = true; shorter; ) {
      shorter = false;
      for (int i = best.size() - 1; i >= 0; i--) {
        List<String> fewer = new ArrayList<>(best);
        fewer.remove(i);
        if (fails.test(fewer)) {
          best = fewer;
          shorter = true;
        }
      }
      for (int i = 0; i < best.size(); i++) {
        for (int w = Notation.words(best.get(i)).size() - 1; w >= 2; w--) {
          List<String> words = Notation.words(best.get(i));
          if (words.remove(w).contains("=")) {
            List<String> fewer = new ArrayList<>(best);
            fewer.set(i, String.join(" ", words));
            if (fails.test(fewer)) {
              best = fewer;
              shorter = true;
            }
          }
        }
      }
    }
    return best;
  }

  static Claim claim(String text) {
    return CLAIMS.computeIfAbsent(text, key -> Notation.claim(key, "11:00"));
  }

  /** Some switches and four to twelve claims of every kind. */
  static List<String> any(Random random) {
    List<String> history = new ArrayList<>();
    history.add(
        "[emails="
            + (random.nextBoolean() ? "unique" : "shared")
            + (random.nextInt(4) == 0 ? " merge_on_email_change=off" : "")
            + (random.nextInt(4) == 0 ? " match_on_billing_id=on" : "")
            + (random.nextInt(4) == 0 ? " providers=stripe" : "")
            + (random.nextInt(8) == 0 ? " match_previous_emails=on" : "")
            + (random.nextInt(8) == 0 ? " merges=1" : "")
            + (random.nextInt(8) == 0 ? " identifiers=4" : "")
            + (random.nextInt(3) == 0 ? survivorship(random, "name") : "")
            + (random.nextInt(3) == 0 ? survivorship(random, "email") : "")
            + "]");
    int length = 4 + random.nextInt(9);
    while (history.size() <= length) {
      history.add(anyClaim(random));
    }
    return history;
  }

  private static String survivorship(Random random, String field) {
    return switch (random.nextInt(4)) {
      case 0, 1 -> " first=" + field;
      case 2 -> " %s_by=hubspot,segment,csv".formatted(field);
      default -> " %s_by=stripe,zendesk".formatted(field);
    };
  }

  static String anyClaim(Random random) {
    int kind = random.nextInt(138);
    String untrusted = random.nextInt(8) == 0 ? "untrusted " : "";
    String claim;
    if (kind < 40) {
      claim =
          untrusted
              + "identify id"
              + one(random, 3)
              + email(random)
              + name(random)
              + maybe(random, " billing=" + customer(random));
    } else if (kind < 47) {
      claim = untrusted + "alias id" + one(random, 3) + " -> id" + one(random, 3);
    } else if (kind < 50) {
      claim = "group acme id" + one(random, 3);
    } else if (kind < 51) {
      claim = "may-erase delete id" + one(random, 3);
    } else if (kind < 64) {
      claim =
          (random.nextInt(4) == 0 ? "chargebee " : "stripe ")
              + customer(random)
              + email(random)
              + name(random)
              + (random.nextInt(6) == 0 ? " deleted" : "");
    } else if (kind < 76) {
      claim =
          untrusted
              + "zendesk "
              + one(random, 2)
              + maybe(random, " ext=id" + one(random, 3))
              + email(random)
              + name(random)
              + (random.nextInt(6) == 0 ? " into=" + one(random, 2) : "")
              + (random.nextInt(8) == 0 ? " deleted" : "");
    } else if (kind < 83) {
      claim = "hubspot " + one(random, 2) + email(random) + name(random);
    } else if (kind < 90) {
      claim =
          "row"
              + (random.nextInt(4) == 0 ? " id=u" + one(random, 4) : "")
              + maybe(random, " ext=id" + one(random, 3))
              + email(random)
              + maybe(random, " billing=" + customer(random))
              + name(random);
    } else if (kind < 95) {
      int first = one(random, 4);
      int second = 1 + first % 4;
      boolean three = random.nextInt(4) == 0;
      claim =
          (random.nextInt(3) == 0 ? "lift u" : "keep-apart u")
              + first
              + " u"
              + second
              + (three ? " u" + (1 + second % 4) : "");
    } else if (kind >= 124) {
      claim =
          (random.nextInt(3) == 0 ? "note " : "insight ")
              + (random.nextInt(4) == 0 ? "-" : "id" + one(random, 3))
              + email(random)
              + (random.nextInt(4) == 0 ? " company=acme" : "")
              + (random.nextInt(4) == 0 ? " domain=x.com" : "");
    } else if (kind >= 112) {
      claim =
          "api"
              + (random.nextInt(3) == 0 ? "" : " u" + one(random, 4))
              + (random.nextInt(8) == 0 ? " ext=∅" : maybe(random, " ext=id" + one(random, 3)))
              + (random.nextInt(8) == 0 ? " email=∅" : email(random))
              + (random.nextInt(8) == 0
                  ? " billing=∅"
                  : maybe(random, " billing=" + customer(random)))
              + (random.nextInt(8) == 0 ? " name=∅" : name(random))
              + (random.nextInt(4) == 0 ? " zendesk=" + one(random, 2) : "");
    } else if (kind >= 100) {
      claim =
          (random.nextInt(4) == 0 ? "update-only " : "")
              + untrusted
              + "warehouse "
              + (random.nextInt(4) == 0 ? "-" : "id" + one(random, 3))
              + fallback(random)
              + email(random)
              + name(random);
      claim += accounts(new Random(claim.hashCode()));
    } else {
      int first = one(random, 4);
      int second = 1 + first % 4;
      claim =
          "merge u"
              + first
              + " u"
              + second
              + (random.nextInt(3) == 0 ? " survivor=u" + second : "")
              + (random.nextInt(3) == 0 ? " name=u" + first : "")
              + (random.nextInt(3) == 0 ? " email=u" + second : "");
    }
    return claim + " @10:0" + random.nextInt(10);
  }

  private static String accounts(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> " accounts=acme" + maybe(random, ",initech") + maybe(random, " replace");
      case 1 -> " replace";
      default -> "";
    };
  }

  private static String fallback(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> "";
      case 1 -> " fallback=f" + one(random, 2);
      default -> " fallback-email=" + "abc".charAt(random.nextInt(3)) + "@x.com";
    };
  }

  private static String email(Random random) {
    return random.nextInt(3) == 0 ? "" : " email=" + "abc".charAt(random.nextInt(3)) + "@x.com";
  }

  private static String name(Random random) {
    return random.nextInt(3) == 0 ? " name=" + (random.nextBoolean() ? "Ann" : "Bob") : "";
  }

  private static String customer(Random random) {
    return "cus_" + one(random, 3);
  }

  private static String maybe(Random random, String words) {
    return random.nextBoolean() ? words : "";
  }

  private static int one(Random random, int of) {
    return 1 + random.nextInt(of);
  }
}
