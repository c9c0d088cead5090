package dev.selfsame.dashboard;

import dev.selfsame.http.Role;
import dev.selfsame.resolution.Rule;
import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What each rule says, for everybody who meets its code. */
final class RulesPage implements Page {

  private static final Map<String, String> TITLES =
      Map.ofEntries(
          Map.entry("K", "Identify events"),
          Map.entry("B", "Billing ids of events"),
          Map.entry("L", "Alias"),
          Map.entry("H", "Groups and accounts"),
          Map.entry("D", "Deleting by event"),
          Map.entry("S", "Billing providers' customers"),
          Map.entry("R", "Tools' records"),
          Map.entry("V", "Rows of files and tables"),
          Map.entry("C", "CSV files"),
          Map.entry("A", "The users API"),
          Map.entry("P", "Notes and insights"),
          Map.entry("M", "By hand"),
          Map.entry("U", "Taking back"),
          Map.entry("F", "Flags"),
          Map.entry("Y", "The policy"),
          Map.entry("E", "Erasing"),
          Map.entry("G", "For all channels"),
          Map.entry("X", "Failures"));

  private final Html html;

  RulesPage(Html html) {
    this.html = html;
  }

  /**
   * What the page shows.
   *
   * @param groups rules by what they are about, each group in the order of its rows
   */
  record View(Frame frame, Map<String, List<Rule>> groups) {}

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.get("/rules", this::show, Role.READ);
  }

  private void show(Context ctx) {
    Map<String, List<Rule>> groups = new LinkedHashMap<>();
    for (Rule rule : Rule.values()) {
      String letter = rule.code().substring(0, 1);
      groups
          .computeIfAbsent(TITLES.getOrDefault(letter, letter), title -> new ArrayList<>())
          .add(rule);
    }
    html.show(ctx, "rules", new View(html.frame(ctx, "Rules", ""), groups));
  }
}
