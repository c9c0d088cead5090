package dev.selfsame.dashboard;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What events can be sent with, as {@code docs/sdks} has it. */
enum Sender {
  CURL(
      "A shell",
      false,
      false,
      """
      curl -u '{key}:' {url}/v1/identify -d '{
        "userId": "userId123",
        "traits": {"name": "John Doe", "email": "john.doe@example.com"}}'
      """),
  NODE(
      "Node.js",
      false,
      false,
      """
      import { Analytics } from "@segment/analytics-node";

      const analytics = new Analytics({ host: "{url}", writeKey: "{key}" });
      analytics.identify({
        userId: "userId123",
        traits: { name: "John Doe", email: "john.doe@example.com" },
      });
      await analytics.closeAndFlush();
      """),
  BROWSER(
      "Browser",
      true,
      false,
      """
      import { AnalyticsBrowser } from "@segment/analytics-next";

      const analytics = AnalyticsBrowser.load({ writeKey: "{key}", cdnURL: "{url}" });
      analytics.identify("userId123", { name: "John Doe", email: "john.doe@example.com" });
      """),
  PYTHON(
      "Python",
      false,
      false,
      """
      import segment.analytics as analytics

      analytics.write_key = "{key}"
      analytics.host = "{url}"
      analytics.identify("userId123", {"name": "John Doe", "email": "john.doe@example.com"})
      analytics.flush()
      """),
  JAVA(
      "Java",
      false,
      false,
      """
      Analytics analytics = Analytics.builder("{key}").endpoint("{url}").build();
      analytics.enqueue(
          IdentifyMessage.builder()
              .userId("userId123")
              .traits(Map.of("name", "John Doe", "email", "john.doe@example.com")));
      analytics.flush();
      """),
  GO(
      "Go",
      false,
      false,
      """
      client, err := analytics.NewWithConfig("{key}", analytics.Config{Endpoint: "{url}"})
      client.Enqueue(analytics.Identify{
      	UserId: "userId123",
      	Traits: analytics.NewTraits().SetName("John Doe").SetEmail("john.doe@example.com"),
      })
      client.Close()
      """),
  RUBY(
      "Ruby",
      false,
      true,
      """
      analytics = Segment::Analytics.new(write_key: "{key}", host: "{host}", port: 443)
      analytics.identify(
        user_id: "userId123",
        traits: { name: "John Doe", email: "john.doe@example.com" }
      )
      analytics.flush
      """),
  PHP(
      "PHP",
      false,
      true,
      """
      Segment\\Segment::init("{key}", ["consumer" => "lib_curl", "host" => "{host}"]);
      Segment\\Segment::identify([
          "userId" => "userId123",
          "traits" => ["name" => "John Doe", "email" => "john.doe@example.com"],
      ]);
      Segment\\Segment::flush();
      """),
  KOTLIN(
      "Kotlin, Android",
      true,
      true,
      """
      val analytics = Analytics("{key}", context) {
          apiHost = "{host}/v1"
          cdnHost = "{host}/v1"
      }
      analytics.identify("userId123", buildJsonObject {
          put("name", "John Doe")
          put("email", "john.doe@example.com")
      })
      """),
  SWIFT(
      "Swift, iOS",
      true,
      true,
      """
      let configuration = Configuration(writeKey: "{key}")
          .apiHost("{host}/v1")
          .cdnHost("{host}/v1")
      let analytics = Analytics(configuration: configuration)
      analytics.identify(userId: "userId123", traits: ["name": "John Doe", "email": "john.doe@example.com"])
      """),
  CSHARP(
      "C#",
      true,
      true,
      """
      var configuration = new Configuration("{key}", apiHost: "{host}/v1", cdnHost: "{host}/v1");
      var analytics = new Analytics(configuration);
      analytics.Identify("userId123", new JsonObject {
          ["name"] = "John Doe", ["email"] = "john.doe@example.com" });
      """);

  private final String title;
  private final boolean readable;
  private final boolean onlyHttps;
  private final String snippet;

  /**
   * @param readable whether anybody can read its key: it runs on users' devices
   * @param onlyHttps whether it speaks https alone
   */
  Sender(String title, boolean readable, boolean onlyHttps, String snippet) {
    this.title = title;
    this.readable = readable;
    this.onlyHttps = onlyHttps;
    this.snippet = snippet;
  }

  /** The one of that code; null if there is none. */
  static @Nullable Sender of(String code) {
    for (Sender sender : values()) {
      if (sender.code().equals(code)) {
        return sender;
      }
    }
    return null;
  }

  /** As it stands in addresses. */
  String code() {
    return name().toLowerCase(Locale.ROOT);
  }

  String title() {
    return title;
  }

  boolean readable() {
    return readable;
  }

  boolean onlyHttps() {
    return onlyHttps;
  }

  /**
   * What to copy.
   *
   * @param url where the server is reached
   */
  String snippet(String url, String key) {
    return snippet
        .replace("{url}", url)
        .replace("{host}", url.replaceFirst("^https?://", ""))
        .replace("{key}", key);
  }
}
