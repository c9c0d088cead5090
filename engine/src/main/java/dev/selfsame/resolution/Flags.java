package dev.selfsame.resolution;

import dev.selfsame.identity.Held;
import dev.selfsame.identity.Identifier;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.User;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Whether what a flag says of users is so today: what closes flags by themselves. */
public final class Flags {

  private Flags() {}

  /**
   * Whether a stored flag still says what is so.
   *
   * @param today the live user that a user id leads to; null: it was erased
   */
  public static boolean stands(Flag flag, Function<UUID, @Nullable User> today) {
    List<User> users = live(flag, today);
    if (users.isEmpty()) {
      return flag.users().isEmpty();
    }
    if (users.size() < 2 && flag.users().size() > 1) {
      return false;
    }
    User first = users.getFirst();
    List<User> others = users.subList(1, users.size());
    Identifier about = flag.about();
    return switch (flag.kind()) {
      case EMAIL_CONFLICT -> heldByOthers(first, others, user -> hasEmail(user, about));
      case BILLING_ID_IN_USE -> heldByOthers(first, others, user -> hasBillingId(user, about));
      case SAME_FALLBACK ->
          !holds(first, about)
              && others.stream().anyMatch(user -> holds(user, about) || hasEmail(user, about));
      case BILLING_ID_UNVERIFIED -> holds(first, about);
      case RECORD_MOVED -> others.stream().noneMatch(user -> holds(user, about));
      case BILLING_CONFLICT -> anyPair(users, Guard::twoCustomers);
      case KEPT_APART -> anyPair(users, Guard::barred);
      case ID_CASE_DIFFERS -> about == null || casesDiffer(users, about);
      case UNVERIFIED_MATCH,
          RECORD_MERGED,
          LIMIT_REACHED,
          AMBIGUOUS_USER,
          AMBIGUOUS_FALLBACK,
          NO_ROW,
          ALIAS_CONFLICT,
          UNDO_CONFLICT ->
          true;
      case SAME_EMAIL -> sameEmail(users);
      case MISSING_BILLING_ID -> missingBillingId(first);
    };
  }

  /**
   * Whether the flag asks whether users are one, and all of them are kept apart: the act that keeps
   * them so answers it. A bar from before the flag does not.
   */
  public static boolean answeredByKeepingApart(Flag flag, Function<UUID, @Nullable User> today) {
    return switch (flag.kind()) {
      case BILLING_CONFLICT, UNVERIFIED_MATCH, RECORD_MERGED, ALIAS_CONFLICT -> {
        List<User> users = live(flag, today);
        yield users.size() > 1 && allKeptApart(users);
      }
      case SAME_EMAIL,
          MISSING_BILLING_ID,
          EMAIL_CONFLICT,
          BILLING_ID_IN_USE,
          BILLING_ID_UNVERIFIED,
          SAME_FALLBACK,
          KEPT_APART,
          LIMIT_REACHED,
          RECORD_MOVED,
          ID_CASE_DIFFERS,
          AMBIGUOUS_USER,
          AMBIGUOUS_FALLBACK,
          NO_ROW,
          UNDO_CONFLICT ->
          false;
    };
  }

  private static List<User> live(Flag flag, Function<UUID, @Nullable User> today) {
    List<User> users = new ArrayList<>(flag.users().size());
    for (UUID id : flag.users()) {
      User user = today.apply(id);
      if (user != null && !users.contains(user)) {
        users.add(user);
      }
    }
    return users;
  }

  /** Computed: whether users whom one email matches are worth a look: not all are kept apart. */
  public static boolean sameEmail(Collection<User> users) {
    return users.size() > 1 && !allKeptApart(List.copyOf(users));
  }

  /** Computed: whether the user shows an external id and no live billing id. */
  public static boolean missingBillingId(User user) {
    return user.externalId() != null && user.liveBillingId() == null;
  }

  private static boolean heldByOthers(User first, List<User> others, Predicate<User> holding) {
    return !holding.test(first) && others.stream().anyMatch(holding);
  }

  private static boolean hasEmail(User user, @Nullable Identifier about) {
    return about != null && user.has(about.value());
  }

  /** By value alone: its provider may have become known meanwhile. */
  private static boolean hasBillingId(User user, @Nullable Identifier about) {
    return about != null
        && user.identifiers().stream()
            .anyMatch(held ->
                held.type().kind() == IdentifierType.Kind.BILLING
                    && held.value().equals(about.value()));
  }

  private static boolean holds(User user, @Nullable Identifier about) {
    return about != null && user.holder(about) != null;
  }

  private static boolean allKeptApart(List<User> users) {
    return !anyPair(users, (one, other) -> !Guard.barred(one, other));
  }

  private interface Pair {
    boolean test(User one, User other);
  }

  private static boolean anyPair(List<User> users, Pair pair) {
    for (int i = 0; i < users.size(); i++) {
      for (int j = i + 1; j < users.size(); j++) {
        if (pair.test(users.get(i), users.get(j))) {
          return true;
        }
      }
    }
    return false;
  }

  /** Whether someone has the id in another spelling, and nobody has both. */
  private static boolean casesDiffer(List<User> users, Identifier about) {
    boolean differ = false;
    for (User user : users) {
      for (Held held : user.identifiers()) {
        if (held.type().equals(about.type())
            && !held.value().equals(about.value())
            && folded(held.value()).equals(folded(about.value()))) {
          if (user.holder(about) != null) {
            return false;
          }
          differ = true;
        }
      }
    }
    return differ;
  }

  private static String folded(String value) {
    return value.toLowerCase(Locale.ROOT);
  }
}
