package dev.selfsame.resolution;

/**
 * The matches no longer tell how many users have an email: of very many only a few were fetched,
 * and earlier claims of the same batch have used those up. Whoever fetched them fetches them again
 * and asks again; nothing was decided.
 */
public final class StaleMatches extends RuntimeException {

  private static final long serialVersionUID = 1;

  /** The email whose holders are to be fetched again. */
  private final String email;

  StaleMatches(String email) {
    super("More users have an email than were fetched, and too few of those are left to decide by");
    this.email = email;
  }

  public String email() {
    return email;
  }
}
