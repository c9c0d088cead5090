package dev.selfsame.member;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.DefaultResourceRetriever;
import com.nimbusds.oauth2.sdk.AuthorizationCodeGrant;
import com.nimbusds.oauth2.sdk.AuthorizationResponse;
import com.nimbusds.oauth2.sdk.ErrorObject;
import com.nimbusds.oauth2.sdk.GeneralException;
import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.oauth2.sdk.ResponseType;
import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.TokenRequest;
import com.nimbusds.oauth2.sdk.auth.ClientAuthenticationMethod;
import com.nimbusds.oauth2.sdk.auth.ClientSecretBasic;
import com.nimbusds.oauth2.sdk.auth.ClientSecretPost;
import com.nimbusds.oauth2.sdk.auth.Secret;
import com.nimbusds.oauth2.sdk.http.HTTPRequest;
import com.nimbusds.oauth2.sdk.http.HTTPResponse;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.id.Issuer;
import com.nimbusds.oauth2.sdk.id.State;
import com.nimbusds.oauth2.sdk.pkce.CodeChallengeMethod;
import com.nimbusds.oauth2.sdk.pkce.CodeVerifier;
import com.nimbusds.openid.connect.sdk.AuthenticationRequest;
import com.nimbusds.openid.connect.sdk.Nonce;
import com.nimbusds.openid.connect.sdk.OIDCTokenResponse;
import com.nimbusds.openid.connect.sdk.OIDCTokenResponseParser;
import com.nimbusds.openid.connect.sdk.UserInfoRequest;
import com.nimbusds.openid.connect.sdk.UserInfoResponse;
import com.nimbusds.openid.connect.sdk.claims.ClaimsSet;
import com.nimbusds.openid.connect.sdk.claims.IDTokenClaimsSet;
import com.nimbusds.openid.connect.sdk.claims.UserInfo;
import com.nimbusds.openid.connect.sdk.op.OIDCProviderMetadata;
import com.nimbusds.openid.connect.sdk.validators.IDTokenValidator;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Signing in by the company's own provider of OpenID Connect: the authorization code flow with
 * PKCE. What belongs to one attempt is kept by the browser alone, so that any server can end what
 * another began. Thread-safe.
 */
public final class OpenId {

  private static final int TIMEOUT_MILLIS = Math.toIntExact(Duration.ofSeconds(10).toMillis());
  private static final int MOST_KEY_BYTES = 1_000_000;

  /** How long what the provider says about itself holds. */
  private static final Duration METADATA_LASTS = Duration.ofHours(1);

  private final OpenIdSettings settings;
  private final Issuer issuer;
  private final ClientID client;
  private final @Nullable Secret secret;
  private final InstantSource clock;
  private volatile @Nullable Provider provider;

  /** The provider as it last described itself. */
  private record Provider(
      OIDCProviderMetadata metadata, JWKSource<SecurityContext> keys, Instant until) {}

  private OpenId(
      OpenIdSettings settings,
      URI issuer,
      String client,
      @Nullable String secret,
      InstantSource clock) {
    this.settings = settings;
    this.issuer = new Issuer(issuer);
    this.client = new ClientID(client);
    this.secret = secret == null || secret.isBlank() ? null : new Secret(secret);
    this.clock = clock;
  }

  /**
   * The way in by that provider; null if there is none. Nothing is asked of it yet.
   *
   * @param secret what the hub proves itself by; null: by PKCE alone
   */
  public static @Nullable OpenId of(
      OpenIdSettings settings, @Nullable String secret, InstantSource clock) {
    URI issuer = settings.issuer();
    String client = settings.clientId();
    return issuer == null || client == null
        ? null
        : new OpenId(settings, issuer, client, secret, clock);
  }

  /**
   * An attempt to sign in.
   *
   * @param to where the browser goes
   * @param kept what it brings back with it: secret, and of use for this attempt alone
   */
  public record Begun(URI to, String kept) {
    @Override
    public String toString() {
      return "Begun";
    }
  }

  /** Whom the provider vouches for. */
  public record Vouched(String email, String name) {}

  public OpenIdSettings settings() {
    return settings;
  }

  /**
   * Begins an attempt.
   *
   * @param back where the provider sends the browser
   * @throws Failure {@code PROVIDER_AWAY}
   */
  public Begun begin(URI back) {
    State state = new State();
    Nonce nonce = new Nonce();
    CodeVerifier verifier = new CodeVerifier();
    AuthenticationRequest request =
        new AuthenticationRequest.Builder(
                ResponseType.CODE,
                new Scope(settings.scopes().toArray(String[]::new)),
                client,
                back)
            .endpointURI(provider().metadata().getAuthorizationEndpointURI())
            .state(state)
            .nonce(nonce)
            .codeChallenge(verifier, CodeChallengeMethod.S256)
            .build();
    return new Begun(
        request.toURI(), String.join(".", state.getValue(), nonce.getValue(), verifier.getValue()));
  }

  /**
   * Ends an attempt.
   *
   * @param back as at the beginning
   * @param kept what the browser brought; empty: nothing
   * @param parameters of the address that the provider sent the browser to
   * @throws Failure {@code PROVIDER_REFUSED} if the provider does not vouch for anybody, or this is
   *     no attempt of this browser; {@code PROVIDER_AWAY}
   */
  public Vouched finish(URI back, String kept, Map<String, List<String>> parameters) {
    String[] parts = kept.split("\\.", -1);
    if (parts.length != 3) {
      throw refused(
          "This browser began no attempt to sign in, or too long ago; try once more", null);
    }
    try {
      AuthorizationResponse response = AuthorizationResponse.parse(back, parameters);
      if (!new State(parts[0]).equals(response.getState())) {
        throw refused("This answer belongs to another attempt to sign in; try once more", null);
      }
      if (!response.indicatesSuccess()) {
        throw refused(response.toErrorResponse().getErrorObject());
      }
      OIDCTokenResponse tokens =
          tokens(
              new AuthorizationCodeGrant(
                  response.toSuccessResponse().getAuthorizationCode(),
                  back,
                  new CodeVerifier(parts[2])));
      IDTokenClaimsSet claims =
          validator().validate(tokens.getOIDCTokens().getIDToken(), new Nonce(parts[1]));
      return vouched(claims, tokens);
    } catch (ParseException | IllegalArgumentException e) {
      throw refused("%s answered what cannot be read".formatted(issuer), e);
    } catch (BadJOSEException | JOSEException e) {
      throw refused("The token of %s does not hold: %s".formatted(issuer, e.getMessage()), e);
    } catch (IOException e) {
      throw away(e);
    }
  }

  private OIDCTokenResponse tokens(AuthorizationCodeGrant grant)
      throws ParseException, IOException {
    OIDCProviderMetadata metadata = provider().metadata();
    URI endpoint = metadata.getTokenEndpointURI();
    Secret proof = secret;
    TokenRequest.Builder request =
        proof == null
            ? new TokenRequest.Builder(endpoint, client, grant)
            : new TokenRequest.Builder(
                endpoint,
                byPost(metadata)
                    ? new ClientSecretPost(client, proof)
                    : new ClientSecretBasic(client, proof),
                grant);
    HTTPResponse answer = send(request.build().toHTTPRequest());
    var parsed = OIDCTokenResponseParser.parse(answer);
    if (!parsed.indicatesSuccess()) {
      throw refused(parsed.toErrorResponse().getErrorObject());
    }
    OIDCTokenResponse tokens = (OIDCTokenResponse) parsed.toSuccessResponse();
    if (tokens.getOIDCTokens().getIDToken() == null) {
      throw refused("%s sent no ID token; does it speak OpenID Connect?".formatted(issuer), null);
    }
    return tokens;
  }

  private static boolean byPost(OIDCProviderMetadata metadata) {
    List<ClientAuthenticationMethod> known = metadata.getTokenEndpointAuthMethods();
    return known != null
        && known.contains(ClientAuthenticationMethod.CLIENT_SECRET_POST)
        && !known.contains(ClientAuthenticationMethod.CLIENT_SECRET_BASIC);
  }

  /** Keys of the provider alone count: a secret that the client knows signs nothing here. */
  private IDTokenValidator validator() {
    Provider described = provider();
    Set<JWSAlgorithm> algorithms =
        new LinkedHashSet<>(
            Objects.requireNonNullElse(
                described.metadata().getIDTokenJWSAlgs(), List.of(JWSAlgorithm.RS256)));
    algorithms.removeIf(algorithm ->
        !JWSAlgorithm.Family.RSA.contains(algorithm)
            && !JWSAlgorithm.Family.EC.contains(algorithm));
    return new IDTokenValidator(
        issuer, client, new JWSVerificationKeySelector<>(algorithms, described.keys()), null);
  }

  /** Some providers put the email into the token, others tell it when asked. */
  private Vouched vouched(IDTokenClaimsSet token, OIDCTokenResponse tokens)
      throws ParseException, IOException {
    if (token.getStringClaim(UserInfo.EMAIL_CLAIM_NAME) != null) {
      return vouched(token);
    }
    URI endpoint = provider().metadata().getUserInfoEndpointURI();
    if (endpoint == null) {
      return vouched(token);
    }
    UserInfoResponse answer =
        UserInfoResponse.parse(
            send(
                new UserInfoRequest(endpoint, tokens.getOIDCTokens().getAccessToken())
                    .toHTTPRequest()));
    if (!answer.indicatesSuccess()) {
      throw refused(answer.toErrorResponse().getErrorObject());
    }
    UserInfo info = answer.toSuccessResponse().getUserInfo();
    if (info == null || !info.getSubject().equals(token.getSubject())) {
      throw refused("%s answered about someone else".formatted(issuer), null);
    }
    return vouched(info);
  }

  private Vouched vouched(ClaimsSet claims) {
    String email = claims.getStringClaim(UserInfo.EMAIL_CLAIM_NAME);
    if (email == null || email.isBlank()) {
      throw refused(
          "%s does not say your email, by which members are known here; it must give the scope email"
              .formatted(issuer),
          null);
    }
    boolean verified =
        Boolean.TRUE.equals(claims.getBooleanClaim(UserInfo.EMAIL_VERIFIED_CLAIM_NAME));
    if (!verified && !settings.unverifiedEmails()) {
      throw refused(
          "%s does not say that it has verified the email %s; anybody could have typed it there"
              .formatted(issuer, email),
          null);
    }
    String name = claims.getStringClaim(UserInfo.NAME_CLAIM_NAME);
    try {
      return new Vouched(
          Members.email(email), Members.possibleName(name == null ? email : name, email));
    } catch (BadEntry bad) {
      throw refused("%s says that your email is %s, which is none".formatted(issuer, email), bad);
    }
  }

  private static HTTPResponse send(HTTPRequest request) throws IOException {
    request.setConnectTimeout(TIMEOUT_MILLIS);
    request.setReadTimeout(TIMEOUT_MILLIS);
    request.setFollowRedirects(false);
    return request.send();
  }

  private Provider provider() {
    Provider known = provider;
    Instant now = clock.instant();
    if (known != null && now.isBefore(known.until())) {
      return known;
    }
    try {
      OIDCProviderMetadata metadata =
          OIDCProviderMetadata.resolve(issuer, TIMEOUT_MILLIS, TIMEOUT_MILLIS);
      if (metadata.getAuthorizationEndpointURI() == null
          || metadata.getTokenEndpointURI() == null
          || metadata.getJWKSetURI() == null) {
        throw refused("%s lacks what signing in by a code needs".formatted(issuer), null);
      }
      Provider fresh =
          new Provider(
              metadata,
              JWKSourceBuilder.<SecurityContext>create(
                      metadata.getJWKSetURI().toURL(),
                      new DefaultResourceRetriever(TIMEOUT_MILLIS, TIMEOUT_MILLIS, MOST_KEY_BYTES))
                  .retrying(true)
                  .build(),
              now.plus(METADATA_LASTS));
      provider = fresh;
      return fresh;
    } catch (IOException | GeneralException e) {
      throw away(e);
    }
  }

  private Failure away(Exception e) {
    return new Failure(
        Problem.PROVIDER_AWAY,
        "%s does not answer: %s. Sign in with a password, or try again later"
            .formatted(issuer, e.getMessage()),
        0,
        e);
  }

  private Failure refused(@Nullable ErrorObject error) {
    String said =
        error == null
            ? "nothing more"
            : error.getDescription() == null
                ? String.valueOf(error.getCode())
                : error.getCode() + ", " + error.getDescription();
    return refused("%s did not let you in. It says: %s".formatted(issuer, said), null);
  }

  private static Failure refused(String message, @Nullable Exception cause) {
    return new Failure(Problem.PROVIDER_REFUSED, message, 0, cause);
  }
}
