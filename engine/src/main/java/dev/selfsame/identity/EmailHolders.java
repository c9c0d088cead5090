package dev.selfsame.identity;

import java.util.List;

/**
 * The live users that an email matches (G1). Of an email that very many have only a few are known
 * by name: {@code moreIdless} and {@code moreIdentified} say that there are others beside those
 * listed.
 */
public record EmailHolders(
    List<User> idless, List<User> identified, boolean moreIdless, boolean moreIdentified) {

  public static final EmailHolders NONE = new EmailHolders(List.of(), List.of(), false, false);

  public EmailHolders {
    idless = List.copyOf(idless);
    identified = List.copyOf(identified);
  }

  public boolean isEmpty() {
    return idless.isEmpty() && identified.isEmpty() && !moreIdless && !moreIdentified;
  }
}
