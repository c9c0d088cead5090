package dev.selfsame.source.segment;

import java.time.LocalDate;
import java.time.YearMonth;

/**
 * Reads times as ISO-8601 writes them: a calendar date, or date and time, extended ({@code
 * 2026-11-21T21:11:54.941Z}) or basic ({@code 20261121T211154Z}). Without a zone it is UTC. Digits
 * beyond the microsecond are dropped.
 */
final class IsoTime {

  /** What an unreadable time gives. */
  static final long UNREADABLE = Long.MIN_VALUE;

  private static final long SECOND = 1_000_000L;

  private final byte[] in;
  private final int end;
  private int at;
  private boolean wrong;

  private IsoTime(byte[] in, int from, int end) {
    this.in = in;
    this.at = from;
    this.end = end;
  }

  /** Microseconds since 1970 UTC, or {@link #UNREADABLE}. */
  static long micros(byte[] in, int from, int to) {
    int start = from;
    int stop = to;
    while (start < stop && in[start] == ' ') {
      start++;
    }
    while (stop > start && in[stop - 1] == ' ') {
      stop--;
    }
    return new IsoTime(in, start, stop).read();
  }

  private long read() {
    int year = digits(4);
    boolean extended = is('-');
    int month = digits(2);
    separator(extended, '-');
    int day = digits(2);
    if (wrong
        || month < 1
        || month > 12
        || day < 1
        || day > YearMonth.of(year, month).lengthOfMonth()) {
      return UNREADABLE;
    }
    long micros = epochDay(year, month, day) * 86_400 * SECOND;
    if (at == end) {
      return micros;
    }
    if (!is('T') && !is('t')) {
      return UNREADABLE;
    }
    int hour = digits(2);
    int minute = 0;
    int second = 0;
    long fraction = 0;
    if (at < end && !zoneBegins()) {
      separator(extended, ':');
      minute = digits(2);
      if (at < end && !zoneBegins()) {
        separator(extended, ':');
        second = digits(2);
        if (is('.') || is(',')) {
          fraction = fraction();
        }
      }
    }
    long offset = zone();
    boolean endOfDay = hour == 24 && minute == 0 && second == 0 && fraction == 0;
    if (wrong || at != end || (hour > 23 && !endOfDay) || minute > 59 || second > 60) {
      return UNREADABLE;
    }
    return micros + ((hour * 60L + minute - offset) * 60 + second) * SECOND + fraction;
  }

  private static long epochDay(int year, int month, int day) {
    return LocalDate.of(year, month, day).toEpochDay();
  }

  private boolean zoneBegins() {
    byte b = in[at];
    return b == 'Z' || b == 'z' || b == '+' || b == '-';
  }

  /** Minutes east of UTC. */
  private long zone() {
    if (at == end || is('Z') || is('z')) {
      return 0;
    }
    boolean west = is('-');
    if (!west && !is('+')) {
      wrong = true;
      return 0;
    }
    int hours = digits(2);
    int minutes = 0;
    if (at < end) {
      is(':');
      minutes = digits(2);
    }
    if (hours > 18 || minutes > 59) {
      wrong = true;
    }
    long offset = hours * 60L + minutes;
    return west ? -offset : offset;
  }

  private long fraction() {
    long value = 0;
    int from = at;
    while (at < end && in[at] >= '0' && in[at] <= '9') {
      if (at - from < 6) {
        value = value * 10 + in[at] - '0';
      }
      at++;
    }
    if (at == from) {
      wrong = true;
    }
    for (int i = at - from; i < 6; i++) {
      value *= 10;
    }
    return value;
  }

  private void separator(boolean wanted, char separator) {
    if (wanted && !is(separator)) {
      wrong = true;
    }
  }

  private boolean is(char c) {
    if (at < end && in[at] == c) {
      at++;
      return true;
    }
    return false;
  }

  private int digits(int count) {
    int value = 0;
    for (int i = 0; i < count; i++, at++) {
      if (at >= end || in[at] < '0' || in[at] > '9') {
        wrong = true;
        return 0;
      }
      value = value * 10 + in[at] - '0';
    }
    return value;
  }
}
