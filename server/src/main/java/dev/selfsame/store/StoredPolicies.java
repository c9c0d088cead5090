package dev.selfsame.store;

import dev.selfsame.access.Actor;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.identity.Channel;
import dev.selfsame.identity.Source;
import dev.selfsame.resolution.Outcome;
import dev.selfsame.resolution.Policy;
import dev.selfsame.resolution.Rule;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The policy of a space and its versions. A change is an act: its row of the ledger, the sources'
 * settings and the new version are one commit under the lock of the space's row, so that each claim
 * is decided under the version before or after it.
 */
public final class StoredPolicies {

  private static final int SHARED_EMAILS = 100;

  /**
   * A version that is kept.
   *
   * @param by who made it; null: it came with the space, or with a source
   * @param position of the act in the ledger, where it was one
   */
  public record Version(int number, @Nullable String by, Instant at, @Nullable Long position) {}

  /** The version that stands, and what it says. */
  public record Standing(Version version, SpaceSettings space) {}

  /**
   * A setting that differs, such as {@code limits.id_characters} or {@code sources.web.trusted}.
   */
  public record Difference(String key, JsonNode before, JsonNode after) {}

  /** Live users that have the same email. */
  public record SharedEmail(String email, List<UUID> users) {
    public SharedEmail {
      users = List.copyOf(users);
    }
  }

  /**
   * What came of a request.
   *
   * @param version that stands now
   * @param made whether a version was made for it
   * @param differences from the version that stood
   * @param shared what stands against {@code emails: unique}: the first of them by email; then
   *     nothing was made
   * @param sharedEmails how many stand against it in all
   */
  public record Change(
      int version,
      boolean made,
      List<Difference> differences,
      List<SharedEmail> shared,
      long sharedEmails) {
    public Change {
      differences = List.copyOf(differences);
      shared = List.copyOf(shared);
    }
  }

  private final Database database;
  private final String space;

  public StoredPolicies(Database database, String space) {
    this.database = database;
    this.space = space;
  }

  public Standing standing() {
    return database.read(handle -> {
      SpaceSettings now = SpaceSettings.read(handle.getConnection(), space);
      return new Standing(versions(handle, now.number(), now.policyVersion(), 1).getFirst(), now);
    });
  }

  /** The versions, the newest first. */
  public List<Version> versions(int limit) {
    return database.read(handle ->
        versions(
            handle,
            SpaceSettings.read(handle.getConnection(), space).number(),
            Integer.MAX_VALUE,
            limit));
  }

  private static List<Version> versions(Handle handle, int space, int to, int limit) {
    return handle
        .createQuery(
            "SELECT version, made_by, made_at, position FROM selfsame.policy WHERE space = :space"
                + " AND version <= :to ORDER BY version DESC LIMIT :limit")
        .bind("space", space)
        .bind("to", to)
        .bind("limit", limit)
        .map((row, context) ->
            new Version(
                row.getInt(1),
                row.getString(2),
                row.getTimestamp(3).toInstant(),
                row.getObject(4, Long.class)))
        .list();
  }

  /** The space as it would be under the request; nothing is written. */
  public SpaceSettings candidate(PolicyRequest request) {
    SpaceSettings now = standing().space();
    Map<Integer, Source> sources = new HashMap<>();
    Set<Integer> landing = new HashSet<>(now.landingVisits());
    for (Source source : now.sources().values()) {
      Map<String, Boolean> said = request.sources().getOrDefault(source.name(), Map.of());
      sources.put(
          source.number(),
          new Source(
              source.number(),
              source.name(),
              source.channel(),
              said.getOrDefault(PolicySettings.TRUSTED, source.trusted()),
              said.getOrDefault(PolicySettings.MAY_ERASE, source.mayErase()),
              source.idType(),
              said.getOrDefault(PolicySettings.EXTERNAL_ID_IS_OURS, source.externalIdIsOurs()),
              said.getOrDefault(PolicySettings.CREATES_USERS, source.createsUsers())));
      Boolean lands = said.get(PolicySettings.LAND_PAGES);
      if (lands != null && lands) {
        landing.add(source.number());
      } else if (lands != null) {
        landing.remove(source.number());
      }
    }
    return new SpaceSettings(
        now.number(),
        now.name(),
        now.position(),
        now.policyVersion() + 1,
        SpaceSettings.policy(now.policyVersion() + 1, request.settings(), sources),
        now.suppressions(),
        now.secret(),
        Map.copyOf(sources),
        Set.copyOf(landing),
        OwnTraits.of(request.settings().get(OwnTraits.KEY)));
  }

  /**
   * Makes the request the policy from now on; returns when it is committed.
   *
   * @param from the version that it was made from; null: whatever stands
   * @param actor who wants it
   * @param dryRun only says what would come of it
   * @throws Failure {@code POLICY_CHANGED}
   */
  public Change change(
      PolicyRequest request, @Nullable Integer from, Actor actor, Instant at, boolean dryRun) {
    return database.write(handle -> {
      int number =
          handle
              .createQuery("SELECT number FROM selfsame.space WHERE name = :space FOR UPDATE")
              .bind("space", space)
              .mapTo(Integer.class)
              .one();
      SpaceSettings now = SpaceSettings.read(handle.getConnection(), space);
      if (from != null && from != now.policyVersion()) {
        throw new Failure(
            Problem.POLICY_CHANGED,
            "The policy was changed meanwhile: version %d stands, not %d. Look at it and try again"
                .formatted(now.policyVersion(), from));
      }
      Policy then = candidate(request).policy();
      List<Difference> differences = differences(now, candidate(request));
      UniqueEmails unique = new UniqueEmails(handle.getConnection(), number);
      boolean anew = otherEmails(now.policy(), then);
      UniqueEmails.Found shared =
          anew && then.uniqueEmails()
              ? unique.shared(then, SHARED_EMAILS)
              : new UniqueEmails.Found(List.of(), 0);
      if (differences.isEmpty() || shared.all() > 0 || dryRun) {
        return new Change(now.policyVersion(), false, differences, shared.first(), shared.all());
      }
      make(handle, now, request, actor, at);
      if (anew) {
        unique.begin(then);
      }
      return new Change(now.policyVersion() + 1, true, differences, List.of(), 0);
    });
  }

  /** Whether it is other emails that belong to one user each. */
  private static boolean otherEmails(Policy now, Policy then) {
    return now.uniqueEmails() != then.uniqueEmails()
        || (then.uniqueEmails()
            && !Set.copyOf(now.neverMatchEmails()).equals(Set.copyOf(then.neverMatchEmails())));
  }

  private static List<Difference> differences(SpaceSettings now, SpaceSettings then) {
    List<Difference> differences = new ArrayList<>();
    differences("", PolicySettings.whole(now), PolicySettings.whole(then), differences);
    return differences;
  }

  private static void differences(
      String path, JsonNode before, JsonNode after, List<Difference> into) {
    before
        .propertyStream()
        .forEach(one -> {
          JsonNode other = Objects.requireNonNull(after.get(one.getKey()));
          if (one.getValue().isObject()) {
            differences(path + one.getKey() + ".", one.getValue(), other, into);
          } else if (!one.getValue().equals(other)) {
            into.add(new Difference(path + one.getKey(), one.getValue(), other));
          }
        });
  }

  private static void make(
      Handle handle, SpaceSettings now, PolicyRequest request, Actor actor, Instant at)
      throws SQLException {
    request
        .sources()
        .forEach((name, settings) -> {
          ObjectNode said = Json.MAPPER.createObjectNode();
          settings.forEach(said::put);
          handle
              .createUpdate(
                  "UPDATE selfsame.source SET settings = settings || :said::jsonb WHERE space ="
                      + " :space AND name = :name")
              .bind("said", said.toString())
              .bind("space", now.number())
              .bind("name", name)
              .execute();
        });
    int version = now.policyVersion() + 1;
    handle
        .createUpdate(
            """
            INSERT INTO selfsame.policy (space, version, settings, made_at, made_by, position)
            SELECT :space, :version, :settings::jsonb || jsonb_build_object('sources', jsonb_object_agg(name, settings)),
              :at, :by, :position
            FROM selfsame.source WHERE space = :space
            """)
        .bind("space", now.number())
        .bind("version", version)
        .bind("settings", request.settings().toString())
        .bind("at", Timestamp.from(at))
        .bind("by", actor.by())
        .bind("position", now.position() + 1)
        .execute();
    handle
        .createUpdate(
            "UPDATE selfsame.space SET position = position + 1, policy_version = :version WHERE"
                + " number = :space")
        .bind("version", version)
        .bind("space", now.number())
        .execute();
    Map<String, Object> payload = new TreeMap<>();
    payload.put("act", "policy");
    payload.put("version", version);
    actor.note(payload);
    long micros = ChronoUnit.MICROS.between(Instant.EPOCH, at);
    handle
        .createUpdate(
            """
            INSERT INTO selfsame.ledger (space, position, at, said_at, source, policy, outcome, rule, payload)
            VALUES (:space, :position, :at, :at, :source, :policy, :outcome, :rule, :payload)
            """)
        .bind("space", now.number())
        .bind("position", now.position() + 1)
        .bind("at", micros)
        .bind("source", acts(now))
        .bind("policy", now.policyVersion())
        .bind("outcome", Outcome.UPDATED.code())
        .bind("rule", Rule.Y1.code())
        .bind("payload", Json.MAPPER.writeValueAsString(payload))
        .execute();
    DecisionCounts counts = new DecisionCounts();
    counts.add(now.position() + 1, micros, acts(now), Rule.Y1, Outcome.UPDATED);
    counts.write(handle.getConnection(), now.number());
  }

  private static int acts(SpaceSettings space) {
    return space.sources().values().stream()
        .filter(source -> source.channel() == Channel.ACT)
        .mapToInt(Source::number)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("The space has no source for acts"));
  }
}
