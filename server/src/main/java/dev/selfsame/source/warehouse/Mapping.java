package dev.selfsame.source.warehouse;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Nearest;
import dev.selfsame.error.Problem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the columns of a source's rows mean.
 *
 * @param externalId the External ID column
 * @param fallback an id that a person has until it has an external one; null: none
 * @param fallbackIsEmail the fallback column holds emails
 * @param accounts external ids of accounts: one, or an array of them
 * @param accountName of the account, where a row has one
 * @param updatedAt when the row's values were last changed
 * @param traits columns that become the user's traits
 * @param replaceAccounts a row that names accounts takes the user off those that it named before
 */
public record Mapping(
    String externalId,
    @Nullable String fallback,
    boolean fallbackIsEmail,
    @Nullable String name,
    @Nullable String email,
    @Nullable String accounts,
    @Nullable String accountName,
    @Nullable String updatedAt,
    List<String> traits,
    @Nullable Boolean replaceAccounts) {

  private static final int MOST_TRAITS = 300;

  public Mapping {
    traits = List.copyOf(new LinkedHashSet<>(traits));
    if (traits.size() > MOST_TRAITS) {
      throw new Failure(
          Problem.SOURCE_INVALID,
          "There are %d traits; expected at most %d.".formatted(traits.size(), MOST_TRAITS));
    }
    if (fallback == null && fallbackIsEmail) {
      throw new Failure(
          Problem.SOURCE_INVALID, "There is no fallback column that could hold emails; name it.");
    }
    if (externalId.equals(fallback)) {
      throw new Failure(
          Problem.SOURCE_INVALID,
          "The external id and the fallback id cannot be the same column, %s."
              .formatted(externalId));
    }
    // Mappings that were kept before there was this say nothing of it.
    replaceAccounts = replaceAccounts != null && replaceAccounts;
    if (replaceAccounts && accounts == null) {
      throw new Failure(
          Problem.SOURCE_INVALID,
          "Accounts can be replaced only where a column has them; name the accounts' column.");
    }
    if (accountName != null && accounts == null) {
      throw new Failure(
          Problem.SOURCE_INVALID,
          "An account's name needs a column with the account's id; name it as the accounts'"
              + " column.");
    }
  }

  boolean replaces() {
    return Boolean.TRUE.equals(replaceAccounts);
  }

  /** All columns that are named, each once. */
  Set<String> columns() {
    Set<String> all = new LinkedHashSet<>();
    Stream.concat(
            Arrays.<@Nullable String>asList(
                externalId, fallback, name, email, accounts, accountName, updatedAt)
                .stream(),
            traits.stream())
        .filter(Objects::nonNull)
        .forEach(column -> all.add(Objects.requireNonNull(column)));
    return all;
  }

  /**
   * Refuses columns that the query does not answer.
   *
   * @throws Failure {@code SOURCE_INVALID}, naming the nearest column
   */
  void check(List<String> answered) {
    List<String> unknown = new ArrayList<>(columns());
    unknown.removeAll(answered);
    if (!unknown.isEmpty()) {
      String first = unknown.getFirst();
      throw new Failure(
          Problem.SOURCE_INVALID,
          answered.isEmpty()
              ? "The query answers no columns."
              : "The query answers no column %s; did you mean %s? It answers %s."
                  .formatted(first, Nearest.of(first, answered), String.join(", ", answered)));
    }
  }
}
