package dev.selfsame.api;

import dev.selfsame.error.Problem;
import dev.selfsame.intake.Receipt;
import dev.selfsame.resolution.Reason;
import dev.selfsame.source.api.Written;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Why a user was not written, as callers read it: each by a code, and where in the body. */
public final class WriteFaults {

  private static final String TAKEN = "value_taken";

  private WriteFaults() {}

  /**
   * Says all that stood against it.
   *
   * @param at where in the body the user stands
   * @param fields by the name that REST gives a field, the one that warnings name
   * @return the status
   */
  public static int of(
      Written written, String at, Map<String, String> fields, List<Answer.Fault> faults) {
    Receipt receipt = written.receipt();
    List<String> rows = new ArrayList<>(receipt.checks());
    rows.add(receipt.rule().code());
    if (rows.contains("A1")) {
      faults.add(
          conflict(
              "externalId.conflict",
              "Another user has this external ID, or had it before; GET /api/users?externalId=…"
                  + " shows whom",
              at + "/externalId"));
    }
    if (rows.contains("A2")) {
      faults.add(
          conflict(
              "email.conflict",
              "Another user has this email, and here each may have one user; GET"
                  + " /api/users?email=… shows whom",
              at + "/email"));
    }
    for (String warning : receipt.warnings()) {
      int colon = warning.indexOf(':');
      String kind = warning.substring(0, colon);
      String field = warning.substring(colon + 1);
      String name = name(field, fields);
      if (kind.equals(TAKEN)) {
        boolean billing = name.equals("billingId");
        faults.add(
            conflict(
                billing ? "billingId.conflict" : "recordId.conflict",
                "Another user has this %s; GET /api/users?identifier=%s:… shows whom"
                    .formatted(field, field),
                at + "/" + name));
      } else if (rows.contains("A7") && !kind.equals("value_suppressed")) {
        faults.add(
            new Answer.Fault(
                kind,
                "Invalid field",
                "The value cannot be used: " + kind.replace('_', ' '),
                new Answer.Source(null, at + "/" + name)));
      }
    }
    if (rows.contains("A7")) {
      if (receipt.reason() == Reason.NO_KEY) {
        faults.add(
            new Answer.Fault(
                "no_identifier",
                "No identifier",
                "A new user needs an externalId, email, billingId or one of recordIds that can be"
                    + " used; else nothing would ever find it",
                new Answer.Source(null, at)));
      }
      return 400;
    }
    if (!faults.isEmpty()) {
      return 409;
    }
    return other(receipt.reason(), at, faults);
  }

  private static int other(@Nullable Reason reason, String at, List<Answer.Fault> faults) {
    if (reason == Reason.SUPPRESSED) {
      return add(
          Problem.SUPPRESSED,
          409,
          "An erasure bars this external ID; DELETE /api/suppressions/… lifts that",
          at + "/externalId",
          faults);
    }
    if (reason == Reason.KEY_REUSED) {
      return add(Problem.KEY_REUSED, 409, Answer.KEY_REUSED, at, faults);
    }
    if (reason == Reason.UNKNOWN_USER) {
      return add(Problem.UNKNOWN_USER, 404, "There is no user with this id", at, faults);
    }
    if (reason == Reason.ABSORBED_USER) {
      return add(
          Problem.USER_MERGED,
          410,
          "This user was merged into another; GET /api/users/ID says into which",
          at,
          faults);
    }
    if (reason == null) {
      return add(
          Problem.ERASED_USER, 410, "The user was written, and erased right after", at, faults);
    }
    return add(
        Problem.INTERNAL_ERROR,
        500,
        "The program or its database failed on this user alone; nothing was written, and the log"
            + " says how",
        at,
        faults);
  }

  private static int add(
      Problem problem, int status, String detail, String at, List<Answer.Fault> faults) {
    faults.add(
        new Answer.Fault(
            problem.code(),
            problem.code().substring(0, 1).toUpperCase(Locale.ROOT)
                + problem.code().substring(1).replace('_', ' '),
            detail,
            new Answer.Source(null, at)));
    return status;
  }

  private static Answer.Fault conflict(String code, String detail, String pointer) {
    return new Answer.Fault(code, "Conflict", detail, new Answer.Source(null, pointer));
  }

  /** As it is called in the body, below the user. */
  private static String name(String field, Map<String, String> fields) {
    for (Map.Entry<String, String> each : fields.entrySet()) {
      if (each.getValue().equals(field)) {
        return each.getKey();
      }
    }
    return "recordIds/" + field;
  }
}
