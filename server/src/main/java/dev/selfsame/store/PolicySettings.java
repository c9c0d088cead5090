package dev.selfsame.store;

import dev.selfsame.identity.Channel;
import dev.selfsame.identity.Source;
import dev.selfsame.resolution.Policy;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A policy's settings in full, as JSON: every key has its value, defaults too. */
public final class PolicySettings {

  public static final String TRUSTED = "trusted";
  public static final String MAY_ERASE = "may_erase";
  public static final String EXTERNAL_ID_IS_OURS = "external_id_is_ours";
  public static final String CREATES_USERS = "creates_users";
  public static final String LAND_PAGES = SpaceSettings.LAND_PAGES;

  /** Whether a note's email is filled in where its user has none (P4). */
  public static final String NOTES_FILL_EMAIL = "notes_fill_email";

  /** Domains whose mailboxes say nothing of a company. */
  public static final String FREE_MAIL_DOMAINS = "free_mail_domains";

  /** Whose value of a field stands: {@link #LATEST}, {@link #FIRST} or names of sources. */
  public static final String SURVIVORSHIP = SurvivorshipJson.KEY;

  /** Which traits become users' own: {@link #ALL_TRAITS}, {@link #NO_TRAITS} or names. */
  public static final String TRAITS = OwnTraits.KEY;

  public static final String ALL_TRAITS = OwnTraits.ALL;
  public static final String NO_TRAITS = OwnTraits.NONE;

  public static final String LATEST = SurvivorshipJson.LATEST;
  public static final String FIRST = SurvivorshipJson.FIRST;

  private PolicySettings() {}

  /**
   * The sources that a policy may name: those that there are, and the tools that become one when
   * their first records land.
   */
  public static SortedSet<String> sources(SpaceSettings space) {
    SortedSet<String> names = new TreeSet<>(ReaderRole.LANDING);
    space.sources().values().forEach(source -> names.add(source.name()));
    return names;
  }

  /** Of a policy that says nothing. */
  public static ObjectNode defaults() {
    return full(Policy.DEFAULT, OwnTraits.DEFAULT);
  }

  /** All but the sources, of what a version keeps. */
  static ObjectNode full(JsonNode kept) {
    return full(SpaceSettings.policy(0, kept, Map.of()), OwnTraits.of(kept.get(OwnTraits.KEY)));
  }

  private static ObjectNode full(Policy policy, OwnTraits traits) {
    ObjectNode full = Json.MAPPER.createObjectNode();
    full.put("emails", policy.uniqueEmails() ? "unique" : "shared");
    full.put("merge_on_email_change", policy.mergeOnEmailChange());
    full.put("match_on_billing_id", policy.matchOnBillingId());
    full.put("match_previous_emails", policy.matchPreviousEmails());
    full.put(NOTES_FILL_EMAIL, policy.notes().fillEmail());
    ArrayNode blocked = full.putArray("blocked_values");
    policy.blockedValues().values().stream().sorted().forEach(blocked::add);
    ArrayNode never = full.putArray("never_match_emails");
    policy.neverMatchEmails().stream().sorted().forEach(never::add);
    ArrayNode free = full.putArray(FREE_MAIL_DOMAINS);
    policy.notes().freeMailDomains().stream().sorted().forEach(free::add);
    ObjectNode limits = full.putObject("limits");
    limits.put("merges_per_user", policy.limits().mergesPerUser());
    limits.put("identifiers_per_user", policy.limits().identifiersPerUser());
    limits.put("id_characters", policy.limits().idCharacters());
    limits.put("email_characters", policy.limits().emailCharacters());
    SurvivorshipJson.write(policy.survivorship(), full.putObject(SURVIVORSHIP));
    traits.write(full);
    return full;
  }

  /** Which settings a source of the channel has. */
  public static List<String> of(Channel channel) {
    return switch (channel) {
      case SEGMENT -> List.of(TRUSTED, MAY_ERASE, LAND_PAGES);
      case BILLING -> List.of(TRUSTED);
      case RECORD -> List.of(TRUSTED, EXTERNAL_ID_IS_OURS, CREATES_USERS);
      case WAREHOUSE -> List.of(TRUSTED, CREATES_USERS);
      default -> List.of();
    };
  }

  /** The space's policy with its sources, those that have nothing to set left out. */
  public static ObjectNode whole(SpaceSettings space) {
    ObjectNode whole = full(space.policy(), space.traits());
    ObjectNode sources = whole.putObject(SpaceSettings.SOURCES);
    space.sources().values().stream()
        .filter(source -> !of(source.channel()).isEmpty())
        .sorted(Comparator.comparing(Source::name))
        .forEach(source -> {
          ObjectNode settings = sources.putObject(source.name());
          of(source.channel()).forEach(key -> settings.put(key, value(space, source, key)));
        });
    return whole;
  }

  private static boolean value(SpaceSettings space, Source source, String key) {
    return switch (key) {
      case TRUSTED -> source.trusted();
      case MAY_ERASE -> source.mayErase();
      case EXTERNAL_ID_IS_OURS -> source.externalIdIsOurs();
      case CREATES_USERS -> source.createsUsers();
      case LAND_PAGES -> space.landingVisits().contains(source.number());
      default -> throw new IllegalArgumentException("No setting of a source is called " + key);
    };
  }
}
