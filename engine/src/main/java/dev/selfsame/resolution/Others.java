package dev.selfsame.resolution;

import dev.selfsame.identity.EmailHolders;
import dev.selfsame.identity.User;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The live users beside the claim's own that have an email: M0 and M1 of the rules.
 *
 * @param idless those without an external id that are known by name
 * @param identified those with one that are known by name
 * @param m0 how many there are without an external id: none, one, or 2 for several
 * @param m1 how many there are with one
 */
record Others(List<User> idless, List<User> identified, int m0, int m1) {

  static final Others NONE = new Others(List.of(), List.of(), 0, 0);

  /**
   * @param first the claim's own user, or null
   * @param second another own one, or null
   */
  static Others of(
      EmailHolders holders, String email, @Nullable User first, @Nullable User second) {
    if (holders.isEmpty()) {
      return NONE;
    }
    List<User> idless = without(holders.idless(), first, second);
    List<User> identified = without(holders.identified(), first, second);
    int m0 =
        count(
            idless,
            holders.moreIdless(),
            unlisted(first, false, email, holders.idless())
                || unlisted(second, false, email, holders.idless()),
            email);
    int m1 =
        count(
            identified,
            holders.moreIdentified(),
            unlisted(first, true, email, holders.identified())
                || unlisted(second, true, email, holders.identified()),
            email);
    return m0 + m1 == 0 ? NONE : new Others(idless, identified, m0, m1);
  }

  /** The ones left when the claim's user has taken some of them in. */
  Others beside(User user) {
    if (none()) {
      return NONE;
    }
    List<User> otherIdless = without(idless, user, null);
    List<User> otherIdentified = without(identified, user, null);
    int left0 = left(m0, idless, otherIdless);
    int left1 = left(m1, identified, otherIdentified);
    return left0 + left1 == 0 ? NONE : new Others(otherIdless, otherIdentified, left0, left1);
  }

  boolean none() {
    return m0 + m1 == 0;
  }

  /** The one user that there is, or null if there is none or there are several. */
  @Nullable User only() {
    if (m0 + m1 != 1) {
      return null;
    }
    return m0 == 1 ? idless.getFirst() : identified.getFirst();
  }

  /**
   * The one id-less user, where there is exactly one and no identified one beside it; else null.
   */
  @Nullable User onlyIdless() {
    return m0 == 1 && m1 == 0 ? idless.getFirst() : null;
  }

  List<User> known() {
    List<User> all = new ArrayList<>(idless);
    all.addAll(identified);
    return all;
  }

  private static int left(int count, List<User> before, List<User> after) {
    return Math.max(after.size(), count - (before.size() - after.size()));
  }

  private static List<User> without(List<User> users, @Nullable User first, @Nullable User second) {
    boolean all = true;
    for (User user : users) {
      all &= !within(user, first) && !within(user, second);
    }
    if (all) {
      return users;
    }
    List<User> others = new ArrayList<>(users.size());
    for (User user : users) {
      if (!within(user, first) && !within(user, second)) {
        others.add(user);
      }
    }
    return others;
  }

  private static boolean within(User user, @Nullable User own) {
    return own != null && own.contains(user.id());
  }

  /**
   * Whether an own user has the email but is not among those listed: then it may be the one more
   * that there is.
   */
  private static boolean unlisted(
      @Nullable User own, boolean identified, String email, List<User> listed) {
    if (own == null || own.identified() != identified || !own.has(email)) {
      return false;
    }
    for (User user : listed) {
      if (within(user, own)) {
        return false;
      }
    }
    return true;
  }

  private static int count(List<User> known, boolean more, boolean ownUnlisted, String email) {
    int sure = known.size();
    if (more) {
      if (sure == 0 || (ownUnlisted && sure < 2)) {
        throw new StaleMatches(email);
      }
      sure++;
    }
    return Math.min(sure, 2);
  }
}
