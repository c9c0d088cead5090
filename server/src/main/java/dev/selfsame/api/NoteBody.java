package dev.selfsame.api;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Nearest;
import dev.selfsame.error.Problem;
import dev.selfsame.http.Json;
import dev.selfsame.source.api.NoteWrite;
import dev.selfsame.store.FoundNote;
import dev.selfsame.store.NewNote;
import dev.selfsame.store.NoteQueries;
import dev.selfsame.store.NoteRecord;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * The JSON of a note. What of it cannot be meant is a fault, by code and place; whoever cannot be
 * told of it gets a warning in its place, and the rest is taken: what is too long is cut, what is
 * no text or cannot be stored is left out.
 */
public final class NoteBody {

  static final int TITLE_CHARACTERS = 255;
  static final int CONTENT_CHARACTERS = 65_536;
  static final int URL_CHARACTERS = 2_000;
  static final int TAG_CHARACTERS = 100;
  static final int RECORD_CHARACTERS = 255;
  public static final int MOST_TAGS = 20;

  private static final String TITLE = "title";
  private static final String CONTENT = "content";
  private static final String URL = "display_url";
  private static final String TAGS = "tags";
  private static final String USER = "user";
  private static final String COMPANY = "company";
  private static final String SOURCE = "source";
  private static final String EXTERNAL_ID = "external_id";
  private static final String ORIGIN = "origin";
  private static final String RECORD_ID = "record_id";

  private static final List<String> TEXTS = List.of(TITLE, CONTENT, URL, TAGS);
  private static final List<String> ALL = List.of(TITLE, CONTENT, URL, TAGS, USER, COMPANY, SOURCE);

  private final boolean lenient;
  private final JsonNode body;
  private final List<Answer.Fault> faults = new ArrayList<>();
  private final Map<String, String> warnings = new LinkedHashMap<>();

  private NoteBody(byte[] bytes, boolean lenient, List<String> known) {
    this.lenient = lenient;
    try {
      this.body = Json.strict().readTree(bytes);
    } catch (JacksonException e) {
      throw new Failure(
          Problem.MALFORMED_JSON, "The body is not JSON: " + e.getOriginalMessage(), 0, e);
    }
    if (!body.isObject()) {
      throw new Failure(Problem.MALFORMED_JSON, "The body must be a JSON object");
    }
    knowing("", body, known);
  }

  /** Something that cannot be read as a note, by all that is wrong with it. */
  public static final class Unusable extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient List<Answer.Fault> faults;

    public Unusable(List<Answer.Fault> faults) {
      super("The note cannot be meant");
      this.faults = List.copyOf(faults);
    }

    public List<Answer.Fault> faults() {
      return faults;
    }
  }

  /**
   * Reads a note.
   *
   * @param integration out of which it comes by itself; null: its caller is told what is wrong
   * @param account an account by its id, or null
   * @throws Unusable where its caller is to be told; else only if it says nothing
   */
  public static NoteWrite read(
      byte[] bytes,
      @Nullable String integration,
      UUID id,
      Function<UUID, FoundNote.@Nullable Company> account) {
    NoteBody note = new NoteBody(bytes, integration != null, ALL);
    NoteWrite write = note.read(integration, id, account);
    note.check();
    return write;
  }

  /**
   * Reads what is to be changed of a note.
   *
   * @throws Unusable naming all that is wrong
   */
  public static NoteQueries.Change change(byte[] bytes) {
    NoteBody note = new NoteBody(bytes, false, TEXTS);
    for (String field : List.of(TITLE, CONTENT, TAGS)) {
      JsonNode value = note.body.get(field);
      if (value != null && value.isNull()) {
        note.wrong(
            "/" + field, "invalid_field", "The field %s cannot be taken away".formatted(field));
      }
    }
    JsonNode url = note.body.get(URL);
    NoteQueries.Change change =
        new NoteQueries.Change(
            note.body.has(TITLE) ? note.title() : null,
            note.body.has(CONTENT) ? note.content() : null,
            url == null ? null : url.isNull() ? "" : note.url(),
            note.body.has(TAGS) ? note.tags() : null);
    note.check();
    return change;
  }

  /**
   * Reads tags alone.
   *
   * @throws Unusable naming all that is wrong
   */
  public static List<String> tags(byte[] bytes) {
    NoteBody note = new NoteBody(bytes, false, List.of(TAGS));
    List<String> tags = note.tags();
    if (tags.isEmpty()) {
      note.wrong(
          "/" + TAGS, "invalid_field", "The field tags is needed: a list of 1 or more texts");
    }
    note.check();
    return tags;
  }

  private void check() {
    if (!faults.isEmpty()) {
      throw new Unusable(faults);
    }
  }

  private NoteWrite read(
      @Nullable String integration, UUID id, Function<UUID, FoundNote.@Nullable Company> account) {
    String title = title();
    String content = content();
    if (lenient && title == null && content == null) {
      faults.add(fault("", "no_content", "A note without a title and content says nothing"));
    }
    String shownTitle = title == null ? first(content == null ? "" : content) : title;
    JsonNode user = object(USER, List.of(EXTERNAL_ID, "email"));
    JsonNode company = object(COMPANY, List.of("id", EXTERNAL_ID, "domain"));
    String companyId = identifier(company, COMPANY, EXTERNAL_ID, "company.external_id");
    String domain = identifier(company, COMPANY, "domain", "company.domain");
    FoundNote.Company named = named(company, account);
    if (named != null) {
      if (companyId != null || domain != null) {
        wrong(
            "/company",
            "invalid_field",
            "The company is named by its id, or by its external_id and domain; not by both");
      }
      companyId = named.externalId();
      domain = null;
    }
    return new NoteWrite(
        integration,
        identifier(user, USER, EXTERNAL_ID, EXTERNAL_ID),
        identifier(user, USER, "email", "email"),
        companyId,
        domain,
        new NewNote(
            id, shownTitle, content == null ? "" : content, url(), tags(), record(integration)),
        warnings);
  }

  private FoundNote.@Nullable Company named(
      @Nullable JsonNode company, Function<UUID, FoundNote.@Nullable Company> account) {
    JsonNode given = company == null ? null : company.get("id");
    if (given == null || given.isNull()) {
      return null;
    }
    UUID id = given.isString() ? Uuid.of(given.asString()) : null;
    FoundNote.Company found = id == null ? null : account.apply(id);
    if (found == null) {
      wrong("/company/id", "company.notFound", "There is no account with this id");
    }
    return found;
  }

  private @Nullable String title() {
    String title = text(body, "", TITLE, TITLE_CHARACTERS, true);
    return title == null ? null : title.strip();
  }

  /** What stands for a title that is missing. */
  private static String first(String content) {
    String line = content.strip().lines().findFirst().orElse("").strip();
    return cut(line, 80);
  }

  private @Nullable String content() {
    return text(body, "", CONTENT, CONTENT_CHARACTERS, true);
  }

  private @Nullable String url() {
    String url = text(body, "", URL, URL_CHARACTERS, false);
    if (url == null) {
      return null;
    }
    try {
      URI uri = new URI(url.strip());
      String scheme = uri.getScheme();
      if (uri.getHost() != null && ("https".equals(scheme) || "http".equals(scheme))) {
        return url.strip();
      }
    } catch (URISyntaxException e) {
      // Said below.
    }
    wrong(
        "/" + URL,
        "url_malformed",
        "The field display_url is no web address, such as https://example.com/tickets/1");
    return null;
  }

  private List<String> tags() {
    JsonNode given = body.get(TAGS);
    if (given == null || given.isNull()) {
      return List.of();
    }
    if (!given.isArray()) {
      wrong("/" + TAGS, "invalid_field", "The field tags must be a list of texts");
      return List.of();
    }
    Set<String> tags = new LinkedHashSet<>();
    for (int i = 0; i < given.size(); i++) {
      String tag = text(given.get(i), "/" + TAGS + "/" + i, TAGS + "/" + i, TAG_CHARACTERS);
      if (tag != null && !tag.isBlank()) {
        tags.add(tag.strip());
      } else if (tag != null) {
        wrong("/" + TAGS + "/" + i, "value_blank", "A tag is blank");
      }
    }
    if (tags.size() > MOST_TAGS) {
      wrong(
          "/" + TAGS,
          "too_many_tags",
          "There are %d tags; expected at most %d".formatted(tags.size(), MOST_TAGS));
    }
    return tags.stream().limit(MOST_TAGS).toList();
  }

  private @Nullable NoteRecord record(@Nullable String integration) {
    JsonNode source = object(SOURCE, List.of(ORIGIN, RECORD_ID));
    if (source == null) {
      return null;
    }
    String origin = text(source, "/source", ORIGIN, RECORD_CHARACTERS, integration == null);
    String recordId = text(source, "/source", RECORD_ID, RECORD_CHARACTERS, true);
    String from = origin == null || origin.isBlank() ? integration : origin.strip();
    return from == null || recordId == null || recordId.isBlank()
        ? null
        : new NoteRecord(from, recordId.strip());
  }

  private @Nullable JsonNode object(String name, List<String> known) {
    JsonNode value = body.get(name);
    if (value == null || value.isNull()) {
      return null;
    }
    if (!value.isObject()) {
      wrong(
          "/" + name,
          "invalid_field",
          "The field %s must be an object of %s".formatted(name, String.join(", ", known)));
      return null;
    }
    knowing("/" + name, value, known);
    return value;
  }

  private void knowing(String at, JsonNode object, List<String> known) {
    for (String name : object.propertyNames()) {
      if (!known.contains(name) && !lenient) {
        wrong(
            at + "/" + name.replace("~", "~0").replace("/", "~1"),
            "invalid_field",
            "There is no field %s here; did you mean %s? Known: %s"
                .formatted(name, Nearest.of(name, known), String.join(", ", known)));
      }
    }
  }

  /** An identifier: a JSON integer is its text. Whether it can be used, the rules say. */
  private @Nullable String identifier(
      @Nullable JsonNode object, String parent, String name, String field) {
    JsonNode value = object == null ? null : object.get(name);
    if (value == null || value.isNull()) {
      return null;
    }
    String at = "/" + parent + "/" + name;
    if (!value.isString() && !value.isIntegralNumber()) {
      wrong(at, field, "value_not_text", "The field %s must be text".formatted(name));
      return null;
    }
    String text = value.asString();
    if (broken(text)) {
      wrong(
          at,
          field,
          "value_malformed",
          "The field %s has a NUL or half of a character".formatted(name));
      return null;
    }
    // What is far too long for every limit is not worth keeping as it was sent.
    return cut(text, 2_000);
  }

  private @Nullable String text(JsonNode object, String at, String name, int most, boolean needed) {
    JsonNode value = object.get(name);
    String pointer = at + "/" + name;
    if (value == null || value.isNull()) {
      if (needed) {
        missing(pointer, name);
      }
      return null;
    }
    String text = text(value, pointer, pointer.substring(1), most);
    if (text != null && text.isBlank()) {
      if (needed) {
        missing(pointer, name);
      }
      return null;
    }
    return text;
  }

  private void missing(String pointer, String name) {
    if (!lenient) {
      wrong(pointer, "invalid_field", "The field %s is needed, as text".formatted(name));
    }
  }

  private @Nullable String text(JsonNode value, String pointer, String field, int most) {
    if (!value.isString() && !(lenient && value.isNumber())) {
      wrong(pointer, field, "value_not_text", "The field %s must be text".formatted(field));
      return null;
    }
    String text = value.asString();
    if (broken(text)) {
      wrong(
          pointer,
          field,
          "text_repaired",
          "The field %s has a NUL or half of a character, which cannot be stored".formatted(field));
      text = repaired(text);
    }
    int characters = text.codePointCount(0, text.length());
    if (characters > most) {
      wrong(
          pointer,
          field,
          "value_too_long",
          "The field %s has %d characters; expected at most %d".formatted(field, characters, most));
      text = cut(text, most);
    }
    return text;
  }

  private static boolean broken(String text) {
    return text.codePoints()
        .anyMatch(c -> c == 0 || (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE));
  }

  private static String repaired(String text) {
    StringBuilder repaired = new StringBuilder(text.length());
    text.codePoints()
        .map(c ->
            c == 0 || (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) ? 0xFFFD : c)
        .forEach(repaired::appendCodePoint);
    return repaired.toString();
  }

  private static String cut(String text, int most) {
    return text.codePointCount(0, text.length()) <= most
        ? text
        : text.substring(0, text.offsetByCodePoints(0, most));
  }

  private void wrong(String pointer, String code, String detail) {
    wrong(pointer, pointer.isEmpty() ? "" : pointer.substring(1), code, detail);
  }

  private void wrong(String pointer, String field, String code, String detail) {
    if (lenient) {
      warnings.put(field, code.replace('.', '_'));
    } else {
      faults.add(fault(pointer, code, detail));
    }
  }

  private static Answer.Fault fault(String pointer, String code, String detail) {
    return new Answer.Fault(code, "Invalid field", detail, new Answer.Source(null, pointer));
  }
}
