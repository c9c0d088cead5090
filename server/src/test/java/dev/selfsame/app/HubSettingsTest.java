package dev.selfsame.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

final class HubSettingsTest {
  /** Every default, written a second time: to change one is a decision, not a slip. */
  private static final String DEFAULTS =
      """
      {
        "http": {
          "host": "127.0.0.1",
          "port": 8400,
          "publicUrl": null,
          "tlsCert": null,
          "tlsKey": null,
          "maxHeaderBytes": 65536,
          "bodyMemory": 67108864,
          "idleTimeout": "PT1M",
          "stopTimeout": "PT20S",
          "accessLog": true
        },
        "budget": {
          "requestsPerSecond": 0
        },
        "segment": {
          "maxBodyBytes": 512000,
          "maxEventBytes": 32768,
          "maxEvents": 2500,
          "unknownKeyIsOk": false,
          "answerWithin": "PT20S"
        },
        "hooks": {
          "maxBodyBytes": 8388608,
          "maxEvents": 4000
        },
        "noteHooks": {
          "mappings": {}
        },
        "intake": {
          "queuedClaims": 20000,
          "batchClaims": 2000,
          "busyBatchClaims": 32,
          "repeatWindow": "PT168H"
        },
        "store": {
          "readConnections": 8,
          "readSeconds": 10,
          "querySeconds": 60,
          "connectSeconds": 10,
          "answerSeconds": 60
        },
        "imports": {
          "maxBytes": 2147483648,
          "leaveFree": 1073741824,
          "previewRows": 100000,
          "kept": 100,
          "keptFor": "PT24H"
        },
        "landings": {
          "maxBytes": 2147483648,
          "leaveFree": 1073741824,
          "previewRows": 100000,
          "waiting": 100,
          "queryFor": "PT10M"
        },
        "syncs": {
          "overlap": "PT10M",
          "queryFor": "PT1H",
          "lookEvery": "PT5S",
          "atOnce": 4,
          "alertUrl": null
        },
        "publishing": {
          "lookEvery": "PT1S",
          "atOnce": 2,
          "mostChanges": 200000,
          "alertUrl": null
        },
        "ask": {
          "questions": null,
          "maxRows": 10000,
          "atOnce": 2
        },
        "openId": {
          "issuer": null,
          "clientId": null,
          "name": "single sign-on",
          "scopes": [
            "openid",
            "email",
            "profile"
          ],
          "newMembers": null,
          "domains": [],
          "unverifiedEmails": false
        }
      }
      """;

  @TempDir Path directory;

  @Test
  void the_defaults_are_these() throws IOException {
    Path file = Files.writeString(directory.resolve("settings.json"), DEFAULTS);
    assertThat(HubSettings.read(file)).isEqualTo(HubSettings.DEFAULT);
    assertThat(HubSettings.read(null)).isEqualTo(HubSettings.DEFAULT);
  }

  @Test
  void the_guide_shows_them_all() throws IOException {
    String guide = Files.readString(Path.of("..", "docs", "cli.md"));
    int start = guide.indexOf("```json\n") + "```json\n".length();
    String shown = guide.substring(start, guide.indexOf("```", start));
    JsonMapper json = new JsonMapper();
    assertThat(json.readTree(shown)).isEqualTo(json.readTree(DEFAULTS));
  }

  @Test
  void no_setting_is_missing_here() {
    assertThat(DEFAULTS.lines().filter(line -> line.startsWith("    \"")).count())
        .isEqualTo(
            Stream.of(HubSettings.class.getRecordComponents())
                .mapToInt(section -> section.getType().getRecordComponents().length)
                .sum());
  }

  @Test
  void the_command_line_may_say_where_to_listen() {
    assertThat(HubSettings.DEFAULT.listening("[::1]:9000").http())
        .satisfies(http -> assertThat(http.host() + " " + http.port()).isEqualTo("::1 9000"));
  }

  @Test
  void the_files_for_tls_stand_in_the_settings_or_on_the_command_line() throws IOException {
    Path file =
        Files.writeString(
            directory.resolve("settings.json"),
            "{\"http\": {\"tlsCert\": \"/etc/hub/chain.pem\", \"tlsKey\": \"key.pem\"}}");
    HubSettings settings = HubSettings.read(file);
    assertThat(settings.http().tlsCert()).isEqualTo(Path.of("/etc/hub/chain.pem"));
    assertThat(settings.http().tlsKey()).isEqualTo(Path.of("key.pem"));
    assertThat(settings.secured(null, Path.of("other.pem")).http().tlsKey())
        .isEqualTo(Path.of("other.pem"));
  }
}
