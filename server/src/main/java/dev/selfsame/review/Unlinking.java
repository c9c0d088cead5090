package dev.selfsame.review;

import dev.selfsame.access.Actor;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Held;
import dev.selfsame.identity.Identifier;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.Instead;
import dev.selfsame.identity.Merge;
import dev.selfsame.identity.Part;
import dev.selfsame.identity.Source;
import dev.selfsame.identity.User;
import dev.selfsame.replay.History;
import dev.selfsame.replay.Past;
import dev.selfsame.replay.Replay;
import dev.selfsame.resolution.Split;
import dev.selfsame.resolution.Stamp;
import dev.selfsame.store.InsteadJson;
import dev.selfsame.store.LedgerLine;
import dev.selfsame.store.LinkQueries;
import dev.selfsame.store.LinkQueries.Change;
import dev.selfsame.store.LinkQueries.LinkedAccount;
import dev.selfsame.store.LinkQueries.LinkedNote;
import dev.selfsame.store.LinkQueries.Standing;
import dev.selfsame.store.LinkQueries.StoredLink;
import dev.selfsame.store.SpaceSettings;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Stream;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Reads out of the ledger what taking back an adoption or link (U2) has to know. */
final class Unlinking {

  /** Claims on one part that are gone through; what each changed is kept in memory meanwhile. */
  static final int MOST_CLAIMS = 500_000;

  private static final int PAGE = 5_000;
  private static final UUID NOBODY = new UUID(0, 0);
  private static final Comparator<Identifier> BY_NAME = Comparator.comparing(Identifier::toString);

  private final LinkQueries links;
  private final Supplier<History> histories;
  private final int mostClaims;

  /**
   * @param histories reads kept claims again
   * @param mostClaims on one part that are gone through
   */
  Unlinking(LinkQueries links, Supplier<History> histories, int mostClaims) {
    this.links = links;
    this.histories = histories;
    this.mostClaims = mostClaims;
  }

  /**
   * The act, as the user stands now.
   *
   * @throws Failure {@code ERASED_USER}, {@code NOT_HELD} where nothing of what the claim brought
   *     is the user's any more, {@code LEDGER_TOO_LONG}
   */
  Claim.UndoLink act(StoredLink link, Source source, long at, String by) {
    Standing standing = links.standing(link.part());
    User user = standing.user();
    if (user == null) {
      throw new Failure(
          Problem.ERASED_USER,
          "The user of the claim %d was erased; it cannot be restored".formatted(link.position()));
    }
    Part part = user.part(link.part());
    long to = standing.position();
    Split split = Split.of(part, changes(link, to), steps(link, to, histories.get()));
    Instead staying = split.stays();
    if (staying == null || split.goes().identifiers().stream().allMatch(Unlinking::email)) {
      throw new Failure(
          Problem.NOT_HELD,
          "Nothing that the claim %d brought is the user's any more; it was moved on"
              .formatted(link.position()));
    }
    List<UUID> moving = new ArrayList<>();
    List<UUID> shared = new ArrayList<>();
    for (LinkedAccount account : links.accounts(link.part())) {
      boolean linkedByOthers = !split.positions().contains(account.position());
      if (!linkedByOthers || split.accounts().going().contains(account.externalId())) {
        boolean stays = linkedByOthers || split.accounts().staying().contains(account.externalId());
        (stays ? shared : moving).add(account.id());
      }
    }
    return new Claim.UndoLink(
        source,
        at,
        by,
        link.position(),
        standing.position(),
        link.part(),
        staying,
        split.goes(),
        split.left(),
        user.merges().stream()
            .filter(merge -> split.positions().contains(merge.position()))
            .map(Merge::id)
            .toList(),
        moving,
        shared,
        links.notes(link.part(), link.position()).stream()
            .filter(note -> split.positions().contains(note.position()))
            .map(LinkedNote::id)
            .toList());
  }

  private static boolean email(Held held) {
    return held.type().equals(IdentifierType.EMAIL);
  }

  private List<Split.Was> changes(StoredLink link, long to) {
    List<Split.Was> changes = new ArrayList<>();
    long from = link.position();
    while (true) {
      List<Change> page = links.changes(link.part(), from, to, PAGE);
      if (changes.size() + page.size() > mostClaims) {
        throw new Failure(
            Problem.LEDGER_TOO_LONG,
            "More than %d claims on this user would have to be gone through; move the identifier"
                    .formatted(mostClaims)
                + " instead");
      }
      page.forEach(each -> changes.add(each.was()));
      if (page.size() < PAGE) {
        return changes;
      }
      from = page.getLast().position() + 1;
    }
  }

  /** Read page by page as they are gone through. */
  private Iterable<Split.Step> steps(StoredLink link, long to, History history) {
    return () ->
        Stream.iterate(
                links.written(link.part(), link.position(), to, PAGE),
                page -> !page.isEmpty(),
                page ->
                    page.size() < PAGE
                        ? List.of()
                        : links.written(link.part(), page.getLast().position() + 1, to, PAGE))
            .flatMap(List::stream)
            .map(each -> step(each, history))
            .iterator();
  }

  private static Split.Step step(LedgerLine written, History history) {
    SpaceSettings settings = history.settings(written.policyVersion());
    return history.read(written) instanceof Past.Said said
        ? new Split.Step(Replay.under(said.claim(), settings), said.stamp(), settings.policy())
        : new Split.Step(
            null, new Stamp(written.position(), written.at(), NOBODY), settings.policy());
  }

  /** What the ledger keeps of the act; {@link PastActs} reads it again. */
  static Map<String, Object> payload(Claim.UndoLink act, Actor actor) {
    Map<String, Object> payload = new TreeMap<>();
    payload.put("act", "undo");
    actor.note(payload);
    payload.put("link", act.position());
    payload.put("as_of", act.asOf());
    payload.put("part", act.part());
    payload.put("stays", InsteadJson.of(act.stays()));
    payload.put("goes", InsteadJson.of(act.goes()));
    if (!act.left().isEmpty()) {
      payload.put("left", act.left().stream().sorted(BY_NAME).map(Unlinking::named).toList());
    }
    if (!act.merges().isEmpty()) {
      payload.put("merges", act.merges());
    }
    if (!act.accounts().isEmpty()) {
      payload.put("accounts", act.accounts());
    }
    if (!act.shared().isEmpty()) {
      payload.put("shared_accounts", act.shared());
    }
    return payload;
  }

  private static ObjectNode named(Identifier identifier) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("type", identifier.type().name())
        .put("value", identifier.value());
  }
}
