package dev.selfsame.member;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.selfsame.settings.SettingsFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class OpenIdSettingsTest {
  @TempDir Path directory;

  private OpenIdSettings read(String settings) throws Exception {
    Path file =
        Files.writeString(directory.resolve("settings.json"), "{\"openId\": {" + settings + "}}");
    return SettingsFile.read(file).section("openId", OpenIdSettings.DEFAULT, OpenIdSettings.class);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      value = {
        "\"issuer\": \"login.example.com\", \"clientId\": \"hub\"|issuer must be absolute",
        "\"issuer\": \"https://login.example.com\"|issuer and clientId belong together",
        "\"clientId\": \"hub\"|issuer and clientId belong together",
        "\"scopes\": [\"openid\"]|scopes must have openid and email",
        "\"newMembers\": \"owner\", \"domains\": [\"a.example\"]|viewer, operator or admin; got"
            + " owner",
        "\"newMembers\": \"viewer\"|newMembers needs domains",
        "\"clientSecret\": \"x\"|there is no setting openId.clientSecret"
      })
  void what_cannot_be_meant_stops_the_start(String settings, String why) {
    assertThatThrownBy(() -> read(settings)).hasMessageContaining(why);
  }

  @Test
  void newcomers_are_those_of_the_domains_alone() throws Exception {
    OpenIdSettings settings =
        read("\"newMembers\": \"operator\", \"domains\": [\"Hart.example\", \"hart.test\"]");
    assertThat(settings.newcomer("ann@hart.example")).isEqualTo(MemberRole.OPERATOR);
    assertThat(settings.newcomer("ann@HART.TEST")).isEqualTo(MemberRole.OPERATOR);
    assertThat(settings.newcomer("ann@evil-hart.example")).isNull();
    assertThat(settings.newcomer("ann@hart.example@evil.example")).isNull();
    assertThat(OpenIdSettings.DEFAULT.newcomer("ann@hart.example")).isNull();
  }
}
