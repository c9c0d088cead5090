package dev.selfsame.source.segment;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.selfsame.http.Json;
import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Raw;
import dev.selfsame.identity.Source;
import dev.selfsame.intake.Submission;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SegmentEventsTest {

  private static final Source SOURCE = Source.segment(1, "segment");
  private static final long NOW = micros("2026-11-21T21:12:00Z");

  private static Submission read(String event) {
    return SegmentEvents.read(event.getBytes(UTF_8), SOURCE, NOW);
  }

  private static Claim.Identify identify(String traits) {
    return (Claim.Identify) read(withTraits(traits)).claim();
  }

  private static String withTraits(String traits) {
    return "{\"type\":\"identify\",\"userId\":\"u\",\"traits\":" + traits + "}";
  }

  private static String landed(String traits) {
    return text(read(withTraits(traits)).traits());
  }

  private static String text(byte @Nullable [] bytes) {
    return bytes == null ? "-" : new String(bytes, UTF_8);
  }

  private static long micros(String time) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.parse(time));
  }

  // --- event time (G4)

  @ParameterizedTest(name = "timestamp {0}, sentAt {1}: {2}")
  @CsvSource(
      nullValues = "-",
      value = {
        // receivedAt - (sentAt - timestamp)
        "2026-11-21T21:00:00Z, 2026-11-21T21:10:00Z, 2026-11-21T21:02:00Z",
        "2020-01-01T00:00:00Z, 2020-01-01T00:00:01Z, 2026-11-21T21:11:59Z",
        // without sentAt, or with one that cannot be read, the timestamp
        "2026-11-21T21:00:00Z, -, 2026-11-21T21:00:00Z",
        "2026-11-21T21:00:00Z, yesterday, 2026-11-21T21:00:00Z",
        "1960-02-03T04:05:06.123456Z, -, 1960-02-03T04:05:06.123456Z",
        "0001-01-01T00:00:00Z, -, 0001-01-01T00:00:00Z",
        // absent or unreadable: receivedAt
        "-, 2026-11-21T21:10:00Z, 2026-11-21T21:12:00Z",
        "now, 2026-11-21T21:10:00Z, 2026-11-21T21:12:00Z",
        "1732223520, -, 2026-11-21T21:12:00Z",
        // never later than receivedAt
        "2026-11-21T21:10:01Z, 2026-11-21T21:10:00Z, 2026-11-21T21:12:00Z",
        "9999-12-31T23:59:59Z, -, 2026-11-21T21:12:00Z",
        "9999-12-31T23:59:59Z, 0000-01-01T00:00:00Z, 2026-11-21T21:12:00Z",
      })
  void theEventTimeIsCorrectedByTheSendersClock(
      @Nullable String timestamp, @Nullable String sentAt, String at) {
    String event =
        "{\"type\":\"delete\",\"userId\":\"u\",\"timestamp\":%s,\"sentAt\":%s}"
            .formatted(quoted(timestamp), quoted(sentAt));
    assertThat(read(event).claim().at()).isEqualTo(micros(at));
  }

  private static String quoted(@Nullable String text) {
    return text == null ? "null" : '"' + text + '"';
  }

  @Test
  void anEpochNumberIsNoTime() {
    assertThat(read("{\"type\":\"delete\",\"timestamp\":1732223520000}").claim().at())
        .isEqualTo(NOW);
  }

  @Test
  void aMessagesOwnSentAtOutranksItsBatchs() throws Exception {
    String batch =
        "{\"sentAt\":\"2026-11-21T21:11:00Z\",\"batch\":["
            + "{\"type\":\"delete\",\"timestamp\":\"2026-11-21T21:10:00Z\"},"
            + "{\"type\":\"delete\",\"timestamp\":\"2026-11-21T21:10:00Z\",\"sentAt\":\"2026-11-21T21:10:30Z\"},"
            + "{\"type\":\"delete\",\"timestamp\":\"2026-11-21T21:10:00Z\",\"sentAt\":null}]}";
    assertThat(submissions(batch).stream().map(submission -> submission.claim().at()))
        .containsExactly(
            micros("2026-11-21T21:11:00Z"),
            micros("2026-11-21T21:11:30Z"),
            micros("2026-11-21T21:11:00Z"));
  }

  private static List<Submission> submissions(String batch) throws JsonCursor.Malformed {
    TrackingRequest request = TrackingRequest.batch(batch.getBytes(UTF_8), 100);
    var events = new SegmentEvents(SOURCE, NOW, false);
    List<Submission> submissions = new java.util.ArrayList<>();
    for (Message message : request.messages()) {
      submissions.add(events.submission(message, request.envelope()));
    }
    return submissions;
  }

  // --- what a batch says of all

  @Test
  void aBatchsContextIsMergedUnderEachMessagesOwn() throws Exception {
    String batch =
        "{\"context\":{\"ip\":\"1\",\"library\":{\"name\":\"x\"}},\"integrations\":{\"All\":false},\"batch\":["
            + "{\"type\":\"delete\",\"userId\":\"a\"},"
            + "{\"type\":\"delete\",\"context\":{\"ip\":\"2\"},\"integrations\":null},{\"type\":\"delete\",\"context\":{"
            + " },\"integrations\":{\"All\":true}},"
            + "{\"type\":\"delete\",\"context\":7,\"writeKey\":\"k\"},"
            + "{\"writeKey\":\"k\",\"type\":\"delete\",\"context\":{\"ip\":\"3\",\"library\":1},\"integrations\":{\"b\":1}}]}";
    assertThat(submissions(batch).stream().map(submission -> text(submission.payload())))
        .containsExactly(
            "{\"type\":\"delete\",\"userId\":\"a\",\"context\":{\"ip\":\"1\",\"library\":{\"name\":\"x\"}},\"integrations\":{\"All\":false}}",
            "{\"type\":\"delete\",\"context\":{\"ip\":\"2\",\"library\":{\"name\":\"x\"}},\"integrations\":{\"All\":false}}",
            "{\"type\":\"delete\",\"context\":{"
                + " \"ip\":\"1\",\"library\":{\"name\":\"x\"}},\"integrations\":{\"All\":true}}",
            "{\"type\":\"delete\",\"context\":7,\"integrations\":{\"All\":false}}",
            "{\"type\":\"delete\",\"context\":{\"ip\":\"3\",\"library\":1},\"integrations\":{\"b\":1,\"All\":false}}");
  }

  @Test
  void aLargeContextOfABatchIsNotCopiedIntoItsMessages() throws Exception {
    String large = "{\"x\":\"" + "y".repeat(Envelope.MOST_COPIED) + "\"}";
    String batch = "{\"context\":" + large + ",\"batch\":[{\"type\":\"delete\",\"userId\":\"a\"}]}";
    assertThat(text(submissions(batch).getFirst().payload()))
        .isEqualTo("{\"type\":\"delete\",\"userId\":\"a\"}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"writeKey\":\"k\"}|{}",
        "{ \"writeKey\" : \"k\" }|{  }",
        "{\"writeKey\":\"k\",\"type\":\"delete\"}|{\"type\":\"delete\"}",
        "{\"type\":\"delete\",\"writeKey\":\"k\"}|{\"type\":\"delete\"}",
        "{\"type\":\"delete\" , \"writeKey\":{\"a\":1} , \"userId\":1}|{\"type\":\"delete\" , "
            + " \"userId\":1}",
        "{\"writeKey\":\"a\",\"writeKey\":\"b\"}|{}",
        "{\"type\":\"delete\",\"writeKey\":\"a\",\"writeKey\":\"b\"}|{\"type\":\"delete\"}",
        "{\"type\":\"delete\",\"writeKey\":\"a\", \"writeKey\":\"b\" ,"
            + " \"write\\u004bey\":\"c\"}|{\"type\":\"delete\"}",
        "{\"writeKey\":\"a\",\"type\":\"delete\",\"writeKey\":\"b\"}|{\"type\":\"delete\"}",
      })
  void aWriteKeyIsNeverKept(String event, String kept) throws Exception {
    Message message = Message.read(new JsonCursor(event.getBytes(UTF_8), 0, event.length()));
    String payload = text(Payload.of(message, Envelope.NONE));
    assertThat(payload).isEqualToIgnoringWhitespace(kept);
    String implied = text(Payload.of(message, Envelope.implying(Type.TRACK)));
    assertThat(Json.mapper().readTree(implied).has("writeKey")).isFalse();
    assertThat(Json.mapper().readTree(implied).has("type")).isTrue();
  }

  // --- ids and mapped fields

  @Test
  void valuesAreHandedOnAsTheyWereSent() {
    Claim.Identify claim =
        identify(
            "{\"name\":7,\"email\":\" Ann@Example.COM \",\"billingUserId\":[],\"billingId\":true}");
    assertThat(claim.name()).isEqualTo(new Raw.Number("7"));
    assertThat(claim.email()).isEqualTo(new Raw.Text(" Ann@Example.COM "));
    assertThat(claim.billingUserId()).isEqualTo(new Raw.Other("array"));
    assertThat(claim.billingId()).isEqualTo(new Raw.Other("boolean"));
  }

  @Test
  void anEscapedKeyIsTheSameKey() {
    assertThat(identify("{\"\\u0065mail\":\"a@b\"}").email()).isEqualTo(new Raw.Text("a@b"));
    assertThat(
            ((Claim.Delete) read("{\"type\":\"del\\u0065te\",\"user\\u0049d\":\"x\"}").claim())
                .userId())
        .isEqualTo(new Raw.Text("x"));
  }

  @Test
  void aPersonsGroupHasANameAndADomain() {
    Claim.Group claim =
        (Claim.Group)
            read("{\"type\":\"group\",\"groupId\":5,\"traits\":{\"name\":\"Acme\",\"domain\":\"acme.example\",\"plan\":\"x\"}}")
                .claim();
    assertThat(claim.groupId()).isEqualTo(new Raw.Number("5"));
    assertThat(claim.name()).isEqualTo(new Raw.Text("Acme"));
    assertThat(claim.domain()).isEqualTo(new Raw.Text("acme.example"));
  }

  // --- repairs

  @Test
  void brokenTextIsRepairedAndNamedButNotInIdentifiers() {
    Submission submission =
        read(
            "{\"type\":\"identify\",\"userId\":\"u\\u0000\",\"messageId\":\"m\\udc00\",\"context\":{\"a\":[\"\\ud800x\"]},"
                + "\"traits\":{\"email\":\"a\\ud800@b\",\"name\":\"A\\u0000nn\",\"plan\":\"\\ud83d\\ude00\\ud83d\",\"big\":1e999999,\"k\\u0000\":1}}");
    Claim.Identify claim = (Claim.Identify) submission.claim();
    assertThat(claim.userId()).isEqualTo(new Raw.Text("u\u0000"));
    assertThat(claim.email()).isEqualTo(new Raw.Text("a\ud800@b"));
    assertThat(claim.name()).isEqualTo(new Raw.Text("A\uFFFDnn"));
    assertThat(text(submission.payload()))
        .isEqualTo(
            "{\"type\":\"identify\",\"userId\":\"u\uFFFD\",\"messageId\":\"m\uFFFD\",\"context\":{\"a\":[\"\uFFFDx\"]},"
                + "\"traits\":{\"email\":\"a\uFFFD@b\",\"name\":\"A\uFFFDnn\",\"plan\":\"\\ud83d\\ude00\uFFFD\",\"big\":\"1e999999\",\"k\uFFFD\":1}}");
    assertThat(text(submission.traits()))
        .isEqualTo("{\"plan\":\"\\ud83d\\ude00\uFFFD\",\"big\":\"1e999999\",\"k\":1}");
    assertThat(submission.warnings())
        .isEqualTo(
            Map.of(
                "messageId", "text_repaired",
                "context", "text_repaired",
                "traits.name", "text_repaired",
                "traits.plan", "text_repaired",
                "traits.big", "text_repaired",
                "traits.k\uFFFD", "text_repaired"));
  }

  @Test
  void aLongNumberIsANumberAsFarAsTheWorldGoes() {
    String thousand = "1".repeat(1_000);
    assertThat(landed("{\"n\":" + thousand + "}")).isEqualTo("{\"n\":" + thousand + "}");
    assertThat(landed("{\"n\":" + thousand + "1}")).isEqualTo("{\"n\":\"" + thousand + "1\"}");
    assertThat(landed("{\"n\":1e1000,\"m\":-1E-1001}"))
        .isEqualTo("{\"n\":1e1000,\"m\":\"-1E-1001\"}");
  }

  // --- what lands

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{}|-",
        "null|-",
        "{\"email\":\"a@b\",\"name\":\"A\",\"billingUserId\":\"x\",\"billingId\":\"y\"}|-",
        "{\"referralSource\":\"ad\"}|{\"referral_source\":\"ad\"}",
        "{\"a\":1,\"b\":true,\"c\":null,\"d\":1.50,\"e\":\"\\u0041\\n\"}|{\"a\":1,\"b\":true,\"c\":null,\"d\":1.50,\"e\":\"\\u0041\\n\"}",
        "{\"address\":{\"city\":\"Bern\",\"geo\":{\"lat\":1}}}|{\"address_city\":\"Bern\",\"address_geo_lat\":1}",
        "{\"address\":{}}|-",
        "{\"tags\":[ \"a b\" , {\"c\": [1, null]} ]}|{\"tags\":\"[\\\"a"
            + " b\\\",{\\\"c\\\":[1,null]}]\"}",
        "{\"tags\":[\"q\\\"\\\\\\u00e9\\n\"]}|{\"tags\":\"[\\\"q\\\\\\\"\\\\\\\\\\\\u00e9\\\\n\\\"]\"}",
        "{\"company\":{\"name\":\"Acme\",\"email\":\"x\"}}|{\"company_name\":\"Acme\",\"company_email\":\"x\"}",
        "{\"plan\":\"a\",\"plan\":\"b\"}|{\"plan\":\"b\"}",
        "{\"plan\":\"b\",\"plan\":\"a\"}|{\"plan\":\"a\"}",
      })
  void traitsLandAsColumns(String traits, String columns) {
    assertThat(landed(traits)).isEqualTo(columns);
  }

  @Test
  void keysThatMakeOneColumnGiveTheSameValueInAnyOrder() {
    assertThat(landed("{\"firstName\":\"a\",\"first_name\":\"b\",\"x\":1}"))
        .isEqualTo(landed("{\"x\":1,\"first_name\":\"b\",\"firstName\":\"a\"}"));
  }

  @Test
  void aColumnIsNeededOnlyForAValue() {
    assertThat(read(withTraits("{\"a\":1,\"b\":null,\"cD\":\"\"}")).traitNames())
        .isEqualTo(Set.of("a", "c_d"));
  }

  @Test
  void theFirst300TraitsByNameLandAndMappedOnesDoNotCount() {
    var traits = new StringBuilder("{\"name\":\"Ann\",\"email\":\"a@b\"");
    for (int i = 301; i >= 1; i--) {
      traits.append(",\"t%03d\":%d".formatted(i, i));
    }
    Submission submission = read(withTraits(traits + "}"));
    assertThat(submission.traitNames())
        .hasSize(300)
        .contains("t001", "t300")
        .doesNotContain("t301");
    assertThat(Json.mapper().readTree(submission.traits()).size()).isEqualTo(300);
    assertThat(submission.warnings()).isEqualTo(Map.of("traits", "too_many_traits"));
    assertThat(((Claim.Identify) submission.claim()).name()).isEqualTo(new Raw.Text("Ann"));
    Submission next = read(withTraits("{\"a\":1,\"b\":2}"));
    assertThat(next.warnings()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "\"x\"", "7", "true"})
  void traitsThatAreNoObjectAreLeftOut(String traits) {
    Submission submission = read(withTraits(traits));
    assertThat(submission.traits()).isNull();
    assertThat(submission.warnings()).isEqualTo(Map.of("traits", "value_malformed"));
  }

  @Test
  void onlyIdentifyLands() {
    Submission group = read("{\"type\":\"group\",\"groupId\":\"g\",\"traits\":{\"plan\":\"x\"}}");
    assertThat(group.traits()).isNull();
    assertThat(group.traitNames()).isEmpty();
  }

  // --- repeats (K19)

  private static final String MESSAGE =
      "{\"type\":\"identify\",\"messageId\":\"m\",\"userId\":\"u\",\"timestamp\":\"2026-11-21T21:00:00Z\","
          + "\"traits\":{\"a\":1,\"b\":{\"c\":[1,2],\"d\":null},\"e\":\"é\"}}";

  @ParameterizedTest
  @ValueSource(
      strings = {
        // other order, white space and escapes
        "{ \"traits\" : { \"e\":\"\\u00e9\", \"b\":{\"d\":null, \"c\":[1, 2]} ,\"a\":1},"
            + " \"timestamp\":\"2026-11-21T21:00:00Z\","
            + "\"userId\":\"\\u0075\",\"messageId\":\"m\",\"type\":\"identify\"}",
        // what does not count
        "{\"type\":\"identify\",\"messageId\":\"m\",\"userId\":\"u\",\"timestamp\":\"2026-11-21T21:00:00Z\",\"sentAt\":\"2026-11-21T21:00:01Z\","
            + "\"context\":{\"ip\":\"1\"},\"integrations\":{\"All\":true},\"anonymousId\":\"a\",\"writeKey\":\"k\",\"_metadata\":{},"
            + "\"traits\":{\"a\":1,\"b\":{\"c\":[1,2],\"d\":null},\"e\":\"é\"}}",
      })
  void theSameContentIsARepeat(String again) {
    assertThat(read(again).key()).isEqualTo(read(MESSAGE).key());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"userId\":\"u\"|\"userId\":\"v\"",
        "\"userId\":\"u\"|\"userId\":null",
        "\"userId\":\"u\"|\"previousId\":\"u\"",
        "\"userId\":\"u\"|\"userId\":\"u\",\"previousId\":\"p\"",
        "\"userId\":\"u\"|\"userId\":\"u\",\"groupId\":\"p\"",
        "identify|alias",
        "21:00:00Z|21:00:01Z",
        "\"a\":1|\"a\":2",
        "\"a\":1|\"a\":\"1\"",
        "\"a\":1|\"A\":1",
        "[1,2]|[2,1]",
        "[1,2]|[[1,2]]",
        "\"d\":null|\"d\":false",
        "\"d\":null|\"d\":{}",
        "\"d\":null|\"d\":[]",
        ",\"e\":\"é\"|",
      })
  void otherContentIsAClaimOfItsOwn(String part, @Nullable String other) {
    Submission.MessageKey before = key(MESSAGE, SOURCE);
    Submission.MessageKey after = key(MESSAGE.replace(part, other == null ? "" : other), SOURCE);
    assertThat(after.message()).isEqualTo(before.message());
    assertThat(after.content()).isNotEqualTo(before.content());
  }

  @Test
  void theNameIsOfTheSourceAndTheMessageId() {
    long name = key(MESSAGE, SOURCE).message();
    assertThat(key(MESSAGE.replace("\"m\"", "\"n\""), SOURCE).message()).isNotEqualTo(name);
    assertThat(key(MESSAGE, Source.segment(2, "b")).message()).isNotEqualTo(name);
    assertThat(key(MESSAGE, SOURCE.withTrusted(false)).message()).isEqualTo(name);
  }

  @ParameterizedTest
  @CsvSource({
    "node-next-1795317386880-d129445c, 1795317386",
    "ajs-next-1795317386999-d129445c-51fb, 1795317386",
    "12345-1795317386880-x, 1795317386",
    "node\\u002dnext\\u002d1795317386880\\u002dd1, 1795317386",
  })
  void messagesMadeInTheSameSecondLieTogether(String messageId, long second) {
    Submission.MessageKey key = key(MESSAGE.replace("\"m\"", '"' + messageId + '"'), SOURCE);
    assertThat(key.place() >>> 32).isEqualTo(second);
    assertThat((int) key.place()).isEqualTo((int) key.message());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"m", "1795317386880", "x-179531738688-", "x-17953173868800-", "x-1795317386880"})
  void otherMessagesLieAnywhere(String messageId) {
    Submission.MessageKey key = key(MESSAGE.replace("\"m\"", '"' + messageId + '"'), SOURCE);
    assertThat(key.place()).isEqualTo(key.message());
  }

  @Test
  void howAMessageIdIsEscapedDoesNotMoveIt() {
    String plain = MESSAGE.replace("\"m\"", "\"node-next-1795317386880-d1\"");
    String escaped = plain.replace("next-17", "next\\u002d\\u0031\\u0037");
    assertThat(escaped).isNotEqualTo(plain);
    assertThat(key(escaped, SOURCE)).isEqualTo(key(plain, SOURCE));
  }

  private static Submission.MessageKey key(String event, Source source) {
    return Objects.requireNonNull(SegmentEvents.read(event.getBytes(UTF_8), source, NOW).key());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\"messageId\":null,", "\"messageId\":\"\","})
  void withoutAMessageIdNothingIsARepeat(String messageId) {
    assertThat(read(MESSAGE.replace("\"messageId\":\"m\",", messageId)).key()).isNull();
  }

  /** The ledger may be years old: these must never change. */
  @Test
  void hashesStayTheSame() {
    assertThat(read(MESSAGE).key())
        .isEqualTo(
            new Submission.MessageKey(
                3224572391188996232L, 3224572391188996232L, 525830785763042530L));
  }

  // --- what is counted, what is no payload

  @ParameterizedTest
  @CsvSource({
    "'\"track\"', track",
    "'\"page\"', page",
    "'\"screen\"', screen",
    "'\"Identify\"', other",
    "'\"x\"', other",
    "7, other",
    "null, other",
    "'\"\"', other"
  })
  void otherTypesAreCountedByName(String type, String counted) {
    Submission submission = read("{\"type\":" + type + ",\"userId\":\"u\",\"messageId\":\"m\"}");
    assertThat(submission.claim()).isEqualTo(new Claim.Event(SOURCE, NOW, counted));
    assertThat(submission.payload()).isEmpty();
    assertThat(submission.key()).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "{", "7"})
  void whatIsNoMessageIsNoPayload(String payload) {
    assertThatIllegalArgumentException().isThrownBy(() -> read(payload));
  }
}
