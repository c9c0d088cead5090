package dev.selfsame.replay;

import dev.selfsame.identity.Identifier;
import dev.selfsame.resolution.Keys;
import java.util.Arrays;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Which claims may influence each other: those that share an identifier, an account or a user,
 * directly or through others. Keys are told apart by a hash of 64 bits; two of the same hash would
 * only connect what need not be. Not thread-safe.
 */
public final class Connected {

  private static final int START = 1 << 12;
  private static final int NONE = -1;

  /**
   * Open addressing: at each place a key's hash and its number, which is {@link #NONE} if empty.
   */
  private long[] hashes = new long[START];

  private int[] numbers = emptied(START);
  private int[] parents = new int[START / 2];
  private int count;

  private int last = NONE;

  /** Nothing was named since {@link #begin}. */
  public static final int NOTHING = NONE;

  /** What is named from now on belongs together. */
  public void begin() {
    last = NONE;
  }

  public void name(Keys keys) {
    nameUsers(keys);
    for (String account : keys.accounts()) {
      name("account:" + account);
    }
  }

  /** The same without accounts, which decide nothing about who is who. */
  void nameUsers(Keys keys) {
    for (Identifier identifier : keys.identifiers()) {
      name(identifier.toString());
    }
    for (String email : keys.emails()) {
      name("email:" + email);
    }
    for (UUID user : keys.users()) {
      name(user);
    }
  }

  public void name(@Nullable UUID part) {
    if (part != null) {
      name("part:" + part);
    }
  }

  private void name(String key) {
    int number = number(hash(key));
    if (last == NONE) {
      last = number;
    } else {
      parents[root(last)] = root(number);
    }
  }

  /** One of what was named since {@link #begin}, to ask {@link #root} of later. */
  public int named() {
    return last;
  }

  /** The same for all that belong together. */
  public int root(int named) {
    int at = named;
    while (parents[at] != at) {
      parents[at] = parents[parents[at]];
      at = parents[at];
    }
    return at;
  }

  private int number(long hash) {
    int place = place(hash);
    if (numbers[place] == NONE) {
      if (count == parents.length) {
        grow();
        place = place(hash);
      }
      hashes[place] = hash;
      numbers[place] = count;
      parents[count] = count;
      count++;
    }
    return numbers[place];
  }

  private int place(long hash) {
    int mask = hashes.length - 1;
    int place = (int) hash & mask;
    while (numbers[place] != NONE && hashes[place] != hash) {
      place = (place + 1) & mask;
    }
    return place;
  }

  private void grow() {
    long[] formerHashes = hashes;
    int[] formerNumbers = numbers;
    hashes = new long[formerHashes.length * 2];
    numbers = emptied(hashes.length);
    parents = Arrays.copyOf(parents, hashes.length / 2);
    for (int i = 0; i < formerHashes.length; i++) {
      if (formerNumbers[i] != NONE) {
        int place = place(formerHashes[i]);
        hashes[place] = formerHashes[i];
        numbers[place] = formerNumbers[i];
      }
    }
  }

  private static int[] emptied(int length) {
    int[] empty = new int[length];
    Arrays.fill(empty, NONE);
    return empty;
  }

  private static long hash(String key) {
    long hash = 0xcbf29ce484222325L;
    for (int i = 0; i < key.length(); i++) {
      hash = (hash ^ key.charAt(i)) * 0x100000001b3L;
    }
    hash = (hash ^ (hash >>> 32)) * 0x9e3779b97f4a7c15L;
    return hash ^ (hash >>> 29);
  }
}
