package dev.selfsame.bench.part;

import dev.selfsame.identity.Source;
import dev.selfsame.intake.Submission;
import dev.selfsame.source.segment.SegmentEvents;
import java.nio.charset.StandardCharsets;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Reading one event of 400 bytes, as it stands in a request, into a submission. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
public class ReadingBenchmark {
  private static final Source SEGMENT = Source.segment(1, "segment");
  private static final long RECEIVED = 1_760_000_000_000_000L;

  private final byte[] event =
      """
      {"timestamp":"2025-10-09T08:53:20.000Z","integrations":{},"type":"identify","userId":"usr_0f3a9c1d2e4b5a69",\
      "traits":{"email":"0f3a9c1d2e4b.0000002a@example.com","name":"Ada Novak-3f9a1c","plan":"pro"},\
      "context":{"library":{"name":"@segment/analytics-node","version":"3.1.0"}},\
      "messageId":"node-next-1760000000000-6f1b2c3d-4e5f-4a6b-a7c8-9d0e1f2a3b4c",\
      "_metadata":{"nodeVersion":"24.11.1","jsRuntime":"node"}}\
      """
          .getBytes(StandardCharsets.UTF_8);

  @Benchmark
  public Submission read() {
    return SegmentEvents.read(event, SEGMENT, RECEIVED);
  }
}
