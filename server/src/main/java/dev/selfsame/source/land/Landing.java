package dev.selfsame.source.land;

import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Source;
import dev.selfsame.intake.Intake;
import dev.selfsame.intake.Receipt;
import dev.selfsame.intake.Submission;
import dev.selfsame.store.Database;
import dev.selfsame.store.LandedRows;
import dev.selfsame.store.StoredSources;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Takes rows of a tool's table: they land for SQL, and those that are people become claims. */
public final class Landing {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Database database;
  private final String space;
  private final Intake intake;
  private final InstantSource clock;

  public Landing(Database database, String space, Intake intake, InstantSource clock) {
    this.database = database;
    this.space = space;
    this.intake = intake;
    this.clock = clock;
  }

  /**
   * Lands the rows, then hands the claims that they make to the intake, in their order.
   *
   * @param schema the tool's, such as {@code zendesk}
   * @param rows by column; each has an {@code id}
   * @return completes with a receipt for each row, none where the table's rows are no people
   * @throws dev.selfsame.error.Failure {@code INVALID_PARAMETER} for a table or column that there
   *     is not, or a row without id; as {@link Intake#submit} else
   */
  public CompletableFuture<List<Receipt>> land(String schema, String table, List<ObjectNode> rows) {
    LandedRows.upsert(database, schema, table, rows);
    PeopleTable people = PeopleTable.named(schema, table);
    if (people == null) {
      return CompletableFuture.completedFuture(List.of());
    }
    Source source = StoredSources.ensure(database, space, people.source());
    long now = Submission.micros(clock.instant());
    List<Submission> submissions = new ArrayList<>(rows.size());
    for (ObjectNode row : rows) {
      Claim claim = people.claim(row, source, now);
      ObjectNode payload = JSON.createObjectNode().put("table", schema + "." + table);
      payload.set("row", row);
      submissions.add(
          new Submission(
              claim, now, null, JSON.writeValueAsBytes(payload), null, Set.of(), Map.of()));
    }
    return intake.submit(submissions);
  }
}
