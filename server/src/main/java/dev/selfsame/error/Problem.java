package dev.selfsame.error;

/**
 * A way in which a call can fail. The code is public and stable; the kind says who has to do
 * something about it.
 */
public enum Problem {
  MALFORMED_JSON("malformed_json", Kind.BAD_INPUT),
  BODY_TOO_LARGE("body_too_large", Kind.BAD_INPUT),
  EVENT_TOO_LARGE("event_too_large", Kind.BAD_INPUT),
  INVALID_REQUEST("invalid_request", Kind.BAD_INPUT),
  CSV_ENCODING("csv_encoding", Kind.BAD_INPUT),
  CSV_SYNTAX("csv_syntax", Kind.BAD_INPUT),
  CSV_HEADER("csv_header", Kind.BAD_INPUT),
  LANDING_FILE("landing_file", Kind.BAD_INPUT),
  LANDING_COLUMN("landing_column", Kind.BAD_INPUT),
  LANDING_LIMIT("landing_limit", Kind.BAD_INPUT),
  LANDING_QUERY("landing_query", Kind.BAD_INPUT),
  LANDING_NAME("landing_name", Kind.BAD_INPUT),
  LANDING_VALUE("landing_value", Kind.BAD_INPUT),
  LANDING_ELSEWHERE("landing_elsewhere", Kind.CONFLICT),
  CONNECTION_INVALID("connection_invalid", Kind.BAD_INPUT),
  CONNECTION_EXISTS("connection_exists", Kind.CONFLICT),
  CONNECTION_IN_USE("connection_in_use", Kind.CONFLICT),
  WAREHOUSE_UNREACHABLE("warehouse_unreachable", Kind.UNAVAILABLE),
  WAREHOUSE_LOGIN("warehouse_login", Kind.BAD_INPUT),
  WAREHOUSE_TLS("warehouse_tls", Kind.BAD_INPUT),
  WAREHOUSE_DRIVER("warehouse_driver", Kind.BAD_INPUT),
  WAREHOUSE_QUERY("warehouse_query", Kind.BAD_INPUT),
  WAREHOUSE_WRITES("warehouse_writes", Kind.BAD_INPUT),
  WAREHOUSE_TIMEOUT("warehouse_timeout", Kind.BAD_INPUT),
  PUBLICATION_INVALID("publication_invalid", Kind.BAD_INPUT),
  PUBLICATION_EXISTS("publication_exists", Kind.CONFLICT),
  PUBLISH_UNDER_WAY("publish_under_way", Kind.CONFLICT),
  PUBLISH_FOREIGN("publish_foreign", Kind.CONFLICT),
  PUBLISH_CHANGED("publish_changed", Kind.CONFLICT),
  PUBLISH_RIGHTS("publish_rights", Kind.BAD_INPUT),
  PUBLISH_FULL("publish_full", Kind.UNAVAILABLE),
  PUBLISH_FAILED("publish_failed", Kind.BAD_INPUT),
  PUBLISH_UNWRITABLE("publish_unwritable", Kind.BAD_INPUT),
  SECRET_KEY("secret_key", Kind.UNAVAILABLE),
  SOURCE_EXISTS("source_exists", Kind.CONFLICT),
  SOURCE_INVALID("source_invalid", Kind.BAD_INPUT),
  SOURCE_NOT_CONFIGURED("source_not_configured", Kind.CONFLICT),
  RUN_UNDER_WAY("run_under_way", Kind.CONFLICT),
  NO_RUN("no_run", Kind.CONFLICT),
  NO_EVENTS("no_events", Kind.BAD_INPUT),
  INVALID_PARAMETER("invalid_parameter", Kind.BAD_INPUT),
  INVALID_WRITE_KEY("invalid_write_key", Kind.UNAUTHENTICATED),
  INVALID_AUTHORIZATION("invalid_authorization", Kind.UNAUTHENTICATED),
  INVALID_SIGNATURE("invalid_signature", Kind.UNAUTHENTICATED),
  PARTLY_SIGNED("partly_signed", Kind.UNAUTHENTICATED),
  INVALID_TOKEN("invalid_token", Kind.UNAUTHENTICATED),
  MISSING_SCOPE("missing_scope", Kind.FORBIDDEN),
  SIGNED_OUT("signed_out", Kind.UNAUTHENTICATED),
  SIGN_IN_REFUSED("sign_in_refused", Kind.UNAUTHENTICATED),
  TOO_MANY_TRIES("too_many_tries", Kind.TRY_LATER),
  LINK_UNUSABLE("link_unusable", Kind.GONE),
  FOREIGN_FORM("foreign_form", Kind.FORBIDDEN),
  PROVIDER_REFUSED("provider_refused", Kind.UNAUTHENTICATED),
  PROVIDER_AWAY("provider_away", Kind.UNAVAILABLE),
  NOT_INVITED("not_invited", Kind.FORBIDDEN),
  UNKNOWN_MEMBER("unknown_member", Kind.NOT_FOUND),
  MEMBER_EXISTS("member_exists", Kind.CONFLICT),
  LAST_ADMIN("last_admin", Kind.CONFLICT),
  NOT_FOUND("not_found", Kind.NOT_FOUND),
  USER_MERGED("user_merged", Kind.GONE),
  KEY_REUSED("idempotency_key_reused", Kind.CONFLICT),
  SUPPRESSED("suppressed", Kind.CONFLICT),
  SAME_USER("same_user", Kind.BAD_INPUT),
  UNKNOWN_USER("unknown_user", Kind.NOT_FOUND),
  UNKNOWN_ACCOUNT("unknown_account", Kind.NOT_FOUND),
  SAME_ACCOUNT("same_account", Kind.BAD_INPUT),
  NOT_LINKED("not_linked", Kind.NOT_FOUND),
  SEVERAL_USERS("several_users", Kind.CONFLICT),
  ABSORBED_USER("absorbed_user", Kind.CONFLICT),
  LIMIT_REACHED("limit_reached", Kind.CONFLICT),
  AMBIGUOUS_IDENTIFIER("identifier.ambiguous", Kind.CONFLICT),
  UNKNOWN_MERGE("unknown_merge", Kind.NOT_FOUND),
  ALREADY_UNDONE("already_undone", Kind.CONFLICT),
  ERASED_USER("erased_user", Kind.GONE),
  NOT_HELD("not_held", Kind.CONFLICT),
  LAST_IDENTIFIER("last_identifier", Kind.CONFLICT),
  UNKNOWN_FLAG("unknown_flag", Kind.NOT_FOUND),
  FLAG_CLOSED("flag_closed", Kind.CONFLICT),
  FLAG_ACTION("flag_action", Kind.BAD_INPUT),
  TOO_BUSY("too_busy", Kind.TRY_LATER),
  TOO_MANY_REQUESTS("too_many_requests", Kind.TRY_LATER),
  UNSUPPORTED_VERSION("unsupported_version", Kind.BAD_INPUT),
  POLICY_INVALID("policy_invalid", Kind.BAD_INPUT),
  POLICY_CHANGED("policy_changed", Kind.CONFLICT),
  EMAILS_SHARED("emails_shared", Kind.CONFLICT),
  LEDGER_TOO_LONG("ledger_too_long", Kind.CONFLICT),
  INVALID_SETTING("invalid_setting", Kind.BAD_INPUT),
  TLS_UNUSABLE("tls_unusable", Kind.BAD_INPUT),
  STATEMENT_FAILED("statement_failed", Kind.BAD_INPUT),
  STATEMENT_REFUSED("statement_refused", Kind.FORBIDDEN),
  UNKNOWN_QUESTION("unknown_question", Kind.NOT_FOUND),
  QUESTION_INVALID("question_invalid", Kind.BAD_INPUT),
  QUESTION_EXISTS("question_exists", Kind.CONFLICT),
  NO_CHART("no_chart", Kind.NOT_FOUND),
  NO_FONTS("no_fonts", Kind.UNAVAILABLE),
  STORE_AWAY("store_away", Kind.UNAVAILABLE),
  STORE_SLOW("store_slow", Kind.UNAVAILABLE),
  STORE_LOGIN("store_login", Kind.UNAVAILABLE),
  STORE_RIGHTS("store_rights", Kind.UNAVAILABLE),
  STORE_UNFIT("store_unfit", Kind.UNAVAILABLE),
  READER_MISSING("reader_missing", Kind.UNAVAILABLE),
  FILE_EXISTS("file_exists", Kind.CONFLICT),
  FILE_UNUSABLE("file_unusable", Kind.BAD_INPUT),
  NOT_A_BACKUP("not_a_backup", Kind.BAD_INPUT),
  BACKUP_DAMAGED("backup_damaged", Kind.BAD_INPUT),
  BACKUP_NEWER("backup_newer", Kind.CONFLICT),
  NOT_EMPTY("not_empty", Kind.CONFLICT),
  IMPORT_NOT_PREVIEWED("import_not_previewed", Kind.CONFLICT),
  IMPORT_NOT_FINISHED("import_not_finished", Kind.CONFLICT),
  DISK_LOW("disk_low", Kind.UNAVAILABLE),
  STOPPED("stopped", Kind.TRY_LATER),
  RESTORE_UNFINISHED("restore_unfinished", Kind.CONFLICT),
  INTERNAL_ERROR("internal_error", Kind.BUG);

  /** Who has to do something about a problem, and whether trying again can help. */
  public enum Kind {
    BAD_INPUT,
    UNAUTHENTICATED,
    FORBIDDEN,
    NOT_FOUND,
    CONFLICT,
    GONE,
    TRY_LATER,
    UNAVAILABLE,
    BUG
  }

  private final String code;
  private final Kind kind;

  Problem(String code, Kind kind) {
    this.code = code;
    this.kind = kind;
  }

  public String code() {
    return code;
  }

  public Kind kind() {
    return kind;
  }
}
