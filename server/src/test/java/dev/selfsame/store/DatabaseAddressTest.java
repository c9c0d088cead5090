package dev.selfsame.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.selfsame.error.Failure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class DatabaseAddressTest {

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      textBlock =
          """
          postgresql://ann:secret@db:5433/hub,             jdbc:postgresql://db:5433/hub,            ann,  secret
          postgres://ann@db/hub,                           jdbc:postgresql://db/hub,                 ann,  -
          jdbc:postgresql://db/hub?user=ann&password=s%26x, jdbc:postgresql://db/hub,                ann,  s&x
          postgresql://a%40b:p%3Aw+x@db/hub?sslmode=require, jdbc:postgresql://db/hub?sslmode=require, a@b, p:w+x
          postgresql://ann:a%40b@[::1]:5432/hub,           jdbc:postgresql://[::1]:5432/hub,         ann,  a@b
          """)
  void reads_what_people_write(String text, String url, String user, String password) {
    DatabaseAddress address = DatabaseAddress.parse(text);
    assertThat(address).isEqualTo(new DatabaseAddress(url, user, password));
    assertThat(DatabaseAddress.parse(address.full())).isEqualTo(address);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "hub",
        "mysql://ann@db/hub",
        "postgresql://db/hub",
        "postgresql://ann@db",
        "postgresql://ann@db/",
        "postgresql://ann:%zz@db/hub",
        "postgresql://ann:a b@db/hub",
      })
  void says_what_it_expects(String text) {
    assertThatThrownBy(() -> DatabaseAddress.parse(text))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("postgresql://user:password@host:5432/database");
  }

  @Test
  void never_shows_the_password() {
    assertThat(DatabaseAddress.parse("postgresql://ann:secret@db/hub").toString())
        .isEqualTo("ann@db/hub");
  }
}
