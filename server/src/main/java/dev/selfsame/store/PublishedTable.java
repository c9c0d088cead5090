package dev.selfsame.store;

import java.util.List;
import java.util.Locale;

/** The published views that say who is who, as they go to other databases and to files. */
public enum PublishedTable {
  USERS(
      "id",
      text("id"),
      text("external_id"),
      text("email"),
      text("name"),
      text("billing_id"),
      time("created_at"),
      time("updated_at")),
  USER_IDENTITIES(
      "user_id",
      text("segment_id"),
      text("email"),
      text("zendesk_id"),
      text("stripe_id"),
      text("salesforce_id"),
      text("intercom_id"),
      text("user_id"),
      text("mailchimp_id"),
      text("hubspot_id"),
      text("chargebee_id")),
  USER_IDENTIFIERS(
      "user_id",
      text("user_id"),
      text("type"),
      text("value"),
      new Column("current", Type.BOOLEAN),
      text("source"),
      time("first_seen"),
      time("last_seen")),
  USER_MERGES(
      "merge_id",
      text("merge_id"),
      text("absorbed_id"),
      text("survivor_id"),
      text("code"),
      time("merged_at"),
      time("undone_at")),
  ACCOUNTS(
      "id",
      text("id"),
      text("external_id"),
      text("name"),
      text("domain"),
      time("created_at"),
      time("updated_at"));

  /** What a column holds. */
  public enum Type {
    TEXT,
    BOOLEAN,
    /** A moment, to the microsecond. */
    TIME
  }

  /** One column. */
  public record Column(String name, Type type) {}

  private final String key;

  @SuppressWarnings("ImmutableEnumChecker") // List.of is
  private final List<Column> columns;

  PublishedTable(String key, Column... columns) {
    this.key = key;
    this.columns = List.of(columns);
  }

  private static Column text(String name) {
    return new Column(name, Type.TEXT);
  }

  private static Column time(String name) {
    return new Column(name, Type.TIME);
  }

  /** What it is called. */
  public String code() {
    return name().toLowerCase(Locale.ROOT);
  }

  public List<Column> columns() {
    return columns;
  }

  /** The column by which rows are taken away again. */
  public String key() {
    return key;
  }

  /** Whether only one row has a key. */
  public boolean unique() {
    return this != USER_IDENTIFIERS;
  }
}
