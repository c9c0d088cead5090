package dev.selfsame.bench.part;

import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Raw;
import dev.selfsame.identity.Source;
import dev.selfsame.identity.User;
import dev.selfsame.identity.Users;
import dev.selfsame.resolution.Decision;
import dev.selfsame.resolution.Keys;
import dev.selfsame.resolution.Policy;
import dev.selfsame.resolution.Resolution;
import dev.selfsame.resolution.Stamp;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Deciding one identify, by the row of the rules that it meets; its users are in memory. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
public class ResolutionBenchmark {
  private static final long SECOND = 1_000_000;
  private static final long START = 1_760_000_000 * SECOND;
  private static final Source SEGMENT = Source.segment(1, "segment");
  private static final Source CSV = Source.csv(2);
  private static final String EMAIL = "0f3a9c1d2e4b.0000002a@example.com";

  @Param({"K2", "K3", "K4", "K9", "K10"})
  public String row = "";

  private final Users users = new Users();
  private Claim claim = identify("usr_other", null, null);
  private Stamp stamp = stamp(10);

  @Setup
  public void meet() {
    for (int other = 0; other < 1_000; other++) {
      put(identify("usr_" + other, other + "@example.org", "Other " + other), 1_000 + other);
    }
    Claim known = identify("usr_known", EMAIL, "Ada Novak");
    Claim knownWithoutEmail = identify("usr_known", null, "Ada Novak");
    Claim imported =
        new Claim.CsvRow(
            CSV,
            START,
            Raw.ABSENT,
            Raw.ABSENT,
            Raw.text("Ada Novak"),
            Raw.text(EMAIL),
            Raw.text("cus_0f3a9c1d2e4b"),
            null);
    switch (row) {
      case "K2" -> {
        put(known, 1);
        claim = identify("usr_known", null, "Ada Weber");
      }
      case "K3" -> claim = identify("usr_new", EMAIL, "Ada Weber");
      case "K4" -> {
        put(imported, 1);
        claim = identify("usr_new", EMAIL, "Ada Weber");
      }
      case "K9" -> {
        put(known, 1);
        claim = identify("usr_known", EMAIL, "Ada Weber");
      }
      case "K10" -> {
        put(knownWithoutEmail, 1);
        put(imported, 2);
        claim = identify("usr_known", EMAIL, "Ada Weber");
      }
      default -> throw new IllegalArgumentException(row);
    }
    String decided = decide().rule().code();
    if (!decided.equals(row)) {
      throw new IllegalStateException("It is decided by " + decided + ", not " + row);
    }
  }

  /** The whole decision. */
  @Benchmark
  public Decision decide() {
    return Resolution.decide(claim, stamp, users, Policy.DEFAULT);
  }

  /** What must be fetched before it. */
  @Benchmark
  public Keys keys() {
    return Keys.of(claim, Policy.DEFAULT);
  }

  private void put(Claim earlier, long position) {
    for (User user :
        Resolution.decide(earlier, stamp(position - 5_000), users, Policy.DEFAULT).users()) {
      users.put(user);
    }
  }

  private static Claim identify(String userId, @Nullable String email, @Nullable String name) {
    return new Claim.Identify(
        SEGMENT, START, Raw.text(userId), Raw.text(name), Raw.text(email), Raw.ABSENT, Raw.ABSENT);
  }

  private static Stamp stamp(long position) {
    return new Stamp(
        5_000 + position, START + (5_000 + position) * SECOND, new UUID(0x7000, position));
  }
}
