package dev.selfsame.store;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.identity.Channel;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.Source;
import dev.selfsame.resolution.BlockedValues;
import dev.selfsame.resolution.Policy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What a space's claims are decided under, as of one ledger position.
 *
 * @param suppressions how many identifiers are barred by erasures
 * @param secret keys the hashes of barred identifiers
 * @param sources by number
 * @param landingVisits the sources whose page and screen events become rows
 * @param traits which of them become users' own
 */
@SuppressWarnings("ArrayRecordComponent") // Nobody compares settings.
public record SpaceSettings(
    int number,
    String name,
    long position,
    int policyVersion,
    Policy policy,
    int suppressions,
    byte[] secret,
    Map<Integer, Source> sources,
    Set<Integer> landingVisits,
    OwnTraits traits) {

  /** What a source's settings call it that its page and screen events become rows. */
  static final String LAND_PAGES = "land_pages";

  /** Rows land in the space that is there from the start alone. */
  private static final int LANDING = 1;

  /** Whether rows of tools, pages and screens land in this space. */
  public boolean lands() {
    return number == LANDING;
  }

  /** Where a policy's settings keep those of the sources, by name. */
  static final String SOURCES = "sources";

  /** The same, some claims later. */
  public SpaceSettings at(long later) {
    return at(later, suppressions);
  }

  /** The same, some claims and erasures later. */
  SpaceSettings at(long later, int suppressed) {
    return new SpaceSettings(
        number,
        name,
        later,
        policyVersion,
        policy,
        suppressed,
        secret,
        sources,
        landingVisits,
        traits);
  }

  /**
   * The source that acts of people are written under.
   *
   * @throws Failure {@code INVALID_SETTING} if there is none
   */
  public Source acts() {
    return sources.values().stream()
        .filter(each -> each.channel() == Channel.ACT)
        .findFirst()
        .orElseThrow(
            () -> new Failure(Problem.INVALID_SETTING, "The space has no source for acts"));
  }

  static SpaceSettings read(Connection connection, String space) throws SQLException {
    return read(connection, space, 0);
  }

  /**
   * In a version of the policy, with the sources as they were set then.
   *
   * @param version 0: the one that stands
   */
  static SpaceSettings read(Connection connection, String space, int version) throws SQLException {
    return of(space, written(connection, space, version), version != 0);
  }

  /**
   * As the database has them.
   *
   * @param sources JSON: of each its number, name, channel and settings
   */
  @SuppressWarnings("ArrayRecordComponent") // It is compared by what it says alone.
  record Written(
      int number,
      long position,
      int policyVersion,
      String policy,
      int suppressions,
      byte[] secret,
      String sources) {

    /** Whether both say the same but for the place in the ledger and the suppressions. */
    boolean says(Written other) {
      return policyVersion == other.policyVersion
          && policy.equals(other.policy)
          && sources.equals(other.sources)
          && Arrays.equals(secret, other.secret);
    }
  }

  /**
   * @param version of the policy; 0: the one that stands
   */
  static Written written(Connection connection, String space, int version) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            SELECT s.number, s.position, p.version, p.settings, s.suppressions, s.secret,
              (SELECT jsonb_agg(jsonb_build_array(x.number, x.name, x.channel, x.settings) ORDER BY x.number)
              FROM selfsame.source x WHERE x.space = s.number)
            FROM selfsame.space s
            JOIN selfsame.policy p ON p.space = s.number AND p.version = CASE ? WHEN 0 THEN s.policy_version ELSE ? END
            WHERE s.name = ?
            """)) {
      statement.setInt(1, version);
      statement.setInt(2, version);
      statement.setString(3, space);
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          throw new SQLException(
              "There is no space called %s%s"
                  .formatted(space, version == 0 ? "" : " with a policy of version " + version));
        }
        String sources = row.getString(7);
        return new Written(
            row.getInt(1),
            row.getLong(2),
            row.getInt(3),
            row.getString(4),
            row.getInt(5),
            row.getBytes(6),
            sources == null ? "[]" : sources);
      }
    }
  }

  /**
   * What is written, understood.
   *
   * @param then the sources are as they were set when that policy was made; else as they are now
   */
  static SpaceSettings of(String space, Written written, boolean then) {
    Set<Integer> landingVisits = new HashSet<>();
    JsonNode settings = Json.MAPPER.readTree(written.policy());
    Map<Integer, Source> sources =
        sources(written, then ? settings.get(SOURCES) : null, landingVisits);
    return new SpaceSettings(
        written.number(),
        space,
        written.position(),
        written.policyVersion(),
        policy(written.policyVersion(), settings, sources),
        written.suppressions(),
        written.secret(),
        Map.copyOf(sources),
        Set.copyOf(landingVisits),
        OwnTraits.of(settings.get(OwnTraits.KEY)));
  }

  /**
   * @param then how they were set, by name; null: as they are set now
   */
  private static Map<Integer, Source> sources(
      Written written, @Nullable JsonNode then, Set<Integer> landingVisits) {
    Map<Integer, Source> sources = new HashMap<>();
    for (JsonNode row : Json.MAPPER.readTree(written.sources())) {
      int number = row.get(0).asInt();
      String name = row.get(1).asString();
      JsonNode settings = then == null ? row.get(3) : then.get(name);
      if (settings == null) {
        // It was made later.
        continue;
      }
      JsonNode idType = settings.get("id_type");
      if (written.number() == LANDING && bool(settings, LAND_PAGES, false)) {
        landingVisits.add(number);
      }
      sources.put(
          number,
          new Source(
              number,
              name,
              Channel.valueOf(row.get(2).asString().toUpperCase(Locale.ROOT)),
              bool(settings, "trusted", true),
              bool(settings, "may_erase", false),
              idType == null ? null : new IdentifierType(idType.asString()),
              bool(settings, "external_id_is_ours", false),
              bool(settings, "creates_users", true)));
    }
    return sources;
  }

  static Policy policy(int version, JsonNode settings, Map<Integer, Source> sources) {
    Set<IdentifierType> providers = new HashSet<>();
    for (Source source : sources.values()) {
      IdentifierType type = source.idType();
      if (source.channel() == Channel.BILLING && type != null) {
        providers.add(type);
      }
    }
    JsonNode emails = settings.get("emails");
    List<String> blocked = texts(settings.get("blocked_values"));
    List<String> neverMatch = texts(settings.get("never_match_emails"));
    return new Policy(
        version,
        emails != null && emails.asString().equals("unique"),
        bool(settings, "merge_on_email_change", true),
        bool(settings, "match_on_billing_id", false),
        bool(settings, "match_previous_emails", false),
        providers,
        blocked == null ? BlockedValues.DEFAULT : BlockedValues.of(blocked),
        neverMatch == null ? List.of() : neverMatch,
        limits(settings.get("limits")),
        SurvivorshipJson.of(settings.get(SurvivorshipJson.KEY), sources),
        notes(settings));
  }

  private static Policy.Notes notes(JsonNode settings) {
    Policy.Notes normal = Policy.Notes.DEFAULT;
    List<String> free = texts(settings.get(PolicySettings.FREE_MAIL_DOMAINS));
    return new Policy.Notes(
        bool(settings, PolicySettings.NOTES_FILL_EMAIL, normal.fillEmail()),
        free == null ? normal.freeMailDomains() : Set.copyOf(free));
  }

  private static Policy.Limits limits(@Nullable JsonNode limits) {
    Policy.Limits normal = Policy.Limits.DEFAULT;
    if (limits == null) {
      return normal;
    }
    return new Policy.Limits(
        number(limits, "merges_per_user", normal.mergesPerUser()),
        number(limits, "identifiers_per_user", normal.identifiersPerUser()),
        number(limits, "id_characters", normal.idCharacters()),
        number(limits, "email_characters", normal.emailCharacters()));
  }

  private static int number(JsonNode settings, String key, int normal) {
    JsonNode value = settings.get(key);
    return value == null ? normal : value.asInt();
  }

  private static boolean bool(JsonNode settings, String key, boolean normal) {
    JsonNode value = settings.get(key);
    return value == null ? normal : value.asBoolean();
  }

  private static @Nullable List<String> texts(@Nullable JsonNode list) {
    if (list == null) {
      return null;
    }
    List<String> texts = new ArrayList<>();
    list.forEach(text -> texts.add(text.asString()));
    return texts;
  }
}
