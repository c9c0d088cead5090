package dev.selfsame.bench;

/**
 * The people of a benchmark, by number: who they are follows from the number alone, so that the
 * program that fills the store and the one that sends events agree without talking. What they are
 * called looks random, which is the worst case for an index.
 */
public final class People {

  /** Every tenth of those that are there from the start is an import without a userId. */
  public static final int IMPORT_EVERY = 10;

  private static final String[] FIRST = {
    "Ada", "Bruno", "Chidi", "Dana", "Emeka", "Fatima", "Grace", "Hiro", "Ines", "Jonas", "Kaito",
    "Lena", "Mira", "Noor", "Omar", "Petra", "Quinn", "Rosa", "Sven", "Tara", "Uma", "Vera",
    "Wiktor", "Ximena", "Yusuf", "Zoe"
  };
  private static final String[] LAST = {
    "Almeida", "Becker", "Costa", "Dubois", "Eriksen", "Fischer", "Garcia", "Haddad", "Ito",
    "Jensen", "Kowalski", "Larsen", "Moreau", "Novak", "Okafor", "Petrov", "Quist", "Rossi",
    "Santos", "Tanaka", "Ueda", "Varga", "Weber", "Xu", "Yilmaz", "Zhang"
  };
  private static final String[] MAIL = {"example.com", "example.org", "example.net"};
  private static final String[] REFERRALS = {"ads", "search", "friend", "newsletter", "conference"};

  private static final long EXTERNAL = 0x5851F42D4C957F2DL;
  private static final long EMAIL = 0x14057B7EF767814FL;
  private static final long NAME = 0x2545F4914F6CDD1DL;
  private static final long BILLING = 0x9E3779B97F4A7C15L;

  private People() {}

  /** Whether this one of the start's people is an import: an email and a billing id, no userId. */
  public static boolean imported(long number) {
    return number % IMPORT_EVERY == 0;
  }

  /** The userId; of an import, the one that it gets when it signs up. */
  public static void externalId(StringBuilder to, long number) {
    to.append("usr_");
    hex(to, mix(number ^ EXTERNAL), 16);
  }

  /**
   * The email.
   *
   * @param change how often it was changed
   */
  public static void email(StringBuilder to, long number, int change) {
    long random = mix(mix(number ^ EMAIL) + change);
    hex(to, random, 12);
    to.append('.');
    hex(to, number * 16 + change % 16, 8);
    to.append('@').append(MAIL[(int) (random >>> 60) % MAIL.length]);
  }

  /**
   * The name.
   *
   * @param change how often it was changed; each is another
   */
  public static void name(StringBuilder to, long number, long change) {
    long random = mix(mix(number ^ NAME) + change);
    to.append(FIRST[(int) (random >>> 8 & 0xffff) % FIRST.length]).append(' ');
    to.append(LAST[(int) (random >>> 24 & 0xffff) % LAST.length]).append('-');
    hex(to, random >>> 40, 6);
  }

  public static void billingId(StringBuilder to, long number) {
    to.append("cus_");
    hex(to, mix(number ^ BILLING), 14);
  }

  public static String referral(long number) {
    return REFERRALS[(int) (mix(number) >>> 33) % REFERRALS.length];
  }

  /** A number that looks random, another for each. */
  public static long mix(long number) {
    long z = number * 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /** Appends the low {@code digits} hexadecimal digits. */
  public static void hex(StringBuilder to, long number, int digits) {
    for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) {
      int digit = (int) (number >>> shift) & 15;
      to.append((char) (digit < 10 ? '0' + digit : 'a' + digit - 10));
    }
  }
}
