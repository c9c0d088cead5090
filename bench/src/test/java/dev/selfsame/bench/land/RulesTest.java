package dev.selfsame.bench.land;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.bench.land.Person.Contact;
import dev.selfsame.bench.land.Person.Customer;
import dev.selfsame.bench.land.Person.Product;
import dev.selfsame.bench.land.Person.Subscription;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What the rules decide for each kind of person that there is, counted out by hand. */
final class RulesTest {

  @Test
  void one_id_everywhere_is_one_user() {
    assertThat(decided(List.of("s1"), contact("z", "s1"), 1, true, contact("i", null), true))
        .containsExactly(
            "s1 K3 created 0",
            "z R2 updated 0",
            "cus_0 S2 updated 0",
            "lead R3 updated 0",
            "i R3 updated 0",
            "member R3 updated 0");
  }

  @Test
  void of_two_ids_with_one_email_nobody_can_tell_whose_the_rest_is() {
    assertThat(decided(List.of("s1", "s2"), contact("z", null), 1, true, contact("i", "s2"), true))
        .containsExactly(
            "s1 K3 created 0",
            "s2 K5 created 1",
            "z R5 skipped -1",
            "cus_0 S3 created 2",
            "lead R5 skipped -1",
            "i R2 updated 1",
            "member R5 skipped -1");
  }

  @Test
  void a_second_customer_is_a_user_until_a_person_says_more() {
    assertThat(decided(List.of("s1"), contact("z", null), 2, true, contact("i", "s1"), true))
        .containsExactly(
            "s1 K3 created 0",
            "z R3 updated 0",
            "cus_0 S2 updated 0",
            "cus_1 S3 created 1",
            "lead R5 skipped -1",
            "i R2 updated 0",
            "member R5 skipped -1");
  }

  @Test
  void a_lead_that_nobody_knows_is_a_user() {
    assertThat(decided(List.of(), null, 0, true, null, false)).containsExactly("lead R4 created 0");
  }

  private static Contact contact(String id, @Nullable String externalId) {
    return new Contact(id, externalId, "ANN@EXAMPLE.COM");
  }

  private static List<String> decided(
      List<String> ids,
      @Nullable Contact requester,
      int customers,
      boolean lead,
      @Nullable Contact contact,
      boolean member) {
    List<Subscription> subscriptions = List.of(new Subscription(Product.TEAM, false, true));
    Person person =
        new Person(
            0,
            ids,
            "ann@example.com",
            "Ann",
            "ads",
            requester,
            IntStream.range(0, customers)
                .mapToObj(i -> new Customer("cus_" + i, subscriptions, 1))
                .toList(),
            lead ? "lead" : null,
            contact,
            member ? "member" : null);
    return Rules.decide(person).stream()
        .map(each -> each.record() + " " + each.code() + " " + each.outcome() + " " + each.user())
        .toList();
  }
}
