package dev.selfsame.resolution;

import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.Survivorship;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The switches of a space by their names, as the spec files and the generators set them. */
final class Policies {

  private Policies() {}

  /**
   * The policy with one switch set, such as {@code emails=unique}, {@code merges=2} or {@code
   * providers=stripe}.
   */
  static Policy with(Policy p, String name, String value) {
    boolean on = value.equals("on");
    Policy.Limits limits = p.limits();
    return switch (name) {
      case "emails" ->
          policy(
              p,
              value.equals("unique"),
              p.mergeOnEmailChange(),
              p.matchOnBillingId(),
              p.matchPreviousEmails(),
              limits);
      case "merge_on_email_change" ->
          policy(p, p.uniqueEmails(), on, p.matchOnBillingId(), p.matchPreviousEmails(), limits);
      case "match_on_billing_id" ->
          policy(p, p.uniqueEmails(), p.mergeOnEmailChange(), on, p.matchPreviousEmails(), limits);
      case "match_previous_emails" ->
          policy(p, p.uniqueEmails(), p.mergeOnEmailChange(), p.matchOnBillingId(), on, limits);
      case "merges" -> limits(p, Integer.parseInt(value), limits.identifiersPerUser());
      case "identifiers" -> limits(p, limits.mergesPerUser(), Integer.parseInt(value));
      case "providers" ->
          lists(
              p,
              Arrays.stream(value.split(",", -1))
                  .map(tool -> new IdentifierType(tool + "_id"))
                  .collect(Collectors.toSet()),
              p.neverMatchEmails());
      case "never" -> lists(p, p.billingProviders(), List.of(value.split(",", -1)));
      case "fill" -> p.withNotes(new Policy.Notes(on, p.notes().freeMailDomains()));
      case "free" ->
          p.withNotes(new Policy.Notes(p.notes().fillEmail(), Set.of(value.split(",", -1))));
      case "first" -> {
        Survivorship first =
            new Survivorship.First(
                Set.of(Notation.CSV.number(), Notation.API.number(), Notation.ACTS.number()),
                Set.of(Notation.BROWSER.number()));
        yield survivorship(p, List.of(value.split(",", -1)), first);
      }
      case "name_by", "email_by" ->
          survivorship(p, List.of(name.replace("_by", "")), sources(List.of(value.split(",", -1))));
      default -> throw new IllegalArgumentException("No switch " + name);
    };
  }

  private static Policy survivorship(Policy p, List<String> fields, Survivorship one) {
    Map<String, Survivorship> all = new HashMap<>(p.survivorship());
    fields.forEach(field -> all.put(field, one));
    return p.withSurvivorship(all);
  }

  /** Those that are not trusted stand nowhere. */
  private static Survivorship sources(List<String> names) {
    return new Survivorship.Sources(
        names,
        names.stream()
            .map(Notation::source)
            .filter(source -> source != null && source.trusted())
            .map(source -> source == null ? 0 : source.number())
            .toList());
  }

  private static Policy limits(Policy p, int merges, int identifiers) {
    Policy.Limits limits =
        new Policy.Limits(
            merges, identifiers, p.limits().idCharacters(), p.limits().emailCharacters());
    return policy(
        p,
        p.uniqueEmails(),
        p.mergeOnEmailChange(),
        p.matchOnBillingId(),
        p.matchPreviousEmails(),
        limits);
  }

  private static Policy policy(
      Policy p,
      boolean unique,
      boolean onChange,
      boolean onBillingId,
      boolean previous,
      Policy.Limits limits) {
    return new Policy(
        p.version(),
        unique,
        onChange,
        onBillingId,
        previous,
        p.billingProviders(),
        p.blockedValues(),
        p.neverMatchEmails(),
        limits,
        p.survivorship(),
        p.notes());
  }

  private static Policy lists(Policy p, Set<IdentifierType> providers, List<String> never) {
    return new Policy(
        p.version(),
        p.uniqueEmails(),
        p.mergeOnEmailChange(),
        p.matchOnBillingId(),
        p.matchPreviousEmails(),
        providers,
        p.blockedValues(),
        never,
        p.limits(),
        p.survivorship(),
        p.notes());
  }
}
