package dev.selfsame.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.selfsame.http.Area;
import dev.selfsame.http.Role;
import dev.selfsame.lookup.BadSearch;
import dev.selfsame.lookup.Lookup;
import dev.selfsame.lookup.Relation;
import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** {@code GET /api/explain}: why two are, or are not, one user. */
public final class ExplainApi implements Area {

  private static final String PATH = "/api/explain";
  private static final List<String> BOTH = List.of("a", "b");

  private final Lookup lookup;

  public ExplainApi(Lookup lookup) {
    this.lookup = lookup;
  }

  @Override
  public String prefix() {
    return PATH;
  }

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.get(PATH, Answer.checked(this::explain), Role.READ);
  }

  private record View(
      boolean together,
      String summary,
      List<String> sentences,
      Relation.Side a,
      Relation.Side b,
      List<StepView> steps,
      List<GroundView> grounds) {

    static View of(Relation relation) {
      List<StepView> steps = relation.steps().stream().map(StepView::of).toList();
      List<GroundView> grounds = relation.grounds().stream().map(GroundView::of).toList();
      List<String> sentences =
          relation.together()
              ? steps.stream().map(StepView::sentence).toList()
              : grounds.stream().map(GroundView::sentence).toList();
      return new View(
          relation.together(),
          relation.summary(),
          sentences,
          relation.a(),
          relation.b(),
          steps,
          grounds);
    }
  }

  @JsonInclude(JsonInclude.Include.NON_NULL)
  private record StepView(
      String kind,
      String sentence,
      long position,
      @Nullable Instant decidedAt,
      @Nullable String source,
      @Nullable String by,
      @Nullable String code,
      @Nullable String rule,
      UUID part,
      @Nullable String identifier,
      @Nullable String mergeId,
      @Nullable UUID absorbed) {

    static StepView of(Relation.Step step) {
      return new StepView(
          step.kind().code(),
          step.sentence(),
          step.position(),
          step.decidedAt(),
          step.source(),
          step.by(),
          step.code(),
          step.rule(),
          step.part(),
          step.identifier(),
          step.mergeId(),
          step.absorbed());
    }
  }

  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  private record GroundView(
      String kind,
      String sentence,
      @Nullable Long position,
      @Nullable Instant decidedAt,
      @Nullable String source,
      @Nullable String code,
      @Nullable String rule,
      @Nullable String flag,
      List<String> values) {

    static GroundView of(Relation.Ground ground) {
      return new GroundView(
          ground.kind().code(),
          ground.sentence(),
          ground.position(),
          ground.decidedAt(),
          ground.source(),
          ground.code(),
          ground.rule(),
          ground.flag(),
          ground.values());
    }
  }

  private void explain(Context ctx) {
    Parameters parameters = Parameters.of(ctx, BOTH);
    Relation relation = lookup.relation(given(parameters, "a"), given(parameters, "b"));
    Answer.send(
        ctx,
        new Answer.Data(View.of(relation), new Answer.Links(parameters.link(PATH, null), null)));
  }

  private static String given(Parameters parameters, String name) {
    String text = parameters.text(name);
    if (text == null || text.isBlank()) {
      throw new BadSearch(
          name,
          "Say which two to explain: a and b, each a user's id or an identifier such as"
              + " email:ann@example.com");
    }
    return text;
  }
}
