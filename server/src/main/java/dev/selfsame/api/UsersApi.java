package dev.selfsame.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.http.Area;
import dev.selfsame.http.Role;
import dev.selfsame.identity.Survivorship;
import dev.selfsame.lookup.ExplainedDecision;
import dev.selfsame.lookup.FieldStory;
import dev.selfsame.lookup.Found;
import dev.selfsame.lookup.Lookup;
import dev.selfsame.lookup.Search;
import dev.selfsame.store.FoundDecision;
import dev.selfsame.store.FoundUser;
import dev.selfsame.store.UserHistory.PastMerge;
import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** {@code /api/users}: who is who, and why. Reading alone; {@link UserWritesApi} writes. */
public final class UsersApi implements Area {

  private static final String PATH = "/api/users";

  private static final List<String> FILTERS =
      List.of(
          "externalId",
          "email",
          "billingId",
          "identifier",
          "history",
          "q",
          "source",
          "withoutBillingId",
          "flagged",
          "createdFrom",
          "createdTo",
          "limit",
          "cursor");
  private static final List<String> PAGING = List.of("limit", "cursor");

  private final Lookup lookup;

  public UsersApi(Lookup lookup) {
    this.lookup = lookup;
  }

  @Override
  public String prefix() {
    return PATH;
  }

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.get(PATH, Answer.checked(this::users), Role.READ);
    routes.get(PATH + "/{id}", Answer.checked(this::user), Role.READ);
    routes.get(PATH + "/{id}/decisions", Answer.checked(this::decisions), Role.READ);
    routes.get(PATH + "/{id}/timeline", Answer.checked(this::timeline), Role.READ);
    routes.get(PATH + "/{id}/fields", Answer.checked(this::fields), Role.READ);
    routes.get(PATH + "/{id}/graph", Answer.checked(this::graph), Role.READ);
  }

  /** A decision as callers see it. */
  private record DecisionView(
      long position,
      Instant decidedAt,
      Instant saidAt,
      String source,
      String outcome,
      String code,
      String sentence,
      @Nullable String reason,
      List<ExplainedDecision.Check> checks,
      List<String> flags,
      List<String> warnings,
      int policyVersion,
      @Nullable UUID part,
      @Nullable JsonNode before,
      List<MergeView> merges) {

    static DecisionView of(ExplainedDecision explained) {
      FoundDecision of = explained.decision();
      return new DecisionView(
          of.position(),
          of.decidedAt(),
          of.saidAt(),
          of.source(),
          of.outcome(),
          of.code(),
          explained.sentence(),
          of.reason(),
          explained.checks(),
          of.flags(),
          of.warnings(),
          of.policyVersion(),
          of.part(),
          of.before(),
          explained.merges().stream().map(MergeView::of).toList());
    }
  }

  /** One user that became part of another. */
  private record MergeView(String id, UUID survivor, UUID absorbed, @Nullable Instant undoneAt) {
    static MergeView of(PastMerge merge) {
      return new MergeView(merge.id(), merge.survivor(), merge.absorbed(), merge.undoneAt());
    }
  }

  /**
   * What happened, as callers see it.
   *
   * @param part the user as it was created that the claim was written to, where that is another
   *     than the user itself
   */
  private record EventView(
      long position,
      Instant decidedAt,
      Instant saidAt,
      String source,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String by,
      String outcome,
      String code,
      String sentence,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String reason,
      List<ExplainedDecision.Check> checks,
      List<String> flags,
      List<String> warnings,
      int policyVersion,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable UUID part,
      List<ChangeView> changes) {

    static EventView of(ExplainedDecision explained, UUID user) {
      FoundDecision of = explained.decision();
      return new EventView(
          of.position(),
          of.decidedAt(),
          of.saidAt(),
          of.source(),
          explained.by(),
          of.outcome(),
          of.code(),
          explained.sentence(),
          of.reason(),
          explained.checks(),
          of.flags(),
          of.warnings(),
          of.policyVersion(),
          user.equals(of.part()) ? null : of.part(),
          explained.changes().stream().map(ChangeView::of).toList());
    }
  }

  private record FieldView(
      String field,
      FieldStory.@Nullable Value shown,
      List<OtherView> others,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Object survivorship) {
    static FieldView of(FieldStory story) {
      Object survivorship =
          switch (story.survivorship()) {
            case null -> null;
            case Survivorship.Latest latest -> null;
            case Survivorship.First first -> "first";
            case Survivorship.Sources sources -> sources.names();
          };
      return new FieldView(
          story.field(),
          story.shown(),
          story.others().stream().map(OtherView::of).toList(),
          survivorship);
    }
  }

  private record OtherView(
      @JsonUnwrapped FieldStory.Value value,
      String why,
      String sentence,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String mergeId) {
    static OtherView of(FieldStory.Other other) {
      return new OtherView(other.value(), other.why().code(), other.sentence(), other.mergeId());
    }
  }

  private void users(Context ctx) {
    Parameters parameters = Parameters.of(ctx, FILTERS);
    Found<FoundUser> found =
        lookup.find(
            new Search(
                parameters.text("externalId"),
                parameters.text("email"),
                parameters.text("billingId"),
                parameters.text("identifier"),
                parameters.flag("history"),
                parameters.text("q"),
                Lookup.filter(
                    parameters.text("source"),
                    parameters.flag("withoutBillingId"),
                    parameters.flag("flagged"),
                    parameters.text("createdFrom"),
                    parameters.text("createdTo")),
                parameters.number("limit", Search.DEFAULT_LIMIT),
                parameters.text("cursor")));
    page(ctx, parameters, PATH, found.page(), found.next());
  }

  private void user(Context ctx) {
    Parameters parameters = Parameters.of(ctx, List.of());
    UUID id = live(ctx, "");
    FoundUser user = lookup.user(id);
    if (user == null) {
      throw unknown();
    }
    String self = parameters.link(PATH + "/" + id, null);
    Answer.send(
        ctx,
        new Answer.Data(new WholeUser(user, lookup.identifiers(id)), new Answer.Links(self, null)));
  }

  private void decisions(Context ctx) {
    Parameters parameters = Parameters.of(ctx, PAGING);
    UUID id = live(ctx, "/decisions");
    Found<ExplainedDecision> found =
        lookup.timeline(
            id, parameters.number("limit", Search.DEFAULT_LIMIT), parameters.text("cursor"));
    page(
        ctx,
        parameters,
        PATH + "/" + id + "/decisions",
        found.page().stream().map(DecisionView::of).toList(),
        found.next());
  }

  private void timeline(Context ctx) {
    Parameters parameters = Parameters.of(ctx, PAGING);
    UUID id = live(ctx, "/timeline");
    Found<ExplainedDecision> found =
        lookup.timeline(
            id, parameters.number("limit", Search.DEFAULT_LIMIT), parameters.text("cursor"));
    page(
        ctx,
        parameters,
        PATH + "/" + id + "/timeline",
        found.page().stream().map(one -> EventView.of(one, id)).toList(),
        found.next());
  }

  private void fields(Context ctx) {
    Parameters parameters = Parameters.of(ctx, List.of());
    UUID id = live(ctx, "/fields");
    List<FieldStory> fields = lookup.fields(id);
    if (fields == null) {
      throw unknown();
    }
    Answer.send(
        ctx,
        new Answer.Data(
            fields.stream().map(FieldView::of).toList(),
            new Answer.Links(parameters.link(PATH + "/" + id + "/fields", null), null)));
  }

  private void graph(Context ctx) {
    Parameters.of(ctx, List.of());
    String svg = lookup.graph(live(ctx, "/graph"));
    if (svg == null) {
      throw unknown();
    }
    ctx.contentType("image/svg+xml; charset=utf-8")
        .header("Cache-Control", "no-store")
        // Opened by itself it is a page of this address: it runs nothing and loads nothing.
        .header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
        .result(svg);
  }

  /** The live user that the path names; an absorbed one is answered with where it went. */
  private UUID live(Context ctx, String below) {
    UUID id = Uuid.of(ctx.pathParam("id"));
    if (id == null) {
      throw unknown();
    }
    UUID live = lookup.live(id);
    if (live == null) {
      throw unknown();
    }
    if (!live.equals(id)) {
      ctx.header("Link", "<%s/%s%s>; rel=\"canonical\"".formatted(PATH, live, below));
      throw new Failure(
          Problem.USER_MERGED,
          "This user was merged into %s; see %s/%s".formatted(live, PATH, live));
    }
    return id;
  }

  private static Failure unknown() {
    return new Failure(Problem.NOT_FOUND, "There is no user with this id.");
  }

  private static void page(
      Context ctx, Parameters parameters, String path, List<?> page, @Nullable String next) {
    String self = parameters.link(path, parameters.text("cursor"));
    Answer.send(
        ctx,
        new Answer.Data(
            page, new Answer.Links(self, next == null ? null : parameters.link(path, next))));
  }
}
