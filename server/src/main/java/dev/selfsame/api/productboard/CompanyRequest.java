package dev.selfsame.api.productboard;

import dev.selfsame.api.AccountTraits;
import dev.selfsame.api.Answer;
import dev.selfsame.api.FieldText;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Nearest;
import dev.selfsame.error.Problem;
import dev.selfsame.http.Json;
import dev.selfsame.source.api.AccountWrite;
import dev.selfsame.store.AccountQueries.FoundAccount;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * The JSON of a company as Productboard's clients send it, made into the write of an account: its
 * source's record id is the account's external id, what else it has of its own are traits.
 */
final class CompanyRequest {

  /** The trait that a company's description is. */
  static final String DESCRIPTION = "description";

  /** The trait that the origin of a company's source is. */
  static final String ORIGIN_TRAIT = "source_origin";

  private static final String NAME = "name";
  private static final String DOMAIN = "domain";
  private static final String SOURCE = "source";
  private static final String ORIGIN = "origin";
  private static final String RECORD_ID = "record_id";
  private static final List<String> FIELDS = List.of(NAME, DOMAIN, DESCRIPTION, SOURCE);
  private static final List<String> OF_SOURCE = List.of(ORIGIN, RECORD_ID);
  private static final List<String> ORIGINS = List.of("manual", "csv", "salesforce");

  private final List<Answer.Fault> faults = new ArrayList<>();
  private final Map<String, @Nullable Object> traits = new HashMap<>();
  private final Set<String> cleared = new HashSet<>();
  private final JsonNode body;

  private CompanyRequest(JsonNode body) {
    this.body = body;
    known(body, FIELDS, null);
  }

  /** An account that is wanted so, or what is wrong with it. */
  record Wanted(@Nullable AccountWrite write, List<Answer.Fault> faults) {}

  /**
   * Reads a new company.
   *
   * @param otherwise its external id, where it names no record of a source
   * @throws Failure {@code MALFORMED_JSON} if it is no JSON object
   */
  static Wanted create(byte[] bytes, String otherwise) {
    CompanyRequest company = new CompanyRequest(object(bytes));
    String name = company.text(NAME);
    if (name == null && company.faults.isEmpty()) {
      company.wrong(NAME, "A company needs a name");
    }
    String domain = company.text(DOMAIN);
    company.description();
    String record = company.record();
    company.cleared.clear();
    company.traits.values().removeIf(value -> value == null);
    return company.wanted(
        new AccountWrite(
            record == null ? otherwise : record, true, name, domain, Set.of(), company.traits));
  }

  /** Reads what is to be changed of a company. */
  static Wanted change(byte[] bytes, FoundAccount of) {
    JsonNode data = object(bytes).get("data");
    if (data == null || !data.isObject()) {
      return new Wanted(
          null, List.of(fault("data", "The field data is needed: an object of what is to change")));
    }
    CompanyRequest company = new CompanyRequest(data);
    String name = company.text(NAME);
    if (company.cleared.remove(NAME)) {
      company.wrong(NAME, "A company needs a name");
    }
    String domain = company.text(DOMAIN);
    company.description();
    String record = company.record();
    if (record != null && !record.strip().equals(of.externalId())) {
      company.wrong(
          SOURCE, "The record_id of a company stays; create another company for another record");
    }
    Set<String> all = new HashSet<>(of.traits().propertyNames());
    all.addAll(company.traits.keySet());
    if (all.size() > AccountTraits.MOST) {
      company.wrong(
          DESCRIPTION,
          "The company would have %d traits; expected at most %d"
              .formatted(all.size(), AccountTraits.MOST));
    }
    return company.wanted(
        new AccountWrite(of.externalId(), false, name, domain, company.cleared, company.traits));
  }

  private Wanted wanted(AccountWrite write) {
    return faults.isEmpty() ? new Wanted(write, List.of()) : new Wanted(null, List.copyOf(faults));
  }

  private static JsonNode object(byte[] bytes) {
    JsonNode read;
    try {
      read = Json.strict().readTree(bytes);
    } catch (JacksonException e) {
      throw new Failure(
          Problem.MALFORMED_JSON, "The body is not JSON: " + e.getOriginalMessage(), 0, e);
    }
    if (!read.isObject()) {
      throw new Failure(Problem.MALFORMED_JSON, "The body must be a JSON object");
    }
    return read;
  }

  /**
   * Refuses fields that nobody knows.
   *
   * @param field where they stand; null: each by itself
   */
  private void known(JsonNode object, List<String> names, @Nullable String field) {
    for (String name : object.propertyNames()) {
      if (!names.contains(name)) {
        wrong(
            field == null ? name : field,
            "There is no field %s here; did you mean %s?".formatted(name, Nearest.of(name, names)));
      }
    }
  }

  /** A field that is null stays as it is; one of no characters is taken away. */
  private @Nullable String text(String field) {
    String text = string(body, field, field);
    if (text != null && text.isBlank()) {
      cleared.add(field);
      return null;
    }
    return text != null && usable(text, field) ? text : null;
  }

  private @Nullable String string(JsonNode object, String name, String field) {
    JsonNode value = object.get(name);
    if (value == null || value.isNull()) {
      return null;
    }
    if (!value.isString()) {
      wrong(field, "The field %s must be text".formatted(name));
      return null;
    }
    return value.asString();
  }

  private boolean usable(String text, String field) {
    switch (FieldText.fault(text, false)) {
      case null -> {
        return true;
      }
      case TOO_LONG ->
          wrong(
              "value_too_long",
              field,
              "This may have at most %d characters".formatted(FieldText.MOST));
      case BLANK -> wrong("value_blank", field, "This is blank");
      case BROKEN, NO_EMAIL ->
          wrong("value_malformed", field, "A NUL or half of a character cannot be stored");
    }
    return false;
  }

  private void description() {
    String text = string(body, DESCRIPTION, DESCRIPTION);
    if (text == null) {
      return;
    }
    String fault = AccountTraits.fault(text);
    if (fault == null) {
      traits.put(DESCRIPTION, text.isBlank() ? null : text);
    } else {
      wrong(DESCRIPTION, fault);
    }
  }

  private @Nullable String record() {
    JsonNode source = body.get(SOURCE);
    if (source == null || source.isNull()) {
      return null;
    }
    if (!source.isObject()) {
      wrong(SOURCE, "The field source must be an object of " + String.join(", ", OF_SOURCE));
      return null;
    }
    known(source, OF_SOURCE, SOURCE);
    String origin = string(source, ORIGIN, SOURCE);
    if (origin != null && !ORIGINS.contains(origin)) {
      wrong(SOURCE, "The origin must be one of " + String.join(", ", ORIGINS));
    } else if (origin != null) {
      traits.put(ORIGIN_TRAIT, origin);
    }
    String record = string(source, RECORD_ID, SOURCE);
    if (record == null) {
      wrong(SOURCE, "A source needs a record_id");
      return null;
    }
    return usable(record, SOURCE) ? record : null;
  }

  private void wrong(String field, String detail) {
    faults.add(fault(field, detail));
  }

  private void wrong(String code, String field, String detail) {
    faults.add(
        new Answer.Fault(code, "Invalid field", detail, new Answer.Source(null, "/" + field)));
  }

  private static Answer.Fault fault(String field, String detail) {
    return new Answer.Fault(
        "invalid_field", "Invalid field", detail, new Answer.Source(null, "/" + field));
  }
}
