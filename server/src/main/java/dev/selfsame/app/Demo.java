package dev.selfsame.app;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.selfsame.access.Actor;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.identity.Source;
import dev.selfsame.intake.Intake;
import dev.selfsame.intake.Preview;
import dev.selfsame.intake.Receipt;
import dev.selfsame.intake.Submission;
import dev.selfsame.lookup.Lookup;
import dev.selfsame.lookup.Search;
import dev.selfsame.review.MergeRequest;
import dev.selfsame.review.Merges;
import dev.selfsame.source.land.Landing;
import dev.selfsame.source.land.LandingRequest;
import dev.selfsame.source.land.LandingWatch;
import dev.selfsame.source.land.RowSource;
import dev.selfsame.source.segment.SegmentEvents;
import dev.selfsame.store.Database;
import dev.selfsame.store.FoundUser;
import dev.selfsame.store.StoredSources;
import java.io.IOException;
import java.io.InputStream;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Users to look at: a file of events, rows of tools and merges by hand, told to a hub that has
 * none. They go the way of all others, each after the one before it.
 */
final class Demo {

  private static final String STORY = "demo.jsonl";
  private static final String SEGMENT = "segment";
  private static final String BROWSER = "browser";
  private static final String MERGE = "merge";
  private static final int ANSWER_SECONDS = 60;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Database database;
  private final String space;
  private final Intake intake;
  private final Landing landing;
  private final Merges merges;
  private final Lookup lookup;
  private final InstantSource clock;

  Demo(
      Database database,
      String space,
      Intake intake,
      Merges merges,
      Lookup lookup,
      InstantSource clock) {
    this.database = database;
    this.space = space;
    this.intake = intake;
    this.landing = new Landing(database, space, clock);
    this.merges = merges;
    this.lookup = lookup;
    this.clock = clock;
  }

  /**
   * Tells the story to a hub that knows nobody yet.
   *
   * @return false if the hub has users: they stay as they are
   */
  boolean tell() {
    if (!lookup.find(Search.ALL).page().isEmpty()) {
      return false;
    }
    for (String line : story()) {
      JsonNode step = JSON.readTree(line);
      String kind = step.propertyNames().iterator().next();
      tell(kind, step.get(kind), step.path("times").asInt(1));
    }
    return true;
  }

  private void tell(String kind, JsonNode said, int times) {
    switch (kind) {
      case SEGMENT -> event(Source.segment(0, SEGMENT), said);
      case BROWSER -> event(Source.segment(0, BROWSER).withTrusted(false), said);
      case MERGE -> merge(said);
      default -> land(kind, said, times);
    }
  }

  private void event(Source wanted, JsonNode event) {
    Source source = StoredSources.ensure(database, space, wanted);
    long now = Submission.micros(clock.instant());
    Submission submission = SegmentEvents.read(JSON.writeValueAsBytes(event), source, now);
    await(intake.submit(List.of(submission)));
  }

  private void land(String name, JsonNode row, int times) {
    StringBuilder rows = new StringBuilder();
    for (int n = 0; n < times; n++) {
      rows.append(row.toString().replace("{n}", "%05d".formatted(n))).append('\n');
    }
    landing.land(
        LandingRequest.into(name),
        RowSource.lines(STORY, rows.toString()),
        intake,
        () -> Preview.open(space, database.sessions("preview")),
        LandingWatch.NONE);
  }

  private void merge(JsonNode identifiers) {
    List<UUID> users = new ArrayList<>();
    for (JsonNode identifier : identifiers) {
      List<FoundUser> found =
          lookup
              .find(new Search(null, null, null, identifier.asString(), false, null, 2, null))
              .page();
      users.add(found.getFirst().id());
    }
    merges.merge(new MergeRequest(users, null, Map.of(), new Actor("demo", null)));
  }

  private static List<String> story() {
    try (InputStream in = Demo.class.getResourceAsStream(STORY)) {
      if (in == null) {
        throw new IllegalStateException("The program lacks " + STORY);
      }
      return new String(in.readAllBytes(), UTF_8)
          .lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .toList();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void await(CompletableFuture<List<Receipt>> answer) {
    try {
      answer.get(ANSWER_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw stopped(e);
    } catch (ExecutionException e) {
      throw stopped(e.getCause() == null ? e : e.getCause());
    } catch (TimeoutException e) {
      throw stopped(e);
    }
  }

  private static Failure stopped(Throwable cause) {
    return new Failure(
        Problem.STOPPED,
        "The demo stopped half way (%s). Remove its data directory and start it again"
            .formatted(cause.getMessage()),
        0,
        cause);
  }
}
