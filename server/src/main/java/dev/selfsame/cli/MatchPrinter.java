package dev.selfsame.cli;

import dev.selfsame.http.Json;
import dev.selfsame.lookup.Match;
import dev.selfsame.lookup.Match.MatchedId;
import dev.selfsame.lookup.Match.MatchedUser;
import dev.selfsame.store.ReaderQuery.Column;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Prints whom values find, one after the other. */
interface MatchPrinter {

  /**
   * One more.
   *
   * @param asked the value as it was given
   */
  void print(String asked, Match match);

  /** After the last. */
  void end();

  /** For the eye. */
  final class Text implements MatchPrinter {
    private final PrintWriter out;

    Text(PrintWriter out) {
      this.out = out;
    }

    @Override
    public void print(String asked, Match match) {
      out.println(UserText.plain(asked));
      if (match.users().isEmpty()) {
        out.println("  Nobody.");
      }
      for (MatchedUser user : match.users()) {
        out.println(
            "  User %s%s"
                .formatted(
                    user.id(), user.name() == null ? "" : ", " + UserText.plain(user.name())));
        user.ids()
            .forEach((type, ids) ->
                out.println(
                    "    %-15s  %s"
                        .formatted(
                            type,
                            ids.stream()
                                .map(id ->
                                    UserText.plain(id.value()) + (id.current() ? "" : " (former)"))
                                .collect(Collectors.joining(", ")))));
      }
    }

    @Override
    public void end() {}
  }

  /**
   * A row for each value and user; one that finds nobody has a row with nothing else in it. Several
   * ids of one type stand in one cell, the current ones first.
   */
  final class Csv implements MatchPrinter {
    private static final String BETWEEN = ";";

    private final CsvPrinter rows;
    private final List<String> types;

    /** Types of identifiers have a column each. */
    Csv(PrintWriter out, List<String> types) {
      this.rows = new CsvPrinter(out);
      this.types = types.stream().filter(type -> !shown(type)).toList();
      rows.columns(
          Stream.of(
                  List.of("asked", "user_id", "external_id", "email", "name"),
                  this.types,
                  List.of("other_ids"))
              .flatMap(List::stream)
              .map(name -> new Column(name, "text"))
              .toList());
    }

    private static boolean shown(String type) {
      return type.equals("external_id") || type.equals("email");
    }

    @Override
    public void print(String asked, Match match) {
      if (match.users().isEmpty()) {
        rows.row(row(asked, null));
      }
      match.users().forEach(user -> rows.row(row(asked, user)));
    }

    private @Nullable String[] row(String asked, @Nullable MatchedUser user) {
      List<@Nullable String> row = new ArrayList<>();
      row.add(asked);
      row.add(user == null ? null : user.id().toString());
      row.add(user == null ? null : user.externalId());
      row.add(user == null ? null : user.email());
      row.add(user == null ? null : user.name());
      for (String type : types) {
        row.add(
            user == null
                ? null
                : cell(user.ids().getOrDefault(type, List.of()).stream().map(MatchedId::value)));
      }
      row.add(
          user == null
              ? null
              : cell(user.ids().entrySet().stream().flatMap(of -> others(user, of))));
      return row.toArray(new @Nullable String[0]);
    }

    /** Aliases, emails beside the one that shows, and types without a column. */
    private Stream<String> others(MatchedUser user, Map.Entry<String, List<MatchedId>> of) {
      String type = of.getKey();
      if (types.contains(type)) {
        return Stream.empty();
      }
      String shown =
          type.equals("external_id")
              ? user.externalId()
              : type.equals("email") ? user.email() : null;
      return of.getValue().stream()
          .map(MatchedId::value)
          .filter(value -> !value.equals(shown))
          .map(value -> type + ":" + value);
    }

    private static @Nullable String cell(Stream<String> values) {
      String cell = values.collect(Collectors.joining(BETWEEN));
      return cell.isEmpty() ? null : cell;
    }

    @Override
    public void end() {
      rows.end();
    }
  }

  /** One array with an object for each value, one a line, as REST answers them. */
  final class JsonArray implements MatchPrinter {
    private final PrintWriter out;
    private boolean first = true;

    JsonArray(PrintWriter out) {
      this.out = out;
    }

    @Override
    public void print(String asked, Match match) {
      out.print(first ? "[\n" : ",\n");
      out.print(Json.mapper().writeValueAsString(match));
      first = false;
    }

    @Override
    public void end() {
      out.print(first ? "[]\n" : "\n]\n");
    }
  }
}
