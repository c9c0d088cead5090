package dev.selfsame.api.productboard;

import dev.selfsame.api.Answer;
import dev.selfsame.api.NoteBody;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.http.Json;
import dev.selfsame.source.api.NoteWrite;
import dev.selfsame.store.FoundNote;
import dev.selfsame.store.NoteQueries;
import dev.selfsame.store.NoteRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The JSON of a note as Productboard's clients send it, made into what {@link NoteBody} reads:
 * fields that are no longer wanted under their new names, and what cannot go together refused.
 */
final class NoteRequest {

  private static final String USER = "user";
  private static final String EMAIL = "email";
  private static final String COMPANY = "company";
  private static final String DOMAIN = "domain";
  private static final String CUSTOMER = "customer_email";
  private static final String OWNER = "owner";
  private static final String SOURCE = "source";
  private static final String URL = "display_url";

  private static final Pattern SCHEME = Pattern.compile("[a-zA-Z][a-zA-Z0-9+.-]*:.*");

  private final List<Answer.Fault> faults = new ArrayList<>();
  private final ObjectNode body;

  private NoteRequest(ObjectNode body) {
    this.body = body;
  }

  /**
   * Reads a new note.
   *
   * @param account an account by its id, or null
   * @throws NoteBody.Unusable naming all that is wrong
   */
  static NoteWrite create(
      byte[] bytes, UUID id, Function<UUID, FoundNote.@Nullable Company> account) {
    NoteRequest note = new NoteRequest(object(bytes));
    // Named as needed by the description of the API, which has no field of that name.
    note.body.remove("id");
    note.nulls();
    note.owner();
    note.customer();
    if (note.body.path(USER).isObject() && note.body.path(USER).isEmpty()) {
      note.wrong(USER, "The user needs an email, an external_id, or both");
    }
    JsonNode company = note.body.path(COMPANY);
    if (company.hasNonNull("id") && company.hasNonNull(DOMAIN)) {
      note.wrong(COMPANY, "cannot set both company id and domain attributes");
    }
    note.url();
    note.check();
    return NoteBody.read(Json.bytes(note.body), null, id, account);
  }

  /**
   * Reads what is to be changed of a note.
   *
   * @throws NoteBody.Unusable naming all that is wrong
   */
  static NoteQueries.Change change(byte[] bytes, FoundNote of) {
    JsonNode data = object(bytes).get("data");
    if (data == null || !data.isObject()) {
      throw new NoteBody.Unusable(
          List.of(fault("data", "The field data is needed: an object of what is to change")));
    }
    NoteRequest note = new NoteRequest((ObjectNode) data.deepCopy());
    note.nulls();
    note.owner();
    if (note.body.has(USER) && note.body.has(COMPANY)) {
      note.wrong(USER, "Cannot set both user and company parameters");
    }
    for (String name : List.of(USER, COMPANY)) {
      if (note.body.has(name)) {
        note.wrong(
            name, "Whom a note is about stays. Delete it and create it anew, or merge the users");
      }
    }
    note.body.remove(List.of(USER, COMPANY));
    JsonNode source = note.body.remove(SOURCE);
    NoteRecord record = of.record();
    if (source != null
        && (record == null
            || !record.origin().equals(source.path("origin").asString(""))
            || !record.recordId().equals(source.path("record_id").asString("")))) {
      note.wrong(SOURCE, "The source of a note stays; create another note for another source");
    }
    note.url();
    note.check();
    return NoteBody.change(Json.bytes(note.body));
  }

  private static ObjectNode object(byte[] bytes) {
    JsonNode read;
    try {
      read = Json.strict().readTree(bytes);
    } catch (JacksonException e) {
      throw new Failure(
          Problem.MALFORMED_JSON, "The body is not JSON: " + e.getOriginalMessage(), 0, e);
    }
    if (!(read instanceof ObjectNode object)) {
      throw new Failure(Problem.MALFORMED_JSON, "The body must be a JSON object");
    }
    return object;
  }

  /** A field that is null is one that is not there. */
  private void nulls() {
    body.propertyNames().stream()
        .filter(name -> body.path(name).isNull())
        .toList()
        .forEach(body::remove);
  }

  private void owner() {
    if (body.remove(OWNER) != null) {
      wrong(OWNER, "User does not exist and cannot be set as note owner: notes have none here");
    }
  }

  /** The field that {@code user.email} took the place of. */
  private void customer() {
    JsonNode customer = body.remove(CUSTOMER);
    List<String> emails = new ArrayList<>();
    if (customer != null) {
      emails.add(CUSTOMER);
    }
    if (body.path(USER).hasNonNull(EMAIL)) {
      emails.add("user.email");
    }
    if (body.path(COMPANY).hasNonNull(DOMAIN)) {
      emails.add("company.domain");
    }
    if (emails.size() > 1) {
      wrong(
          emails.getFirst().equals(CUSTOMER) ? CUSTOMER : USER,
          "Only one of customer_email, user.email and company.domain is allowed at a time; these"
              + " are "
              + String.join(" and ", emails));
    } else if (customer != null) {
      if (body.path(USER) instanceof ObjectNode user) {
        user.set(EMAIL, customer);
      } else if (!body.has(USER)) {
        body.putObject(USER).set(EMAIL, customer);
      }
    }
  }

  /** There a scheme may be left out. */
  private void url() {
    JsonNode url = body.get(URL);
    if (url != null && url.isString() && !SCHEME.matcher(url.asString().strip()).matches()) {
      body.put(URL, "https://" + url.asString().strip());
    }
  }

  private void wrong(String field, String detail) {
    faults.add(fault(field, detail));
  }

  private static Answer.Fault fault(String field, String detail) {
    return new Answer.Fault(
        "invalid_field", "Invalid field", detail, new Answer.Source(null, "/" + field));
  }

  private void check() {
    if (!faults.isEmpty()) {
      throw new NoteBody.Unusable(faults);
    }
  }
}
