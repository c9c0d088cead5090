package dev.selfsame.api;

import dev.selfsame.error.Problem;
import dev.selfsame.intake.Receipt;
import dev.selfsame.resolution.Reason;
import java.util.List;

/** Why an account was not written, as callers read it: each by a code, and where in the body. */
public final class AccountFaults {

  private AccountFaults() {}

  /**
   * Says what stood against it.
   *
   * @return the status
   */
  public static int of(Receipt receipt, List<Answer.Fault> faults) {
    Reason reason = receipt.reason();
    if (reason == Reason.EXTERNAL_ID_CONFLICT) {
      return conflict(
          faults,
          "externalId.conflict",
          "Another account has this external ID, or one that was merged into it had; GET"
              + " /api/accounts?externalId=… shows which",
          "/externalId");
    }
    if (reason == Reason.DOMAIN_CONFLICT) {
      return conflict(
          faults,
          "domain.conflict",
          "Another account has this domain; GET /api/accounts?domain=… shows which. Merge the two,"
              + " or take it away there first",
          "/domain");
    }
    if (reason == Reason.VALUE_BLOCKED || reason == Reason.VALUE_MALFORMED) {
      for (String warning : receipt.warnings()) {
        int colon = warning.indexOf(':');
        String kind = warning.substring(0, colon);
        String field = warning.substring(colon + 1);
        boolean freeMail = kind.equals("value_blocked") && field.equals("domain");
        add(
            faults,
            kind,
            freeMail
                ? "Anybody can have a mailbox of this domain, or it is blocked: it is no company's"
                : "The value cannot be used: " + kind.replace('_', ' '),
            "/" + (field.equals("external_id") ? "externalId" : field));
      }
      return 400;
    }
    if (reason == Reason.UNKNOWN_ACCOUNT) {
      add(faults, Problem.UNKNOWN_ACCOUNT.code(), "There is no account with this id any more", "");
      return 404;
    }
    if (reason == Reason.SAME_ACCOUNT) {
      add(faults, Problem.SAME_ACCOUNT.code(), "An account cannot be merged with itself", "/into");
      return 400;
    }
    if (reason == Reason.UNKNOWN_USER) {
      add(faults, Problem.UNKNOWN_USER.code(), "There is no user with this id", "");
      return 404;
    }
    if (reason == Reason.ABSORBED_USER) {
      add(
          faults,
          Problem.USER_MERGED.code(),
          "This user was merged into another; GET /api/users/ID says into which",
          "");
      return 410;
    }
    if (reason == Reason.NOT_LINKED) {
      add(faults, Problem.NOT_LINKED.code(), "The user does not belong to this account", "");
      return 404;
    }
    if (reason == Reason.KEY_REUSED) {
      add(faults, Problem.KEY_REUSED.code(), Answer.KEY_REUSED, "");
      return 409;
    }
    if (reason == Reason.NO_KEY) {
      add(faults, "value_blank", "An account needs an external ID that can be used", "/externalId");
      return 400;
    }
    add(
        faults,
        Problem.INTERNAL_ERROR.code(),
        "The program or its database failed on this account alone; nothing was written, and the"
            + " log says how",
        "");
    return 500;
  }

  private static int conflict(
      List<Answer.Fault> faults, String code, String detail, String pointer) {
    faults.add(new Answer.Fault(code, "Conflict", detail, new Answer.Source(null, pointer)));
    return 409;
  }

  private static void add(List<Answer.Fault> faults, String code, String detail, String pointer) {
    faults.add(new Answer.Fault(code, "Not written", detail, new Answer.Source(null, pointer)));
  }
}
