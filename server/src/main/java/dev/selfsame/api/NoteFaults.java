package dev.selfsame.api;

import dev.selfsame.error.Problem;
import dev.selfsame.intake.Receipt;
import dev.selfsame.resolution.Reason;
import dev.selfsame.source.api.NoteWritten;
import dev.selfsame.store.FoundNote;
import java.util.ArrayList;
import java.util.List;

/** Why a note was not kept, as callers read it: each by a code, and where in the body. */
public final class NoteFaults {

  private NoteFaults() {}

  /**
   * Says all that stood against it.
   *
   * @return the status
   */
  public static int of(NoteWritten written, List<Answer.Fault> faults) {
    Receipt receipt = written.receipt();
    List<String> rows = new ArrayList<>(receipt.checks());
    rows.add(receipt.rule().code());
    Reason reason = receipt.reason();
    if (rows.contains("P5")) {
      add(
          faults,
          "email.conflict",
          "The user with this external_id has another email. Leave the email out, or correct it",
          "/user/email");
    }
    if (rows.contains("P6")) {
      add(
          faults,
          "email.conflict",
          "The user with this external_id does not have this email, and another user does;"
              + " GET /api/users?email=… shows whom",
          "/user/email");
    }
    if (rows.contains("P8")) {
      add(
          faults,
          "externalId.conflict",
          reason == Reason.EXTERNAL_ID_CONFLICT
              ? "The user with this email has another external ID; GET /api/users?email=… shows it"
              : "The user with this email may not get this external ID: "
                  + (reason == null ? "" : reason.code()),
          "/user/external_id");
    }
    if (rows.contains("P10") || rows.contains("P11")) {
      add(
          faults,
          "email.ambiguous",
          "Several users have this email, and no external ID tells which is meant;"
              + " GET /api/users?email=… shows them",
          "/user/email");
    }
    if (rows.contains("P12")) {
      add(
          faults,
          "company.conflict",
          "The note names another company than the one that its user belongs to, or several",
          "/company");
    }
    if (!faults.isEmpty()) {
      return 409;
    }
    if (reason == Reason.UNKNOWN_COMPANY) {
      add(
          faults,
          "company.notFound",
          "No account has this domain, or several do. Name it by external_id beside, which makes"
              + " one where there is none",
          "/company/domain");
      return 400;
    }
    if (reason == Reason.SOURCE_REPEATED) {
      FoundNote there = written.note();
      add(
          faults,
          "source.conflict",
          "There is a note of this origin and record_id already"
              + (there == null ? "" : ": " + there.id()),
          "/source");
      return 409;
    }
    if (reason == Reason.SUPPRESSED) {
      add(
          faults,
          Problem.SUPPRESSED.code(),
          "An erasure bars this external ID; DELETE /api/suppressions/… lifts that",
          "/user/external_id");
      return 409;
    }
    if (reason == Reason.KEY_REUSED) {
      add(faults, Problem.KEY_REUSED.code(), Answer.KEY_REUSED, "");
      return 409;
    }
    if (reason == Reason.VALUE_BLOCKED || reason == Reason.VALUE_MALFORMED) {
      for (String warning : receipt.warnings()) {
        int colon = warning.indexOf(':');
        add(
            faults,
            warning.substring(0, colon),
            "The value cannot be used: " + warning.substring(0, colon).replace('_', ' '),
            pointer(warning.substring(colon + 1)));
      }
      return 400;
    }
    if (reason == null) {
      add(faults, Problem.NOT_FOUND.code(), "The note was kept, and deleted since", "");
      return 410;
    }
    add(
        faults,
        Problem.INTERNAL_ERROR.code(),
        "The program or its database failed on this note alone; nothing was written, and the log"
            + " says how",
        "");
    return 500;
  }

  /** Where in the body stands what a warning calls so. */
  static String pointer(String field) {
    return switch (field) {
      case "external_id", "email" -> "/user/" + field;
      case "company.external_id", "company.domain" -> "/" + field.replace('.', '/');
      default -> field.isEmpty() ? "" : "/" + field;
    };
  }

  private static void add(List<Answer.Fault> faults, String code, String detail, String pointer) {
    boolean conflict = code.endsWith(".conflict") || code.endsWith(".ambiguous");
    faults.add(
        new Answer.Fault(
            code, conflict ? "Conflict" : "Not written", detail, new Answer.Source(null, pointer)));
  }
}
