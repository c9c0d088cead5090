package dev.selfsame.api.profile;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.selfsame.access.Access;
import dev.selfsame.api.Answer;
import dev.selfsame.api.Parameters;
import dev.selfsame.api.Uuid;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.http.Area;
import dev.selfsame.http.ErrorForm;
import dev.selfsame.http.Guard;
import dev.selfsame.http.RequestId;
import dev.selfsame.http.Role;
import dev.selfsame.http.TokenGuard;
import dev.selfsame.identity.Raw;
import dev.selfsame.lookup.Asked;
import dev.selfsame.lookup.BadSearch;
import dev.selfsame.lookup.BadValue;
import dev.selfsame.lookup.ExplainedDecision;
import dev.selfsame.lookup.FieldStory;
import dev.selfsame.lookup.Lookup;
import dev.selfsame.store.FoundIdentifier;
import dev.selfsame.store.FoundUser;
import dev.selfsame.store.ProfileQueries;
import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * {@code /v1/spaces/{space}/collections/{users|accounts}/profiles/{type}:{value}/…}: who somebody
 * is, as Segment's Profile API answers it.
 */
public final class ProfilesApi implements Area {

  private static final String PREFIX = "/v1/spaces";
  private static final String PROFILE =
      PREFIX + "/{space}/collections/{collection}/profiles/{profile}";
  private static final String USERS = "users";
  private static final String ACCOUNTS = "accounts";
  private static final String USER_ID = "user_id";
  private static final String GROUP_ID = "group_id";
  private static final String EXTERNAL_ID = "external_id";
  private static final String EMAIL = "email";
  private static final String NAME = "name";

  private static final int TRAITS = 10;
  private static final int MOST_TRAITS = 200;
  private static final int LISTED = 10;
  private static final int MOST_LISTED = 100;
  private static final int MOST_LINKS = 20;

  /** How many users a message names that hold one identifier. */
  private static final int TOLD_OF_SEVERAL = 20;

  private static final String LIMIT = "limit";
  private static final String NEXT = "next";
  private static final String INCLUDE = "include";
  private static final String CLASS = "class";
  private static final String VERBOSE = "verbose";

  private final String space;
  private final Lookup lookup;
  private final ProfileQueries queries;
  private final Guard guard;

  public ProfilesApi(String space, Lookup lookup, ProfileQueries queries, Access access) {
    this.space = space;
    this.lookup = lookup;
    this.queries = queries;
    Guard tokens = TokenGuard.orBasic(access);
    this.guard =
        (ctx, needed) -> {
          ctx.header("Request-Id", RequestId.of(ctx));
          tokens.admit(ctx, needed);
        };
  }

  @Override
  public String prefix() {
    return PREFIX;
  }

  @Override
  public Guard guard() {
    return guard;
  }

  @Override
  public ErrorForm errorForm() {
    return (code, message) -> new Failed(new Fault(named(code), message));
  }

  private record Failed(Fault error) {}

  private record Fault(String code, String message) {}

  /** As it is called there. */
  private static String named(String code) {
    return switch (code) {
      case "invalid_token", "missing_scope" -> "authentication_error";
      case "too_busy", "too_many_requests" -> "rate_limit_error";
      case "invalid_parameter" -> "validation_error";
      case "invalid_request", "method_not_allowed" -> "invalid_request_error";
      default -> code;
    };
  }

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.get(PROFILE + "/traits", this::traits, Role.READ);
    routes.get(PROFILE + "/external_ids", this::externalIds, Role.READ);
    routes.get(PROFILE + "/metadata", this::metadata, Role.READ);
    routes.get(PROFILE + "/links", this::links, Role.READ);
  }

  // Who

  /** A profile: a user or an account. */
  private sealed interface Profile {
    String collection();

    UUID id();

    record OfUser(FoundUser user) implements Profile {
      @Override
      public String collection() {
        return USERS;
      }

      @Override
      public UUID id() {
        return user.id();
      }
    }

    record OfAccount(ProfileQueries.Account account) implements Profile {
      @Override
      public String collection() {
        return ACCOUNTS;
      }

      @Override
      public UUID id() {
        return account.id();
      }
    }
  }

  private Profile profile(Context ctx) {
    if (!ctx.pathParam("space").equals(space)) {
      throw new Failure(Problem.NOT_FOUND, "There is no such space; this one is called " + space);
    }
    String named = ctx.pathParam("profile");
    String collection = ctx.pathParam("collection");
    Profile found =
        switch (collection) {
          case USERS -> user(named);
          case ACCOUNTS -> account(named);
          default ->
              throw new Failure(
                  Problem.INVALID_PARAMETER,
                  "The parameter `collection` must be users or accounts");
        };
    if (found == null) {
      throw new Failure(Problem.NOT_FOUND, "Profile was not found.");
    }
    return found;
  }

  private @Nullable Profile user(String named) {
    UUID id = Uuid.of(named);
    if (id == null) {
      int colon = named.startsWith("fallback:") ? named.indexOf(':', 9) : named.indexOf(':');
      if (colon < 1) {
        throw new Failure(
            Problem.INVALID_PARAMETER,
            "A profile is named as type:value, such as user_id:42, or by its id");
      }
      String type = named.substring(0, colon);
      return holder(type.equals(USER_ID) ? EXTERNAL_ID : type, named.substring(colon + 1));
    }
    UUID live = lookup.live(id);
    FoundUser user = live == null ? null : lookup.user(live);
    return user == null ? null : new Profile.OfUser(user);
  }

  private @Nullable Profile holder(String type, String value) {
    List<FoundUser> users;
    try {
      users = lookup.users(new Asked(type, Raw.text(value)), TOLD_OF_SEVERAL + 1);
    } catch (BadValue bad) {
      if (bad.fault() == BadValue.Fault.TYPE) {
        // Nobody has an id of a type that there is not, an anonymous_id among them.
        return null;
      }
      throw new Failure(Problem.INVALID_PARAMETER, String.valueOf(bad.getMessage()));
    }
    if (users.size() > 1) {
      throw new Failure(
          Problem.INVALID_REQUEST,
          "%s users have this %s; ask for one by its id: %s"
              .formatted(
                  users.size() > TOLD_OF_SEVERAL ? "More than " + TOLD_OF_SEVERAL : users.size(),
                  type,
                  users.stream()
                      .limit(TOLD_OF_SEVERAL)
                      .map(user -> user.id().toString())
                      .collect(Collectors.joining(", "))));
    }
    return users.isEmpty() ? null : new Profile.OfUser(users.getFirst());
  }

  private @Nullable Profile account(String named) {
    UUID id = Uuid.of(named);
    ProfileQueries.Account account =
        id != null
            ? queries.account(id)
            : named.startsWith(GROUP_ID + ":")
                ? queries.account(named.substring(GROUP_ID.length() + 1))
                : null;
    return account == null ? null : new Profile.OfAccount(account);
  }

  // What is asked for

  /** The parameters of a list. */
  private record Wanted(int limit, String from, Set<String> include, boolean verbose) {
    boolean includes(String name) {
      return include.isEmpty() || include.contains(name);
    }
  }

  private static Wanted wanted(Context ctx, List<String> known, int otherwise, int most) {
    try {
      Parameters parameters = Parameters.of(ctx, known);
      int limit = parameters.number(LIMIT, otherwise);
      if (limit < 1 || limit > most) {
        throw new BadSearch(
            LIMIT, "The parameter `limit` is %d; expected 1 to %d".formatted(limit, most));
      }
      String category = parameters.text(CLASS);
      if (category != null && !Set.of("audience", "computed_trait").contains(category)) {
        throw new BadSearch(CLASS, "The parameter `class` must be audience or computed_trait");
      }
      String include = parameters.text(INCLUDE);
      return new Wanted(
          limit,
          Objects.requireNonNullElse(parameters.text(NEXT), ""),
          include == null
              ? Set.of()
              : List.of(include.split(",", -1)).stream()
                  .map(String::strip)
                  .collect(Collectors.toUnmodifiableSet()),
          parameters.flag(VERBOSE));
    } catch (BadSearch bad) {
      throw new Failure(Problem.INVALID_PARAMETER, String.valueOf(bad.getMessage()));
    }
  }

  // What is answered

  private record TraitsView(SortedMap<String, Object> traits, CursorView cursor) {}

  private record VerboseTrait(
      @Nullable Object value,
      @JsonProperty("source_id") @Nullable String sourceId,
      @JsonProperty("updated_at") Instant updatedAt) {}

  private record CursorView(
      String url, @JsonProperty("has_more") boolean hasMore, String next, int limit) {}

  private record ListView(List<?> data, CursorView cursor) {}

  private record IdView(
      @JsonProperty("source_id") @Nullable String sourceId,
      String collection,
      String id,
      String type,
      @JsonProperty("created_at") Instant createdAt,
      String encoding,
      @JsonProperty("first_message_id") @Nullable String firstMessageId) {

    static IdView of(
        @Nullable String source, String collection, String id, String type, Instant at) {
      return new IdView(source, collection, id, type, at, "none", null);
    }
  }

  private record LinkView(
      @JsonProperty("to_collection") String toCollection,
      @JsonProperty("external_ids") List<IdView> externalIds) {}

  private record MetadataView(Metadata metadata) {}

  private record Metadata(
      @JsonProperty("created_at") Instant createdAt,
      @JsonProperty("updated_at") Instant updatedAt,
      @JsonProperty("expires_at") @Nullable Instant expiresAt,
      @JsonProperty("first_message_id") @Nullable String firstMessageId,
      @JsonProperty("first_source_id") @Nullable String firstSourceId,
      @JsonProperty("last_message_id") @Nullable String lastMessageId,
      @JsonProperty("last_source_id") @Nullable String lastSourceId) {}

  private CursorView cursor(Profile of, String list, Wanted wanted, String next) {
    String url =
        "%s/%s/collections/%s/profiles/%s/%s"
            .formatted(PREFIX, space, of.collection(), of.id(), list);
    return new CursorView(
        next.isEmpty()
            ? url
            : "%s?limit=%d&next=%s"
                .formatted(url, wanted.limit(), URLEncoder.encode(next, StandardCharsets.UTF_8)),
        !next.isEmpty(),
        next,
        wanted.limit());
  }

  private void traits(Context ctx) {
    Wanted wanted = wanted(ctx, List.of(CLASS, INCLUDE, LIMIT, NEXT, VERBOSE), TRAITS, MOST_TRAITS);
    Profile of = profile(ctx);
    SortedMap<String, Object> all = new TreeMap<>();
    if (ctx.queryParam(CLASS) == null) {
      // Audiences and computed traits are Segment's own; nobody has any here.
      switch (of) {
        case Profile.OfUser user -> told(user.user(), wanted.verbose(), all);
        case Profile.OfAccount account -> told(account.account(), wanted.verbose(), all);
      }
    }
    List<String> names = all.keySet().stream().filter(wanted::includes).toList();
    Page<String> page = Page.of(names, name -> name, wanted.from(), wanted.limit());
    SortedMap<String, Object> shown = new TreeMap<>(all);
    shown.keySet().retainAll(Set.copyOf(page.things()));
    Answer.send(ctx, new TraitsView(shown, cursor(of, "traits", wanted, page.next())));
  }

  private void told(FoundUser user, boolean verbose, SortedMap<String, Object> traits) {
    user.traits()
        .forEachEntry((name, value) ->
            traits.put(name, verbose ? new VerboseTrait(value, null, user.updatedAt()) : value));
    Map<String, String> fields = new LinkedHashMap<>();
    if (user.email() != null) {
      fields.put(EMAIL, user.email());
    }
    if (user.name() != null) {
      fields.put(NAME, user.name());
    }
    if (!verbose) {
      traits.putAll(fields);
      return;
    }
    List<FieldStory> stories = lookup.fields(user.id());
    for (FieldStory story : stories == null ? List.<FieldStory>of() : stories) {
      FieldStory.Value shown = story.shown();
      if (shown != null && fields.containsKey(story.field())) {
        traits.put(story.field(), new VerboseTrait(shown.value(), shown.source(), shown.at()));
      }
    }
  }

  private static void told(
      ProfileQueries.Account account, boolean verbose, SortedMap<String, Object> traits) {
    Map<String, @Nullable String> fields = new TreeMap<>();
    fields.put(NAME, account.name());
    fields.put("domain", account.domain());
    fields.forEach((name, value) -> {
      if (value != null) {
        traits.put(
            name, verbose ? new VerboseTrait(value, account.source(), account.updatedAt()) : value);
      }
    });
  }

  private void externalIds(Context ctx) {
    Wanted wanted = wanted(ctx, List.of(INCLUDE, LIMIT, NEXT, VERBOSE), LISTED, MOST_LISTED);
    Profile of = profile(ctx);
    List<IdView> all =
        switch (of) {
          case Profile.OfUser user -> ids(user.user().id());
          case Profile.OfAccount account -> List.of(id(account.account()));
        };
    List<IdView> sorted =
        all.stream()
            .filter(id -> wanted.includes(id.type()))
            .sorted(Comparator.comparing(ProfilesApi::place))
            .toList();
    Page<IdView> page = Page.of(sorted, ProfilesApi::place, wanted.from(), wanted.limit());
    Answer.send(ctx, new ListView(page.things(), cursor(of, "external_ids", wanted, page.next())));
  }

  private static String place(IdView id) {
    return id.type() + ":" + id.id();
  }

  /** What finds the user: aliases too, but no email that was replaced. */
  private List<IdView> ids(UUID user) {
    List<IdView> ids = new ArrayList<>();
    for (FoundIdentifier held : lookup.identifiers(user)) {
      if (held.current() || !held.type().equals(EMAIL)) {
        ids.add(
            IdView.of(
                held.source(),
                USERS,
                held.value(),
                held.type().equals(EXTERNAL_ID) ? USER_ID : held.type(),
                held.firstSeen()));
      }
    }
    return ids;
  }

  private static IdView id(ProfileQueries.Account account) {
    return IdView.of(
        account.source(), ACCOUNTS, account.externalId(), GROUP_ID, account.createdAt());
  }

  private void metadata(Context ctx) {
    wanted(ctx, List.of(VERBOSE), LISTED, MOST_LISTED);
    Metadata metadata =
        switch (profile(ctx)) {
          case Profile.OfUser user -> metadata(user.user());
          case Profile.OfAccount account ->
              new Metadata(
                  account.account().createdAt(),
                  account.account().updatedAt(),
                  null,
                  null,
                  account.account().source(),
                  null,
                  null);
        };
    Answer.send(ctx, new MetadataView(metadata));
  }

  private Metadata metadata(FoundUser user) {
    String first =
        lookup.identifiers(user.id()).stream()
            .min(Comparator.comparing(FoundIdentifier::firstSeen))
            .map(FoundIdentifier::source)
            .orElse(null);
    List<ExplainedDecision> last = lookup.timeline(user.id(), 1, null).page();
    return new Metadata(
        user.createdAt(),
        user.updatedAt(),
        null,
        null,
        first,
        null,
        last.isEmpty() ? null : last.getFirst().decision().source());
  }

  private void links(Context ctx) {
    Wanted wanted = wanted(ctx, List.of(LIMIT, NEXT), MOST_LINKS, MOST_LINKS);
    Profile of = profile(ctx);
    List<LinkView> links = new ArrayList<>();
    String next = "";
    switch (of) {
      case Profile.OfUser user -> {
        List<ProfileQueries.Account> found =
            queries.accounts(user.user().id(), wanted.from(), wanted.limit() + 1);
        found.stream()
            .limit(wanted.limit())
            .forEach(account -> links.add(new LinkView(ACCOUNTS, List.of(id(account)))));
        next = found.size() > wanted.limit() ? found.getLast().externalId() : "";
      }
      case Profile.OfAccount account -> {
        UUID from = wanted.from().isEmpty() ? null : Uuid.of(wanted.from());
        if (from == null && !wanted.from().isEmpty()) {
          throw new Failure(
              Problem.INVALID_PARAMETER,
              "The parameter `next` is not one that a page of this list ended with");
        }
        List<ProfileQueries.Linked> found =
            queries.users(account.account().id(), from, wanted.limit() + 1);
        found.stream().limit(wanted.limit()).forEach(user -> links.add(link(user)));
        next = found.size() > wanted.limit() ? found.getLast().user().toString() : "";
      }
    }
    Answer.send(ctx, new ListView(links, cursor(of, "links", wanted, next)));
  }

  private static LinkView link(ProfileQueries.Linked user) {
    List<IdView> ids = new ArrayList<>();
    if (user.externalId() != null) {
      ids.add(IdView.of(user.source(), USERS, user.externalId(), USER_ID, user.since()));
    }
    if (user.email() != null) {
      ids.add(IdView.of(user.source(), USERS, user.email(), EMAIL, user.since()));
    }
    return new LinkView(USERS, ids);
  }
}
