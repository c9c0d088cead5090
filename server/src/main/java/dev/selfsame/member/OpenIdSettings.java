package dev.selfsame.member;

import java.net.URI;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The company's own provider of OpenID Connect, by which members may sign in.
 *
 * @param issuer its address, below which {@code /.well-known/openid-configuration} stands; null:
 *     there is none
 * @param clientId what it knows this hub as
 * @param name what members know it as, shown on the button
 * @param scopes what is asked for; {@code openid} and {@code email} are needed
 * @param newMembers the role that whoever it vouches for gets at the first time: viewer, operator
 *     or admin; null: only those who were invited come in
 * @param domains the email domains of those who may become members without being invited
 * @param unverifiedEmails whether an email counts that the provider does not say it has verified
 */
public record OpenIdSettings(
    @Nullable URI issuer,
    @Nullable String clientId,
    String name,
    List<String> scopes,
    @Nullable String newMembers,
    List<String> domains,
    boolean unverifiedEmails) {

  public static final OpenIdSettings DEFAULT =
      new OpenIdSettings(
          null,
          null,
          "single sign-on",
          List.of("openid", "email", "profile"),
          null,
          List.of(),
          false);

  public OpenIdSettings {
    if (issuer != null && (issuer.getHost() == null || issuer.getScheme() == null)) {
      throw new IllegalArgumentException(
          "issuer must be absolute, such as https://login.example.com; got " + issuer);
    }
    if ((issuer == null) != (clientId == null || clientId.isBlank())) {
      throw new IllegalArgumentException("issuer and clientId belong together; one is missing");
    }
    if (!scopes.contains("openid") || !scopes.contains("email")) {
      throw new IllegalArgumentException(
          "scopes must have openid and email; got " + String.join(", ", scopes));
    }
    if (newMembers != null && MemberRole.of(newMembers) == null) {
      throw new IllegalArgumentException(
          "newMembers must be viewer, operator or admin; got " + newMembers);
    }
    if (newMembers != null && domains.isEmpty()) {
      throw new IllegalArgumentException(
          "newMembers needs domains: whose emails may become members, such as [\"example.com\"]");
    }
    scopes = List.copyOf(scopes);
    domains = domains.stream().map(domain -> domain.strip().toLowerCase(Locale.ROOT)).toList();
  }

  /** What someone with that email becomes who is no member yet; null: nothing. */
  public @Nullable MemberRole newcomer(String email) {
    String domain = email.substring(email.lastIndexOf('@') + 1).toLowerCase(Locale.ROOT);
    return newMembers == null || !domains.contains(domain) ? null : MemberRole.of(newMembers);
  }
}
