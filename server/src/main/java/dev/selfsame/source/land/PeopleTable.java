package dev.selfsame.source.land;

import dev.selfsame.identity.Channel;
import dev.selfsame.identity.Claim;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.Raw;
import dev.selfsame.identity.Source;
import dev.selfsame.intake.Submission;
import dev.selfsame.store.ColumnType;
import dev.selfsame.store.LandedClaims;
import dev.selfsame.store.LandedClaims.ClaimRow;
import dev.selfsame.store.LandingTable;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A landing table whose rows are people, and which of its columns say what of them. A column that a
 * tool does not have is the empty text.
 *
 * @param idType what the tool calls its ids
 * @param externalId the tool's place for our own id of the person
 * @param emails the first of them that is filled
 * @param names the first that is filled; several joined by a plus belong together
 * @param updatedAt when the tool last changed the record
 * @param deleted says that the record is deleted, with the value that says so
 * @param follows name another record of the tool that this one became part of
 */
record PeopleTable(
    String tool,
    String table,
    Channel channel,
    IdentifierType idType,
    String externalId,
    List<String> emails,
    List<String> names,
    String updatedAt,
    Map<String, Boolean> deleted,
    List<String> follows) {

  static final String ID = "id";
  private static final String NONE = "";
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Map<String, Boolean> IS_DELETED = Map.of("is_deleted", true);

  /** Columns of a row of Segment's that are no traits. */
  private static final Set<String> NO_TRAITS =
      Set.of("id", "user_id", "email", "name", "received_at", "uuid", "uuid_ts");

  private static final List<PeopleTable> KNOWN =
      List.of(
          new PeopleTable(
              "segment",
              "landed_users",
              Channel.SEGMENT,
              IdentifierType.EXTERNAL_ID,
              NONE,
              List.of("email"),
              List.of("name"),
              "received_at",
              Map.of(),
              List.of()),
          new PeopleTable(
              "zendesk",
              "users",
              Channel.RECORD,
              IdentifierType.of("zendesk_id"),
              "external_id",
              List.of("email"),
              List.of("name"),
              "updated_at",
              Map.of("active", false),
              List.of()),
          billing("stripe", IdentifierType.STRIPE_ID, List.of("name")),
          billing("chargebee", IdentifierType.CHARGEBEE_ID, List.of("first_name+last_name")),
          salesforce("leads", List.of("master_record_id", "converted_contact_id")),
          salesforce("contacts", List.of("master_record_id")),
          intercom("users", "user_id"),
          // A lead's user_id is one that Intercom made up.
          intercom("contacts", NONE),
          new PeopleTable(
              "mailchimp",
              "list_members",
              Channel.RECORD,
              IdentifierType.of("mailchimp_id"),
              NONE,
              List.of("email_address"),
              List.of("full_name"),
              "last_changed",
              Map.of(),
              List.of()),
          new PeopleTable(
              "hubspot",
              "contacts",
              Channel.RECORD,
              IdentifierType.of("hubspot_id"),
              NONE,
              List.of("email", "properties_email_value"),
              List.of("properties_firstname_value+properties_lastname_value"),
              "properties_lastmodifieddate_value",
              Map.of(),
              List.of("canonical_vid")));

  private static PeopleTable billing(String tool, IdentifierType idType, List<String> names) {
    return new PeopleTable(
        tool,
        "customers",
        Channel.BILLING,
        idType,
        NONE,
        List.of("email"),
        names,
        "updated_at",
        IS_DELETED,
        List.of());
  }

  private static PeopleTable salesforce(String table, List<String> follows) {
    return new PeopleTable(
        "salesforce",
        table,
        Channel.RECORD,
        IdentifierType.of("salesforce_id"),
        NONE,
        List.of("email"),
        List.of("name", "first_name+last_name"),
        "last_modified_date",
        IS_DELETED,
        follows);
  }

  private static PeopleTable intercom(String table, String externalId) {
    return new PeopleTable(
        "intercom",
        table,
        Channel.RECORD,
        IdentifierType.of("intercom_id"),
        externalId,
        List.of("email"),
        List.of("name"),
        "updated_at",
        Map.of(),
        List.of());
  }

  /** A table of a tool that nobody knew before; its columns are called as in the options. */
  private static PeopleTable other(String tool, String table) {
    return new PeopleTable(
        tool,
        table,
        Channel.RECORD,
        IdentifierType.of(tool + "_id"),
        "external_id",
        List.of("email"),
        List.of("name", "first_name+last_name"),
        "updated_at",
        IS_DELETED,
        List.of());
  }

  /**
   * The table of that name, if its rows are people.
   *
   * @param said whether somebody says, or said, that they are
   */
  static @Nullable PeopleTable named(String tool, String table, boolean said) {
    for (PeopleTable known : KNOWN) {
      if (known.tool.equals(tool) && known.table.equals(table)) {
        return known;
      }
    }
    if (!said || tool.equals("segment")) {
      return null;
    }
    return KNOWN.stream()
        .filter(known -> known.tool.equals(tool))
        .findFirst()
        .map(known -> known.likewise(table))
        .orElseGet(() -> other(tool, table));
  }

  /** Another table of the same tool, in the columns of {@link #other}. */
  private PeopleTable likewise(String name) {
    PeopleTable plain = other(tool, name);
    return new PeopleTable(
        tool,
        name,
        channel,
        idType,
        plain.externalId,
        plain.emails,
        plain.names,
        plain.updatedAt,
        plain.deleted,
        List.of());
  }

  /** The tool as a source, where the space has none of its name yet. */
  Source source(boolean externalIdIsOurs) {
    return switch (channel) {
      case BILLING -> Source.billing(0, tool, idType);
      case SEGMENT -> Source.segment(0, tool);
      default -> Source.record(0, tool, idType, externalIdIsOurs);
    };
  }

  /** Whether the tool's external id is ours unless somebody says otherwise. */
  boolean externalIdIsOurs() {
    return tool.equals("zendesk") || tool.equals("intercom");
  }

  /** The columns that its claims are made of. */
  Set<String> claiming(LandingTable landing) {
    if (channel == Channel.SEGMENT) {
      return landing.columns().keySet();
    }
    return new LinkedHashSet<>(columns());
  }

  private List<String> columns() {
    List<String> columns = new ArrayList<>();
    add(columns, externalId);
    columns.addAll(emails);
    names.forEach(name -> columns.addAll(List.of(name.split("\\+", -1))));
    add(columns, updatedAt);
    columns.addAll(deleted.keySet());
    columns.addAll(follows);
    return columns;
  }

  private static void add(List<String> columns, String column) {
    if (!column.isEmpty()) {
      columns.add(column);
    }
  }

  LandedClaims.Reading reading(LandingTable landing) {
    List<String> read =
        columns().stream()
            .map(column ->
                column.equals(updatedAt) && landing.columns().get(column) != ColumnType.TIME
                    ? NONE
                    : column)
            .toList();
    return new LandedClaims.Reading(
        landing, read, channel == Channel.SEGMENT ? NO_TRAITS : null, follows, idType.name());
  }

  /** Whether the row names another record that it became part of. */
  boolean follows(ClaimRow row) {
    String into = new Values(columns(), row).first(follows);
    return into != null && !into.equals(row.id());
  }

  /**
   * What a row says.
   *
   * @param follow whether it says which record it became part of; that says nothing as long as
   *     nobody knows that record
   * @param receivedAt microseconds since 1970 UTC
   */
  Submission submission(ClaimRow row, Source source, boolean follow, long receivedAt) {
    Values values = new Values(columns(), row);
    String updated = values.of(updatedAt);
    long at = updated == null ? receivedAt : Math.min(Long.parseLong(updated), receivedAt);
    Raw email = raw(values.first(emails));
    Raw name = raw(name(values));
    boolean gone =
        deleted.entrySet().stream()
            .anyMatch(each -> each.getValue().toString().equals(values.of(each.getKey())));
    Raw id = Raw.text(row.id());
    String into = follow ? values.first(follows) : null;
    ObjectNode kept = JSON.createObjectNode();
    if (channel == Channel.SEGMENT) {
      return identify(row, source, at, email, name, receivedAt, kept);
    }
    Claim claim =
        channel == Channel.BILLING
            ? new Claim.Customer(source, at, id, email, name, gone)
            : new Claim.ToolRecord(
                source,
                at,
                id,
                raw(values.of(externalId)),
                email,
                name,
                gone,
                into == null || into.equals(row.id()) ? Raw.ABSENT : Raw.text(into));
    kept.put("type", "record").put("table", tool + "." + table);
    ObjectNode said = kept.putObject("row");
    said.put(ID, row.id());
    values.putAll(said, updatedAt);
    if (into == null) {
      follows.forEach(said::remove);
    }
    return new Submission(
        claim, receivedAt, null, JSON.writeValueAsBytes(kept), null, Set.of(), Map.of());
  }

  /**
   * What a row said, by the values that were kept of it: those of its columns that were filled.
   *
   * @throws IllegalArgumentException if they are none that are kept
   */
  Submission submission(ObjectNode said, Source source, long receivedAt) {
    String id = said.path(ID).stringValue(null);
    if (id == null || channel == Channel.SEGMENT) {
      throw new IllegalArgumentException(
          "No row of %s.%s was kept like that".formatted(tool, table));
    }
    List<String> columns = columns();
    @Nullable String[] values = new @Nullable String[columns.size()];
    for (int i = 0; i < values.length; i++) {
      String value = said.path(columns.get(i)).stringValue(null);
      values[i] =
          value != null && columns.get(i).equals(updatedAt)
              ? Long.toString(ChronoUnit.MICROS.between(Instant.EPOCH, time(value)))
              : value;
    }
    return submission(new ClaimRow(0, id, values, null, true), source, true, receivedAt);
  }

  private static Instant time(String kept) {
    try {
      return Instant.parse(kept);
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException("No time is kept like " + kept, e);
    }
  }

  private Submission identify(
      ClaimRow row, Source source, long at, Raw email, Raw name, long receivedAt, ObjectNode kept) {
    String rest = row.rest();
    ObjectNode traits = rest == null ? JSON.createObjectNode() : (ObjectNode) JSON.readTree(rest);
    Raw billing = raw(traits.path("billing_user_id").stringValue(null));
    Claim claim =
        new Claim.Identify(source, at, Raw.text(row.id()), name, email, billing, Raw.ABSENT);
    traits.remove("billing_user_id");
    byte[] landed = traits.isEmpty() ? null : JSON.writeValueAsBytes(traits);
    Set<String> names = Set.copyOf(traits.propertyNames());
    put(traits, "email", email);
    put(traits, "name", name);
    put(traits, "billingUserId", billing);
    kept.put("type", "identify").put("userId", row.id());
    kept.put("timestamp", Instant.EPOCH.plus(at, ChronoUnit.MICROS).toString());
    kept.set("traits", traits);
    return new Submission(
        claim, receivedAt, null, JSON.writeValueAsBytes(kept), landed, names, Map.of());
  }

  private static void put(ObjectNode traits, String name, Raw value) {
    if (value instanceof Raw.Text text) {
      traits.put(name, text.value());
    }
  }

  private @Nullable String name(Values values) {
    for (String each : names) {
      List<String> filled = new ArrayList<>();
      for (String column : each.split("\\+", -1)) {
        String part = values.of(column);
        if (part != null && !part.isBlank()) {
          filled.add(part.strip());
        }
      }
      if (!filled.isEmpty()) {
        return String.join(" ", filled);
      }
    }
    return null;
  }

  private static Raw raw(@Nullable String text) {
    return text == null ? Raw.ABSENT : Raw.text(text);
  }

  /** A row's values by column. */
  private record Values(List<String> columns, ClaimRow row) {

    @Nullable String of(String column) {
      @Nullable String[] values = row.values();
      int at = columns.indexOf(column);
      return values == null || at < 0 ? null : values[at];
    }

    @Nullable String first(List<String> of) {
      for (String column : of) {
        String value = of(column);
        if (value != null && !value.isBlank()) {
          return value;
        }
      }
      return null;
    }

    /** All that are filled, as they are kept; a time is one. */
    void putAll(ObjectNode said, String time) {
      for (String column : columns) {
        String value = of(column);
        if (value != null) {
          said.put(
              column,
              column.equals(time)
                  ? Instant.EPOCH.plus(Long.parseLong(value), ChronoUnit.MICROS).toString()
                  : value);
        }
      }
    }
  }
}
