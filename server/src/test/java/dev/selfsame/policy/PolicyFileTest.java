package dev.selfsame.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.identity.Source;
import dev.selfsame.resolution.Policy;
import dev.selfsame.store.OwnTraits;
import dev.selfsame.store.PolicyRequest;
import dev.selfsame.store.PolicySettings;
import dev.selfsame.store.SpaceSettings;
import dev.selfsame.testing.Histories;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Every key of a policy file, and every way to get one wrong. */
final class PolicyFileTest {

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final SpaceSettings SPACE =
      new SpaceSettings(
          1,
          "default",
          0,
          1,
          Policy.DEFAULT,
          0,
          new byte[0],
          Map.of(
              1, Histories.SEGMENT,
              2, Source.csv(2),
              3, Source.acts(3),
              11, Histories.STRIPE,
              12, Histories.ZENDESK),
          Set.of(1),
          new OwnTraits(false, Set.of()));

  /** What a file that says nothing means, and what the docs say that it means. */
  private static final String DEFAULTS =
      """
      emails: shared
      merge_on_email_change: true
      match_on_billing_id: false
      match_previous_emails: false
      notes_fill_email: false
      blocked_values:
        - "-1"
        - "[object object]"
        - "anon"
        - "anonymous"
        - "email"
        - "false"
        - "guest"
        - "id"
        - "n/a"
        - "na"
        - "nan"
        - "nil"
        - "none"
        - "not_authenticated"
        - "null"
        - "test"
        - "true"
        - "undefined"
        - "unknown"
        - "user"
      never_match_emails: []
      free_mail_domains:
        - "126.com"
        - "163.com"
        - "aol.com"
        - "fastmail.com"
        - "free.fr"
        - "gmail.com"
        - "gmx.com"
        - "gmx.de"
        - "gmx.net"
        - "googlemail.com"
        - "hey.com"
        - "hotmail.co.uk"
        - "hotmail.com"
        - "hotmail.fr"
        - "icloud.com"
        - "laposte.net"
        - "libero.it"
        - "live.com"
        - "mac.com"
        - "mail.com"
        - "mail.ru"
        - "me.com"
        - "msn.com"
        - "naver.com"
        - "orange.fr"
        - "outlook.com"
        - "pm.me"
        - "proton.me"
        - "protonmail.com"
        - "qq.com"
        - "seznam.cz"
        - "t-online.de"
        - "tutanota.com"
        - "web.de"
        - "wp.pl"
        - "yahoo.co.jp"
        - "yahoo.co.uk"
        - "yahoo.com"
        - "yahoo.de"
        - "yahoo.fr"
        - "yandex.ru"
        - "ymail.com"
        - "zoho.com"
      limits:
        merges_per_user: 100
        identifiers_per_user: 1000
        id_characters: 400
        email_characters: 320
      survivorship:
        email: latest
        name: latest
      traits: none
      """;

  @Test
  void what_is_left_out_has_its_default() {
    JsonNode said = read(DEFAULTS).settings();
    assertThat(read("{}").settings()).isEqualTo(said);
    assertThat(read("emails: shared").settings()).isEqualTo(said);
    assertThat(PolicySettings.defaults()).isEqualTo(said);
  }

  @Test
  void a_file_that_says_nothing_is_refused() {
    for (String text : List.of("", " \n", "# nothing\n")) {
      assertThatThrownBy(() -> read(text))
          .hasMessage("The policy says nothing; a file of {} alone sets everything to its default");
    }
  }

  @Test
  void what_is_shown_is_a_file_that_says_the_same() {
    String sources =
        """
        sources:
          segment:
            trusted: true
            may_erase: false
            land_pages: true
          stripe:
            trusted: true
          zendesk:
            trusted: true
            external_id_is_ours: true
            creates_users: true
        """;
    String shown = PolicyFile.write(PolicySettings.whole(SPACE));
    assertThat(shown).isEqualTo(DEFAULTS + sources);
    assertThat(read(shown).settings()).isEqualTo(read("{}").settings());
    assertThat(read(shown).sources().get("segment"))
        .isEqualTo(Map.of("trusted", true, "may_erase", false, "land_pages", true));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          emails: unique                              | /emails                       | "unique"
          {"emails": "unique"}                        | /emails                       | "unique"
          merge_on_email_change: false                | /merge_on_email_change        | false
          match_on_billing_id: true                   | /match_on_billing_id          | true
          match_previous_emails: true                 | /match_previous_emails        | true
          notes_fill_email: true                      | /notes_fill_email             | true
          blocked_values: [None, -1, null, "a b"]     | /blocked_values               | ["-1","a b","none","null"]
          blocked_values: []                          | /blocked_values               | []
          never_match_emails: [Info@, x@Y.org]        | /never_match_emails           | ["info@","x@y.org"]
          limits: {merges_per_user: 1}                | /limits/merges_per_user       | 1
          traits: all                                 | /traits                       | "all"
          traits: [plan, Seats, plan]                 | /traits                       | ["Seats","plan"]
          survivorship: {name: first}                 | /survivorship                 | {"email":"latest","name":"first"}
          survivorship: {name: latest}                | /survivorship                 | {"email":"latest","name":"latest"}
          survivorship: {email: [stripe, by hand, salesforce, segment]} | /survivorship/email | ["stripe","by hand","salesforce","segment"]
          limits: {identifiers_per_user: 10000}       | /limits/identifiers_per_user  | 10000
          limits: {id_characters: 600}                | /limits/id_characters         | 600
          limits: {email_characters: 3}               | /limits/email_characters      | 3
          """)
  void each_key_says_what_it_says(String file, String pointer, String value) {
    assertThat(read(file).settings().at(pointer)).isEqualTo(JSON.readTree(value));
  }

  @Test
  void a_source_that_is_named_says_what_is_said_of_it() {
    assertThat(read("sources: {zendesk: {creates_users: false}}").sources())
        .isEqualTo(Map.of("zendesk", Map.of("creates_users", false)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          email: unique                          | line 1, column 1: the policy has no key email; did you mean emails? Known: emails, merge_on_email_change, match_on_billing_id, match_previous_emails, notes_fill_email, blocked_values, never_match_emails, free_mail_domains, limits, survivorship, traits, sources
          emails: uniqe                          | line 1, column 9: emails must be shared or unique; got uniqe
          emails: [unique]                       | line 1, column 9: emails must be shared or unique; got a list
          emails:                                | line 1, column 8: emails must be shared or unique; got nothing
          merge_on_email_change: yes             | line 1, column 24: merge_on_email_change must be true or false; got yes
          match_on_billing_id: "true"            | line 1, column 22: match_on_billing_id must be true or false; got true
          free_mail_domains: [a@gmail.com]       | line 1, column 21: free_mail_domains must be domains, such as gmail.com; got a@gmail.com
          match_previous_emails: {a: b}          | line 1, column 24: match_previous_emails must be true or false; got keys with values
          blocked_values: none                   | line 1, column 17: blocked_values must be a list of texts; got none
          blocked_values: [[a]]                  | line 1, column 18: blocked_values must be texts of 1 to 600 characters; got a list
          blocked_values: ["  "]                 | line 1, column 18: blocked_values must be texts of 1 to 600 characters; got
          never_match_emails: [info]             | line 1, column 22: never_match_emails must be whole emails, or what stands before an @ with it, such as info@; got info
          limits: 3                              | line 1, column 9: limits must be keys with values
          limits: {merge_per_user: 3}            | line 1, column 10: limits has no key merge_per_user; did you mean merges_per_user? Known: email_characters, id_characters, identifiers_per_user, merges_per_user
          limits: {merges_per_user: 0}           | line 1, column 27: limits.merges_per_user must be a whole number from 1 to 10000; got 0
          limits: {merges_per_user: 1.5}         | line 1, column 27: limits.merges_per_user must be a whole number from 1 to 10000; got 1.5
          limits: {merges_per_user: "5"}         | line 1, column 27: limits.merges_per_user must be a whole number from 1 to 10000; got 5
          limits: {id_characters: 99999999999}   | line 1, column 25: limits.id_characters must be a whole number from 1 to 600; got 99999999999
          traits: some                           | line 1, column 9: traits must be none, all or a list of names; got some
          traits: []                             | line 1, column 9: traits must be none, all or a list of names; got a list
          traits: {plan: true}                   | line 1, column 9: traits must be none, all or a list of names; got keys with values
          traits: [[plan]]                       | line 1, column 10: traits must be texts of 1 to 600 characters; got a list
          survivorship: first                    | line 1, column 15: survivorship must be keys with values
          survivorship: {nam: first}             | line 1, column 16: survivorship has no key nam; did you mean name? Known: email, name
          survivorship: {billing_id: first}      | line 1, column 16: survivorship has no key billing_id; did you mean email? Known: email, name
          survivorship: {name: newest}           | line 1, column 22: survivorship.name must be latest, first or a list of sources; got newest
          survivorship: {name: stripe}           | line 1, column 22: survivorship.name must be latest, first or a list of sources; got stripe
          survivorship: {name: {}}               | line 1, column 22: survivorship.name must be latest, first or a list of sources; got keys with values
          survivorship: {name: []}               | line 1, column 22: survivorship.name must be latest, first or a list of at least one source; got a list
          survivorship: {name: [stripe, strpe]}  | line 1, column 31: survivorship.name: there is no source strpe; did you mean stripe? Known: by hand, chargebee, csv, hubspot, intercom, mailchimp, salesforce, segment, stripe, zendesk
          survivorship: {name: [latest]}         | line 1, column 23: survivorship.name: there is no source latest; did you mean csv? Known: by hand, chargebee, csv, hubspot, intercom, mailchimp, salesforce, segment, stripe, zendesk
          survivorship: {name: [[stripe]]}       | line 1, column 23: survivorship.name must be names of sources; got a list
          survivorship: {email: [csv, csv]}      | line 1, column 29: survivorship.email names csv twice
          sources: {segmnt: {}}                  | line 1, column 11: sources has no key segmnt; did you mean segment? Known: segment, stripe, zendesk
          sources: {csv: {trusted: false}}       | line 1, column 11: sources has no key csv; did you mean stripe? Known: segment, stripe, zendesk
          sources: {stripe: {may_erase: true}}   | line 1, column 20: sources.stripe has no key may_erase; did you mean trusted? Known: trusted
          sources: {segment: {trusted: 1}}       | line 1, column 30: sources.segment.trusted must be true or false; got 1
          emails: shared\\nemails: unique        | line 2, column 1: the policy has the key emails twice
          emails: shared\\n\\tlimits: {}         | line 2, column 1: this is no YAML: found character '\\t(TAB)' that cannot start any token. (Do not use \\t(TAB) for indentation)
          - emails                               | line 1, column 1: the policy must be keys with values
          [[[[[[[[[[[[[[[[[[[[[1                 | line 1, column 21: nothing in a policy is as deep as this
          """)
  void what_cannot_be_meant_is_refused_with_its_place(String file, String message) {
    assertThatThrownBy(() -> read(file.replace("\\n", "\n").replace("\\t", "\t")))
        .isInstanceOfSatisfying(
            Failure.class,
            failure -> {
              assertThat(failure.problem()).isEqualTo(Problem.POLICY_INVALID);
              assertThat(String.valueOf(failure.getMessage()).strip()).isEqualTo(message);
            });
  }

  @Test
  void a_file_that_is_too_large_is_refused() {
    assertThatThrownBy(() -> read("#".repeat(PolicyFile.MOST_CHARACTERS + 1)))
        .hasMessage("A policy has at most 1,048,576 characters; got 1,048,577");
    assertThatThrownBy(() -> read("blocked_values: [" + "a,".repeat(10_001) + "]"))
        .hasMessage("line 1, column 17: blocked_values has at most 10,000 values; got 10,001");
  }

  private static PolicyRequest read(String file) {
    return PolicyFile.read(file, SPACE);
  }
}
