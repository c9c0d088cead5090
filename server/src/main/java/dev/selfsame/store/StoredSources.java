package dev.selfsame.store;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Nearest;
import dev.selfsame.error.Problem;
import dev.selfsame.identity.Channel;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.Source;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** The sources of a space, and their settings. */
public final class StoredSources {

  private StoredSources() {}

  /**
   * The source of that name, made where there is none. One that is there stays as it is set, but
   * that its external id is ours may be said later too.
   *
   * @param wanted its number is not looked at: the space gives it one
   */
  public static Source ensure(Database database, String space, Source wanted) {
    return database.write(handle -> {
      int number =
          handle
              .createQuery("SELECT number FROM selfsame.space WHERE name = :space FOR UPDATE")
              .bind("space", space)
              .mapTo(Integer.class)
              .one();
      Source there = find(SpaceSettings.read(handle.getConnection(), space), wanted.name());
      if (there == null) {
        add(handle, number, wanted);
      } else if (wanted.externalIdIsOurs() && !there.externalIdIsOurs()) {
        handle
            .createUpdate(
                """
                UPDATE selfsame.source SET settings = settings || '{"external_id_is_ours": true}'
                WHERE space = :space AND number = :number
                """)
            .bind("space", number)
            .bind("number", there.number())
            .execute();
      } else {
        return there;
      }
      // Which sources there are is part of what claims are decided under.
      PolicyVersions.sourcesChanged(handle, number);
      Source made = find(SpaceSettings.read(handle.getConnection(), space), wanted.name());
      if (made == null) {
        throw new IllegalStateException("The source %s was not made".formatted(wanted.name()));
      }
      return made;
    });
  }

  private static void add(Handle handle, int space, Source wanted) {
    ObjectNode settings = Json.MAPPER.createObjectNode();
    IdentifierType idType = wanted.idType();
    if (idType != null) {
      settings.put("id_type", idType.name());
    }
    settings.put("trusted", wanted.trusted());
    if (!wanted.createsUsers()) {
      settings.put(PolicySettings.CREATES_USERS, false);
    }
    settings.put("external_id_is_ours", wanted.externalIdIsOurs());
    handle
        .createUpdate(
            """
            INSERT INTO selfsame.source (space, number, name, channel, settings)
            SELECT :space, max(number) + 1, :name, :channel, :settings::jsonb FROM selfsame.source WHERE space = :space
            """)
        .bind("space", space)
        .bind("name", wanted.name())
        .bind("channel", wanted.channel().name().toLowerCase(Locale.ROOT))
        .bind("settings", settings.toString())
        .execute();
  }

  /**
   * Says whether rows and records of a source may create users: a version of the policy.
   *
   * @return false if it was so already
   */
  static boolean createUsers(Handle handle, int space, int source, boolean creates) {
    int changed =
        handle
            .createUpdate(
                "UPDATE selfsame.source SET settings = settings ||"
                    + " jsonb_build_object(:setting::text, :creates) WHERE space = :space AND"
                    + " number = :source AND coalesce((settings ->> :setting)::boolean, true) <>"
                    + " :creates")
            .bind("setting", PolicySettings.CREATES_USERS)
            .bind("creates", creates)
            .bind("space", space)
            .bind("source", source)
            .execute();
    if (changed > 0) {
      PolicyVersions.sourcesChanged(handle, space);
    }
    return changed > 0;
  }

  /** A source of Segment's, and whether its page and screen events become rows. */
  public record Visited(String source, boolean lands) {}

  /** All of Segment's sources, by name. */
  public static List<Visited> visited(Database database, String space) {
    return database.read(handle -> visited(SpaceSettings.read(handle.getConnection(), space)));
  }

  private static List<Visited> visited(SpaceSettings space) {
    return space.sources().values().stream()
        .filter(source -> source.channel() == Channel.SEGMENT)
        .map(source -> new Visited(source.name(), space.landingVisits().contains(source.number())))
        .sorted(Comparator.comparing(Visited::source))
        .toList();
  }

  /**
   * Says whether page and screen events of a source become rows. Running servers notice it within a
   * second; what is committed after this lands as it says.
   *
   * @return false if it was so already
   * @throws Failure {@code NOT_FOUND} if Segment has no source of that name
   */
  public static boolean landVisits(Database database, String space, String source, boolean lands) {
    return database.write(handle -> {
      int number =
          handle
              .createQuery("SELECT number FROM selfsame.space WHERE name = :space FOR UPDATE")
              .bind("space", space)
              .mapTo(Integer.class)
              .one();
      List<Visited> sources = visited(SpaceSettings.read(handle.getConnection(), space));
      Visited there =
          sources.stream().filter(one -> one.source().equals(source)).findFirst().orElse(null);
      if (there == null) {
        List<String> names = sources.stream().map(Visited::source).toList();
        throw new Failure(
            Problem.NOT_FOUND,
            "No source of Segment's events is called %s; did you mean %s? There are: %s"
                .formatted(source, Nearest.of(source, names), String.join(", ", names)));
      }
      if (there.lands() == lands) {
        return false;
      }
      handle
          .createUpdate(
              "UPDATE selfsame.source SET settings = %s WHERE space = :space AND name = :name"
                  .formatted(
                      lands
                          ? "settings || jsonb_build_object(:setting::text, true)"
                          : "settings - :setting::text"))
          .bind("setting", SpaceSettings.LAND_PAGES)
          .bind("space", number)
          .bind("name", source)
          .execute();
      PolicyVersions.sourcesChanged(handle, number);
      return true;
    });
  }

  private static @Nullable Source find(SpaceSettings space, String name) {
    return space.sources().values().stream()
        .filter(source -> source.name().equals(name))
        .findFirst()
        .orElse(null);
  }
}
