package dev.selfsame.source.land;

import dev.selfsame.identity.Channel;
import dev.selfsame.identity.Claim;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.Raw;
import dev.selfsame.identity.Source;
import dev.selfsame.intake.Submission;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A landing table whose rows are people, and which of its columns say what of them. A column that a
 * tool does not have is the empty text.
 *
 * @param idType what the tool calls its ids
 * @param externalId the tool's place for our own id of the person
 * @param emails the first of them that is filled
 * @param names joined by a blank
 * @param updatedAt when the tool last changed the record
 * @param mergedInto the record that this one was merged into
 */
record PeopleTable(
    String schema,
    String table,
    Channel channel,
    IdentifierType idType,
    String externalId,
    List<String> emails,
    List<String> names,
    String updatedAt,
    String deleted,
    String mergedInto) {

  private static final String NONE = "";

  static final List<PeopleTable> ALL =
      List.of(
          new PeopleTable(
              "zendesk",
              "users",
              Channel.RECORD,
              IdentifierType.of("zendesk_id"),
              "external_id",
              List.of("email"),
              List.of("name"),
              "updated_at",
              NONE,
              NONE),
          new PeopleTable(
              "stripe",
              "customers",
              Channel.BILLING,
              IdentifierType.STRIPE_ID,
              NONE,
              List.of("email"),
              List.of("name"),
              NONE,
              "is_deleted",
              NONE),
          new PeopleTable(
              "chargebee",
              "customers",
              Channel.BILLING,
              IdentifierType.CHARGEBEE_ID,
              NONE,
              List.of("email"),
              List.of("first_name", "last_name"),
              "updated_at",
              "is_deleted",
              NONE),
          salesforce("leads"),
          salesforce("contacts"),
          intercom("users"),
          intercom("contacts"),
          new PeopleTable(
              "mailchimp",
              "list_members",
              Channel.RECORD,
              IdentifierType.of("mailchimp_id"),
              NONE,
              List.of("email_address"),
              List.of("full_name"),
              "last_changed",
              NONE,
              NONE),
          new PeopleTable(
              "hubspot",
              "contacts",
              Channel.RECORD,
              IdentifierType.of("hubspot_id"),
              NONE,
              List.of("email", "properties_email_value"),
              List.of("properties_firstname_value", "properties_lastname_value"),
              "properties_lastmodifieddate_value",
              NONE,
              "canonical_vid"));

  private static PeopleTable salesforce(String table) {
    return new PeopleTable(
        "salesforce",
        table,
        Channel.RECORD,
        IdentifierType.of("salesforce_id"),
        NONE,
        List.of("email"),
        List.of("name"),
        "last_modified_date",
        "is_deleted",
        "master_record_id");
  }

  private static PeopleTable intercom(String table) {
    return new PeopleTable(
        "intercom",
        table,
        Channel.RECORD,
        IdentifierType.of("intercom_id"),
        "user_id",
        List.of("email"),
        List.of("name"),
        "updated_at",
        NONE,
        NONE);
  }

  static @Nullable PeopleTable named(String schema, String table) {
    return ALL.stream()
        .filter(each -> each.schema.equals(schema) && each.table.equals(table))
        .findFirst()
        .orElse(null);
  }

  /** The tool as a source, where the space has none of its name yet. */
  Source source() {
    return channel == Channel.BILLING
        ? Source.billing(0, schema, idType)
        : Source.record(0, schema, idType, !externalId.isEmpty());
  }

  /** What a row says. */
  Claim claim(ObjectNode row, Source source, long receivedAt) {
    Raw id = raw(row.path("id"));
    Raw email =
        emails.stream()
            .map(column -> raw(row.path(column)))
            .filter(raw -> !raw.equals(Raw.ABSENT))
            .findFirst()
            .orElse(Raw.ABSENT);
    String joined =
        names.stream()
            .map(column -> row.path(column).asString("").strip())
            .filter(text -> !text.isEmpty())
            .collect(Collectors.joining(" "));
    Raw name = joined.isEmpty() ? Raw.ABSENT : Raw.text(joined);
    long at = at(row.path(updatedAt), receivedAt);
    boolean gone = row.path(deleted).asBoolean(false);
    if (channel == Channel.BILLING) {
      return new Claim.Customer(source, at, id, email, name, gone);
    }
    Raw into = raw(row.path(mergedInto));
    return new Claim.ToolRecord(
        source,
        at,
        id,
        raw(row.path(externalId)),
        email,
        name,
        gone,
        into.equals(id) ? Raw.ABSENT : into);
  }

  private static Raw raw(JsonNode value) {
    if (value.isMissingNode() || value.isNull()) {
      return Raw.ABSENT;
    }
    if (value.isString()) {
      return Raw.text(value.asString());
    }
    return value.isNumber()
        ? new Raw.Number(value.toString())
        : new Raw.Other(value.getNodeType().name());
  }

  /** G4: when the tool changed it, never later than now. */
  private static long at(JsonNode time, long receivedAt) {
    try {
      Instant instant = OffsetDateTime.parse(time.asString("")).toInstant();
      return Math.min(Submission.micros(instant), receivedAt);
    } catch (DateTimeException e) {
      return receivedAt;
    }
  }
}
