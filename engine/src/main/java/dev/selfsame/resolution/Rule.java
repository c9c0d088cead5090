package dev.selfsame.resolution;

import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A row or check of the rules, by the code that decisions record. Its sentence says to a person
 * what happened; "the user" is the one that the claim's strongest identifier names.
 */
public enum Rule {
  X0("Rejected: the program or its database failed on this claim alone; the log says how."),

  K0("No row of the Segment table names this case; nothing was merged."),
  K1("Nobody had this user id and no email was sent: a new user was created."),
  K2("The user with this id was updated; no email was sent, so its email stayed as it was."),
  K3("Nobody had this user id or this email: a new user was created."),
  K4("One user without an id had this email: it got the user id."),
  K4B(
      "One user without an id had this email, but may not be joined to it: a new user was"
          + " created."),
  K5("Nobody had this user id, and users with other ids have this email: a new user was created."),
  K6(
      "A user without an id and users with other ids have this email: a new user was created, none"
          + " was adopted."),
  K7("Several users without an id have this email: a new user was created, none was adopted."),
  K8(
      "Several users, with and without ids, have this email: a new user was created, none was"
          + " adopted."),
  K9("The user with this id was updated; nobody else has this email."),
  K10("One user without an id had this email: it and the user with this id were merged."),
  K10B(
      "One user without an id has this email, but may not be merged: only the user with this id was"
          + " updated."),
  K11("The user with this id was updated; users with other ids have the same email."),
  K12(
      "The user with this id was updated; users with and without ids have the same email, none was"
          + " merged."),
  K13(
      "The user with this id was updated; several users without an id have the same email, none was"
          + " merged."),
  K14(
      "The user with this id was updated; several users, with and without ids, have the same"
          + " email."),
  K15("Rejected: there was no usable user id."),
  K16("Rejected: the user id is on the list of values that identify nobody."),
  K17("The email could not be used, so the row was chosen as if none had been sent."),
  K18("Events of this type identify nobody; it was counted and left."),
  K19("The same message had arrived before: the first decision stands."),
  K20(
      "The email is older than the one that the user has, so the row was chosen as if none had been"
          + " sent."),
  K21("The user id is an earlier id of a merged user: that user was taken."),
  K22("An erasure bars this value from being stored again."),

  B1("No billing id was sent."),
  B2("Nobody had this billing id: the user got it."),
  B3("The user has this billing id."),
  B4("The user got this billing id; its earlier one still finds it."),
  B5("Another user has this billing id, so it was not assigned."),
  B6("No connected billing provider knows this billing id yet."),
  B7("The billing id could not be used and was left out."),

  L1("Both ids already belong to the same user."),
  L2("Both ids had a user: the two were merged."),
  L3("Only the previous id had a user: that user took the new id."),
  L4("The previous id has no user; an alias is never applied later."),
  L5("Rejected: one of the two ids cannot be used."),
  H1("The account was created or updated, and the user linked to it."),
  H2("An account was created, as the caller asked."),
  H3("The account was to be changed as the caller asked."),
  H4("The account was deleted; its users and notes stay, without it."),
  H5("The user was linked to the account."),
  H6("The user was taken off the account."),
  H7("The account was merged into another, which its external id finds from now on."),
  H8("The account gained the domain of the user's email, and the user belonged to none."),
  D1("The user was erased, or its id barred, as its source asked."),
  E1("A person had the users erased, or what they are known by barred."),
  E2("A person lifted what an erasure barred."),

  S0("No row of the billing table names this case; nothing was merged."),
  S1("A user has this customer id: it was updated."),
  S2(
      "Exactly one user has this email and no customer of this provider: the customer was linked to"
          + " it."),
  S3("Several users have this email, or the one has another customer: a new user was created."),
  S4("Nobody has this email: a new user was created."),
  S5("The customer was deleted: the user stays, its billing id is marked deleted."),

  R0("No row of the record table names this case; nothing was merged."),
  R1("The record's user was updated."),
  R1A("The record's user had no id: it got the record's external id."),
  R1B(
      "The record's user had no id and another user has the record's external id: the two were"
          + " merged."),
  R1C(
      "The record names another external id than its user has: the record moved to that id's"
          + " user."),
  R2("A user has the record's external id: the record was linked to it."),
  R3("Exactly one user has this email: the record was linked to it."),
  R3B("One user without an id has this email: it got the record's external id and the record."),
  R3C("The record's external id is new and its email is not: a new user was created."),
  R4(
      "Nobody has this external id or email: a new user was created, where the source may create"
          + " users."),
  R5("Several users have this email and nothing else names one: left until that changes."),
  R6(
      "One user without an id had this email: it and the user with the record's external id were"
          + " merged."),
  R7("The tool says that one record was merged into another: both belong to one user."),
  R8("The record was deleted in its tool: its id is marked deleted, the user stays."),

  C0("No row of the CSV table names this case; nothing was merged."),
  C1("The row named its user by id."),
  C2("The row named its user by external id."),
  C3("The row named its user by billing id."),
  C4("The row named its user by email."),
  C5("The row named nobody known: a new user was created."),
  C6("The row's keys named several users: they were merged."),
  C7("The row has an error; nothing of it was applied."),

  V0("The row says what it said when it was last applied: it was counted and left."),
  V1("A user has this external id: it was updated, and got the fallback id if nobody had it."),
  V2("One user without an id had this fallback id: it and the user with the id were merged."),
  V2B(
      "One user without an id has this fallback id, but may not be merged: only the user with the"
          + " id was updated."),
  V2C(
      "The user with this id was updated; users that have ids of their own, or several, have the"
          + " fallback id, so it was not taken."),
  V3("One user without an id had this fallback id: it got the external id."),
  V4("Nobody had this external id or this fallback id: a new user was created."),
  V5("There was no external id yet: the one user that the fallback id names was updated."),
  V5B("There was no external id, and several users have what the fallback id names."),
  V6("There was no external id, and nobody has the fallback id: a new user was created."),
  V7("Rejected: the row has neither an external id nor a fallback id."),
  V8(
      "Nobody had this external id, and the fallback id is others': a new user was created"
          + " without it."),
  V9("The result had a row of the same external id before; both were applied in their order."),

  A1("Rejected: the external id belongs to another user; nothing was written."),
  A2(
      "Rejected: emails are unique in this space and another user has this one; nothing was"
          + " written."),
  A3("Rejected: the billing or record id belongs to another user; nothing was written."),
  A4("The user got another external id; its earlier one still finds it."),
  A5("The user's external id and its earlier ones were released."),
  A7("Rejected: a value cannot be used; nothing was written."),
  A8("A new user was created, as the caller asked."),
  A9("The user was to be changed as the caller asked."),

  P0("The note names no user: it is kept without one."),
  P1("Exactly one user has the one identifier that was given: the note is about it."),
  P2("Nobody had the one identifier that was given: a new user was created."),
  P3("The user with this external id has this email: the note is about it."),
  P4("The user with this external id has no email, and nobody has this one: the note is about it."),
  P5("The user with this external id has another email, and nobody has this one."),
  P6("The user with this external id lacks this email, and others have it."),
  P7(
      "Nobody had this external id, and the one user that has this email had none: it got the"
          + " external id."),
  P8(
      "Nobody had this external id, and the one user that has this email may not get it, such as"
          + " for having another."),
  P9("Nobody had this external id or this email: a new user was created."),
  P10("Nobody had this external id, and several users have this email."),
  P11("Several users have this email, and no external id tells which is meant."),
  P12("The note names another company than the one that its user belongs to."),

  M1("A person merged these users."),
  M3("A person moved an identifier to another user."),
  U1("A person took back a merge: both users live again, and no rule joins them."),
  U2(
      "A person took back that a user got an identifier: it and what was said under it since are a"
          + " user of their own, and no rule joins the two."),

  Y1("A person changed the policy; what came after was decided under the new version."),
  M2("A person said that these users are not one, or no longer says so."),
  F1("A person dismissed a flag; no user was changed."),

  G2("A rule may not join these users."),
  G3("Emails are unique in this space and another user has this one, so it was not taken."),
  G6("A value could not be used and was left out."),
  G7("A limit was reached; the one too many was left out.");

  private static final Map<String, Rule> BY_CODE =
      Stream.of(values()).collect(Collectors.toUnmodifiableMap(Rule::code, rule -> rule));

  private final String code = name().charAt(0) + name().substring(1).toLowerCase(Locale.ROOT);
  private final String sentence;

  Rule(String sentence) {
    this.sentence = sentence;
  }

  /** Whether it brings an identifier to a user that was there before: U2 takes that back. */
  public boolean links() {
    return switch (this) {
      case K4, V3, S2, R3, R3B, P7 -> true;
      default -> false;
    };
  }

  /** As recorded and shown, such as K4b. */
  public String code() {
    return code;
  }

  /** What happened, in plain English. */
  public String sentence() {
    return sentence;
  }

  /**
   * The rule with this code.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static Rule of(String code) {
    Rule rule = BY_CODE.get(code);
    if (rule == null) {
      throw new IllegalArgumentException("No rule has the code " + code);
    }
    return rule;
  }
}
