package dev.selfsame.resolution;

import dev.selfsame.identity.Held;
import dev.selfsame.identity.Identifier;
import dev.selfsame.identity.User;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Where no rule refuses, users are the connected components of what the claims say. The claims that
 * no rule refuses: person n has the id id&lt;n&gt;, the email &lt;n&gt;@x.com, a Zendesk record
 * with both, a HubSpot record with the email alone, and no billing id (G2). By alias and by hand
 * only users are joined that have both: an id-less user with two persons' emails could not be
 * adopted by the second (K5), and a record's email fills no gap where the user has another's (G5).
 */
final class PartitionTest {

  private static final int PERSONS = 5;

  @Test
  void usersAreTheConnectedComponents() {
    Histories.forAll(4_000, PartitionTest::history, PartitionTest::check);
  }

  private static List<String> history(Random random) {
    List<String> history = new ArrayList<>();
    history.add("[emails=" + (random.nextBoolean() ? "unique]" : "shared]"));
    int length = 4 + random.nextInt(16);
    for (int i = 0; i < length; i++) {
      int n = 1 + random.nextInt(PERSONS);
      int m = 1 + random.nextInt(PERSONS);
      history.add(
          switch (random.nextInt(10)) {
            case 0 -> "identify id" + n;
            case 1, 2, 3 -> "identify id" + n + " email=" + n + "@x.com";
            case 4, 5 -> "zendesk " + n + " ext=id" + n + " email=" + n + "@x.com";
            case 6, 7 -> "hubspot " + n + " email=" + n + "@x.com";
            case 8 -> "alias id" + n + " -> id" + m;
            default -> "merge id" + n + " id" + m;
          });
    }
    return history;
  }

  private static void check(List<String> history) {
    Space space = new Space();
    Map<String, String> up = new HashMap<>();
    for (String line : history) {
      List<String> words = Notation.words(line);
      switch (words.getFirst()) {
        case "identify" -> {
          space.apply(Histories.claim(line));
          link(
              up,
              "external_id:" + words.get(1),
              words.size() > 2 ? email(words.get(2)) : "external_id:" + words.get(1));
        }
        case "zendesk" -> {
          space.apply(Histories.claim(line));
          link(up, "zendesk_id:" + words.get(1), "external_id:id" + words.get(1));
          link(up, "zendesk_id:" + words.get(1), email(words.get(3)));
        }
        case "hubspot" -> {
          space.apply(Histories.claim(line));
          link(up, "hubspot_id:" + words.get(1), email(words.get(2)));
        }
        case "alias" -> {
          User previous = known(space, words.get(1));
          User user = known(space, words.get(3));
          if (previous != null && user != null) {
            space.apply(Histories.claim(line));
            link(up, "external_id:" + words.get(1), "external_id:" + words.get(3));
          }
        }
        case "merge" -> {
          User one = known(space, words.get(1));
          User other = known(space, words.get(2));
          if (one != null && other != null && !one.equals(other)) {
            space.apply(
                Histories.claim("merge " + Space.label(one.id()) + " " + Space.label(other.id())));
            link(up, "external_id:" + words.get(1), "external_id:" + words.get(2));
          }
        }
        default -> Notation.fill(space, line);
      }
    }
    Map<String, TreeSet<String>> expected = new TreeMap<>();
    up.keySet()
        .forEach(identifier ->
            expected.computeIfAbsent(top(up, identifier), key -> new TreeSet<>()).add(identifier));
    TreeSet<String> components = new TreeSet<>();
    expected.values().forEach(component -> components.add(component.toString()));
    TreeSet<String> users = new TreeSet<>();
    for (User user : space.all()) {
      TreeSet<String> identifiers = new TreeSet<>();
      for (Held held : user.identifiers()) {
        identifiers.add(held.id().toString());
      }
      users.add(identifiers.toString());
    }
    if (!users.equals(components)) {
      throw new AssertionError("users      %s%ncomponents %s".formatted(users, components));
    }
  }

  /** The user with this id, if it is also known by its person's email. */
  private static @Nullable User known(Space space, String id) {
    User user = space.users.holder(Identifier.externalId(id));
    Identifier email = Identifier.email(id.substring(2) + "@x.com");
    return user != null && user.holder(email) != null ? user : null;
  }

  private static String email(String word) {
    return word.replace('=', ':');
  }

  private static void link(Map<String, String> up, String one, String other) {
    up.putIfAbsent(one, one);
    up.putIfAbsent(other, other);
    up.put(top(up, one), top(up, other));
  }

  private static String top(Map<String, String> up, String identifier) {
    String top = identifier;
    for (String next = up.get(top); next != null && !next.equals(top); next = up.get(top)) {
      top = next;
    }
    return top;
  }
}
