package dev.selfsame.store;

import dev.selfsame.identity.Identifier;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.Merge;
import dev.selfsame.identity.User;
import dev.selfsame.resolution.Flag;
import dev.selfsame.resolution.Flags;
import dev.selfsame.store.Reviewed.Moment;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What the end of a commit does about flags and bars: raises flags, closes those that are no longer
 * so, and keeps their counts. Runs after everything else is written and under the space's lock, so
 * that what it reads is what the commit leaves.
 */
final class FlagWriter {

  /** So many flags of a batch's users are looked at; the others at the next change of theirs. */
  private static final int PAGE_OF_FLAGS = 1_000;

  /** Parts with an email that are looked at first; only where they leave it open, all. */
  private static final int FEW_PARTS = 16;

  /** More parts than a hundred users can be made of: not all of that many are kept apart. */
  private static final int MANY_PARTS = 10_400;

  private static final String MISSING = Flag.Kind.MISSING_BILLING_ID.code();
  private static final String SAME_EMAIL = Flag.Kind.SAME_EMAIL.code();

  private record Found(FlagId.Stored id, Flag flag) {}

  private record Change(long open, long closed) {
    Change and(Change more) {
      return new Change(open + more.open, closed + more.closed);
    }
  }

  private record Row(boolean open, @Nullable String how) {}

  private final Connection connection;
  private final int space;
  private final Batch batch;
  private final Reviewed reviewed;
  private final Map<String, Change> counts = new TreeMap<>();

  FlagWriter(Connection connection, int space, Batch batch) {
    this.connection = connection;
    this.space = space;
    this.batch = batch;
    this.reviewed = batch.reviewed();
  }

  static boolean needed(Batch batch) {
    return !batch.flags().isEmpty() || !batch.erasures().isEmpty() || !batch.reviewed().isEmpty();
  }

  void write() throws SQLException {
    bars();
    dismissBilling();
    reopen();
    raise();
    settle();
    closeByThemselves();
    sameEmails();
    for (Batch.Erasure erasure : batch.erasures()) {
      erase(erasure.parts());
    }
    count();
  }

  private void changed(String kind, int open, int closed) {
    counts.merge(kind, new Change(open, closed), Change::and);
  }

  // ---- bars ----

  private void bars() throws SQLException {
    if (reviewed.barsOfParts.isEmpty()) {
      return;
    }
    try (PreparedStatement statement =
        connection.prepareStatement(
            "UPDATE selfsame.part SET bars = ? WHERE space = ? AND id = ?")) {
      for (Map.Entry<UUID, Set<UUID>> part : reviewed.barsOfParts.entrySet()) {
        Object[] bars = part.getValue().stream().sorted().toArray();
        statement.setArray(1, bars.length == 0 ? null : uuids(bars));
        statement.setInt(2, space);
        statement.setObject(3, part.getKey());
        statement.addBatch();
      }
      statement.executeBatch();
    }
    try (PreparedStatement statement =
        connection.prepareStatement(
            "DELETE FROM selfsame.bar WHERE one = ? AND other = ? AND space = ?")) {
      for (Reviewed.Pair pair : reviewed.unbarred) {
        statement.setObject(1, pair.one());
        statement.setObject(2, pair.other());
        statement.setInt(3, space);
        statement.addBatch();
      }
      statement.executeBatch();
    }
    try (PreparedStatement statement =
        connection.prepareStatement(
            "INSERT INTO selfsame.bar (space, one, other, position, at, rule) VALUES (?, ?, ?, ?,"
                + " ?, ?) ON CONFLICT (one, other, space) DO NOTHING")) {
      for (Map.Entry<Reviewed.Pair, Reviewed.Bar> bar : reviewed.barred.entrySet()) {
        statement.setInt(1, space);
        statement.setObject(2, bar.getKey().one());
        statement.setObject(3, bar.getKey().other());
        statement.setLong(4, bar.getValue().when().position());
        statement.setLong(5, bar.getValue().when().at());
        statement.setString(6, bar.getValue().rule());
        statement.addBatch();
      }
      statement.executeBatch();
    }
  }

  // ---- stored flags ----

  private void reopen() throws SQLException {
    if (reviewed.reopened.isEmpty()) {
      return;
    }
    List<Found> opened = new ArrayList<>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            UPDATE selfsame.flag f SET closed_at = NULL, closed_position = NULL, closed_how = NULL
            WHERE f.closed_position = ? AND f.space = ? AND f.closed_at IS NOT NULL AND f.closed_how <> 'dismiss'
              AND NOT EXISTS (SELECT FROM selfsame.flag o WHERE o.space = f.space AND o.key = f.key AND o.closed_at IS NULL)
            RETURNING f.position, f.ordinal, f.kind, f.users, f.about_type, f.about_value
            """)) {
      for (long position : reviewed.reopened) {
        statement.setLong(1, position);
        statement.setInt(2, space);
        try (ResultSet row = statement.executeQuery()) {
          while (row.next()) {
            opened.add(found(row));
          }
        }
      }
    }
    for (Found one : opened) {
      changed(one.flag().kind().code(), 1, -1);
      mark(one.flag().users());
      // Whether it is so again is asked below.
      Moment now = new Moment(batch.end(), lastAt());
      one.flag().users().forEach(user -> reviewed.touched.putIfAbsent(user, now));
    }
  }

  private long lastAt() {
    return batch.ledger().isEmpty() ? 0 : batch.ledger().getLast().at();
  }

  private void raise() throws SQLException {
    List<Batch.FlagRow> rows = batch.flags();
    if (rows.isEmpty()) {
      return;
    }
    List<Batch.FlagRow> raised = new ArrayList<>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            "INSERT INTO selfsame.flag (space, position, ordinal, kind, users, about_type,"
                + " about_value, rule, opened_at, key) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON"
                + " CONFLICT (space, key) WHERE closed_at IS NULL DO NOTHING")) {
      for (Batch.FlagRow row : rows) {
        Flag flag = row.flag();
        statement.setInt(1, space);
        statement.setLong(2, row.position());
        statement.setInt(3, row.ordinal());
        statement.setString(4, flag.kind().code());
        statement.setArray(5, uuids(flag.users().toArray()));
        statement.setString(6, flag.about() == null ? null : flag.about().type().name());
        statement.setString(7, flag.about() == null ? null : flag.about().value());
        statement.setString(8, row.rule().code());
        statement.setLong(9, row.at());
        statement.setLong(10, Hashes.of(flag));
        statement.addBatch();
      }
      int[] written = statement.executeBatch();
      for (int i = 0; i < written.length; i++) {
        if (written[i] == 1) {
          raised.add(rows.get(i));
        }
      }
    }
    Set<UUID> named = new LinkedHashSet<>();
    for (Batch.FlagRow row : raised) {
      changed(row.flag().kind().code(), 1, 0);
      named.addAll(row.flag().users());
      name(row.position(), row.ordinal(), row.flag().users());
    }
    mark(named);
  }

  private void name(long position, int ordinal, Collection<UUID> users) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "INSERT INTO selfsame.flag_user (space, part, position, ordinal) VALUES (?, ?, ?,"
                + " ?)")) {
      for (UUID user : new LinkedHashSet<>(users)) {
        statement.setInt(1, space);
        statement.setObject(2, user);
        statement.setLong(3, position);
        statement.setInt(4, ordinal);
        statement.addBatch();
      }
      statement.executeBatch();
    }
  }

  /**
   * The mark is set here and not with the part's other columns: a batch that was decided before the
   * last one was committed may not know that it is gone.
   */
  private void mark(Collection<UUID> users) throws SQLException {
    if (users.isEmpty()) {
      return;
    }
    try (PreparedStatement statement =
        connection.prepareStatement(
            "UPDATE selfsame.part SET flagged = true WHERE space = ? AND id = ANY(?) AND NOT"
                + " flagged")) {
      statement.setInt(1, space);
      statement.setArray(2, uuids(users.toArray()));
      statement.executeUpdate();
    }
  }

  /** What a person settled; that it was open was seen under the lock. */
  private void settle() throws SQLException {
    for (Map.Entry<String, Reviewed.Settled> one : reviewed.settled.entrySet()) {
      Reviewed.Settled settled = one.getValue();
      Moment when = settled.when();
      boolean dismissed = reviewed.acts.get(when.position()) == Reviewed.How.DISMISS;
      switch (Objects.requireNonNull(FlagId.parse(one.getKey()))) {
        case FlagId.Stored stored -> {
          List<UUID> unmarked = close(stored, when);
          BatchWriter.expect("Settling a flag", 1, unmarked == null ? 0 : 1);
          unmark(unmarked == null ? List.of() : unmarked);
        }
        case FlagId.SameEmail same -> {
          // A merge, or a bar between all, is seen below.
          if (dismissed) {
            closeSameEmail(same.key(), settled.users(), when);
          }
        }
        case FlagId.MissingBillingId missing -> dismissed(missing.user(), when);
      }
    }
  }

  /** Closes it; returns whom it names, or null if it was closed. */
  private @Nullable List<UUID> close(FlagId.Stored id, Moment when) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "UPDATE selfsame.flag SET closed_at = ?, closed_position = ?, closed_how = ? WHERE"
                + " space = ? AND position = ? AND ordinal = ? AND closed_at IS NULL RETURNING"
                + " kind, users")) {
      statement.setLong(1, when.at());
      statement.setLong(2, when.position());
      statement.setString(3, reviewed.how(when.position()));
      statement.setInt(4, space);
      statement.setLong(5, id.position());
      statement.setInt(6, id.ordinal());
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          return null;
        }
        changed(row.getString(1), -1, 1);
        return List.of((UUID[]) row.getArray(2).getArray());
      }
    }
  }

  private void closeByThemselves() throws SQLException {
    if (reviewed.touched.isEmpty()) {
      return;
    }
    Set<UUID> unmarked = new LinkedHashSet<>(reviewed.touched.keySet());
    FlagId.Stored last = null;
    for (List<Found> page = openFlags(last); !page.isEmpty(); page = openFlags(last)) {
      Set<UUID> named = new LinkedHashSet<>();
      page.forEach(found -> named.addAll(found.flag().users()));
      Users users = users(named);
      for (Found found : page) {
        Moment when = closing(found.flag(), users);
        if (when != null) {
          List<UUID> closed = close(found.id(), when);
          unmarked.addAll(closed == null ? List.of() : closed);
        }
      }
      last = page.getLast().id();
    }
    unmark(unmarked);
  }

  /** When the flag ceased to say what is so; null: it says so still. */
  private @Nullable Moment closing(Flag flag, Users users) {
    Moment last = null;
    boolean keptApart = false;
    for (UUID user : flag.users()) {
      Moment touched = reviewed.touched.get(user);
      if (touched != null) {
        last = last == null || touched.position() > last.position() ? touched : last;
        keptApart |= reviewed.acts.get(touched.position()) == Reviewed.How.KEEP_APART;
      }
    }
    if (last == null) {
      return null;
    }
    if (!Flags.stands(flag, users::user)) {
      return merged(flag, users, last);
    }
    return keptApart && Flags.answeredByKeepingApart(flag, users::user) ? last : null;
  }

  /** The merge that made one user of all that the flag names, so that its undo finds the flag. */
  private Moment merged(Flag flag, Users users, Moment otherwise) {
    Set<UUID> live = new LinkedHashSet<>();
    User user = null;
    for (UUID id : flag.users()) {
      User today = users.user(id);
      if (today != null) {
        user = today;
        live.add(today.id());
      }
    }
    if (user == null || live.size() != 1) {
      return otherwise;
    }
    Moment merged = null;
    for (Batch.MergeRow row : batch.merges()) {
      Merge merge = row.merge();
      if (user.merges().contains(merge)
          && (merged == null || merge.position() > merged.position())) {
        merged = new Moment(merge.position(), row.at());
      }
    }
    return merged == null ? otherwise : merged;
  }

  /** Open flags of the parts that were touched, some at a time, behind that one. */
  private List<Found> openFlags(FlagId.@Nullable Stored after) throws SQLException {
    List<Found> open = new ArrayList<>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            SELECT f.position, f.ordinal, f.kind, f.users, f.about_type, f.about_value
            FROM (SELECT DISTINCT space, position, ordinal FROM selfsame.flag_user WHERE part = ANY(?) AND space = ?) u
            JOIN selfsame.flag f ON f.space = u.space AND f.position = u.position AND f.ordinal = u.ordinal
            WHERE f.closed_at IS NULL AND (f.position, f.ordinal) > (?, ?) ORDER BY f.position, f.ordinal LIMIT ?
            """)) {
      statement.setArray(1, uuids(reviewed.touched.keySet().toArray()));
      statement.setInt(2, space);
      statement.setLong(3, after == null ? -1 : after.position());
      statement.setInt(4, after == null ? -1 : after.ordinal());
      statement.setInt(5, PAGE_OF_FLAGS);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          open.add(found(row));
        }
      }
    }
    return open;
  }

  private static Found found(ResultSet row) throws SQLException {
    String type = row.getString(5);
    return new Found(
        new FlagId.Stored(row.getLong(1), row.getInt(2)),
        new Flag(
            Objects.requireNonNull(Flag.Kind.of(row.getString(3))),
            List.of((UUID[]) row.getArray(4).getArray()),
            type == null ? null : new Identifier(IdentifierType.of(type), row.getString(6))));
  }

  /** Takes the mark from parts that no open flag names. */
  private void unmark(Collection<UUID> parts) throws SQLException {
    if (parts.isEmpty()) {
      return;
    }
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            UPDATE selfsame.part p SET flagged = false WHERE p.space = ? AND p.id = ANY(?) AND p.flagged
              AND NOT EXISTS (SELECT FROM selfsame.flag_user u JOIN selfsame.flag f
                ON f.space = u.space AND f.position = u.position AND f.ordinal = u.ordinal
                WHERE u.part = p.id AND u.space = p.space AND f.closed_at IS NULL)
            """)) {
      statement.setInt(1, space);
      statement.setArray(2, uuids(parts.toArray()));
      statement.executeUpdate();
    }
  }

  private interface Users {
    @Nullable User user(UUID id);
  }

  private Users users(Collection<UUID> ids) throws SQLException {
    Snapshot snapshot = new Snapshot(false, ids.size());
    new UserReader(connection, space).readHolders(snapshot, List.of(), ids);
    return snapshot.users()::user;
  }

  // ---- users without a billing id ----

  private void dismissBilling() throws SQLException {
    for (Map.Entry<UUID, Boolean> user : reviewed.billingDismissed.entrySet()) {
      for (String table : List.of("part", "folded")) {
        try (PreparedStatement statement =
            connection.prepareStatement(
                "UPDATE selfsame.%s SET billing_dismissed = ? WHERE space = ? AND id = ?"
                    .formatted(table))) {
          statement.setBoolean(1, user.getValue());
          statement.setInt(2, space);
          statement.setObject(3, user.getKey());
          statement.executeUpdate();
        }
      }
    }
  }

  /** Whoever looks for what was dismissed finds it beside other closed flags. */
  private void dismissed(UUID user, Moment when) throws SQLException {
    Flag flag = new Flag(Flag.Kind.MISSING_BILLING_ID, List.of(user), null);
    StoredPart root = Objects.requireNonNull(batch.snapshot().part(user));
    try (PreparedStatement statement =
        connection.prepareStatement(
            "INSERT INTO selfsame.flag (space, position, ordinal, kind, users, rule, opened_at,"
                + " key, closed_at, closed_position, closed_how) VALUES (?, ?, 0, ?, ?, 'F1', ?, ?,"
                + " ?, ?, 'dismiss')")) {
      statement.setInt(1, space);
      statement.setLong(2, when.position());
      statement.setString(3, MISSING);
      statement.setArray(4, uuids(new Object[] {user}));
      statement.setLong(5, root.part().createdAt());
      statement.setLong(6, Hashes.of(flag));
      statement.setLong(7, when.at());
      statement.setLong(8, when.position());
      statement.executeUpdate();
    }
    name(when.position(), 0, List.of(user));
    changed(MISSING, 0, 1);
  }

  // ---- emails that users share ----

  private void sameEmails() throws SQLException {
    if (reviewed.joined.isEmpty() && reviewed.rechecks.isEmpty()) {
      return;
    }
    Map<String, Set<UUID>> holders = new HashMap<>();
    Map<String, Boolean> shared = shared(reviewed.rechecks.keySet(), FEW_PARTS, holders);
    Set<String> emails = new LinkedHashSet<>(reviewed.joined.keySet());
    emails.addAll(reviewed.rechecks.keySet());
    Map<UUID, Row> known = knownEmails(emails);
    for (String email : emails) {
      UUID key = FlagId.SameEmail.of(email).key();
      Row row = known.get(key);
      Moment joined = reviewed.joined.get(email);
      if (shared.getOrDefault(email, true)) {
        Reviewed.Recheck recheck = reviewed.rechecks.get(email);
        Moment when = joined == null ? Objects.requireNonNull(recheck).when() : joined;
        open(key, email, row, when, joined != null);
      } else if (!batch.erasures().isEmpty()) {
        forget(key, row);
      } else if (row != null && row.open()) {
        Reviewed.Recheck recheck = Objects.requireNonNull(reviewed.rechecks.get(email));
        Set<UUID> about = new LinkedHashSet<>(recheck.users());
        about.addAll(holders.getOrDefault(email, Set.of()));
        closeSameEmail(key, about.stream().limit(100).toList(), recheck.when());
      }
    }
  }

  private void open(UUID key, String email, @Nullable Row row, Moment when, boolean joined)
      throws SQLException {
    if (row == null) {
      try (PreparedStatement statement =
          connection.prepareStatement(
              "INSERT INTO selfsame.same_email (space, key, email, opened_at) VALUES (?, ?, ?,"
                  + " ?)")) {
        statement.setInt(1, space);
        statement.setObject(2, key);
        statement.setString(3, email);
        statement.setLong(4, when.at());
        statement.executeUpdate();
      }
      changed(SAME_EMAIL, 1, 0);
    } else if (!row.open() && (joined || !Reviewed.How.DISMISS.code().equals(row.how()))) {
      try (PreparedStatement statement =
          connection.prepareStatement(
              "UPDATE selfsame.same_email SET opened_at = ?, closed_at = NULL, closed_position ="
                  + " NULL, closed_how = NULL, users = NULL WHERE key = ? AND space = ?")) {
        statement.setLong(1, when.at());
        statement.setObject(2, key);
        statement.setInt(3, space);
        statement.executeUpdate();
      }
      changed(SAME_EMAIL, 1, -1);
    }
  }

  private void closeSameEmail(UUID key, List<UUID> users, Moment when) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "UPDATE selfsame.same_email SET closed_at = ?, closed_position = ?, closed_how = ?,"
                + " users = ? WHERE key = ? AND space = ? AND closed_at IS NULL")) {
      statement.setLong(1, when.at());
      statement.setLong(2, when.position());
      statement.setString(3, reviewed.how(when.position()));
      statement.setArray(4, uuids(users.toArray()));
      statement.setObject(5, key);
      statement.setInt(6, space);
      BatchWriter.expect("Closing same_email", 1, statement.executeUpdate());
    }
    changed(SAME_EMAIL, -1, 1);
  }

  /** An erased user's email is not kept because someone shared it once. */
  private void forget(UUID key, @Nullable Row row) throws SQLException {
    if (row == null) {
      return;
    }
    try (PreparedStatement statement =
        connection.prepareStatement(
            "DELETE FROM selfsame.same_email WHERE key = ? AND space = ?")) {
      statement.setObject(1, key);
      statement.setInt(2, space);
      statement.executeUpdate();
    }
    changed(SAME_EMAIL, row.open() ? -1 : 0, row.open() ? 0 : -1);
  }

  private Map<UUID, Row> knownEmails(Collection<String> emails) throws SQLException {
    Map<UUID, Row> known = new HashMap<>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT key, closed_at IS NULL, closed_how FROM selfsame.same_email WHERE key = ANY(?)"
                + " AND space = ?")) {
      statement.setArray(
          1, uuids(emails.stream().map(email -> FlagId.SameEmail.of(email).key()).toArray()));
      statement.setInt(2, space);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          known.put(row.getObject(1, UUID.class), new Row(row.getBoolean(2), row.getString(3)));
        }
      }
    }
    return known;
  }

  /**
   * Of each email whether several users have it who are not all kept apart.
   *
   * @param parts so many are read of each
   * @param holders is filled with the users that were read
   */
  private Map<String, Boolean> shared(
      Collection<String> emails, int parts, Map<String, Set<UUID>> holders) throws SQLException {
    if (emails.isEmpty()) {
      return Map.of();
    }
    Map<String, Integer> read = new HashMap<>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            SELECT k.email, coalesce(p.merged_into, p.id) FROM unnest(?::text[]) AS k (email)
            CROSS JOIN LATERAL (SELECT id, merged_into FROM selfsame.part WHERE email = k.email AND space = ? LIMIT ?) p
            """)) {
      statement.setArray(1, connection.createArrayOf("text", emails.toArray()));
      statement.setInt(2, space);
      statement.setInt(3, parts);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          String email = row.getString(1);
          read.merge(email, 1, Integer::sum);
          holders
              .computeIfAbsent(email, each -> new LinkedHashSet<>())
              .add(row.getObject(2, UUID.class));
        }
      }
    }
    Set<UUID> several = new LinkedHashSet<>();
    for (String email : emails) {
      Set<UUID> users = holders.getOrDefault(email, Set.of());
      if (users.size() > 1 && users.size() <= 100) {
        several.addAll(users);
      }
    }
    Users known = several.isEmpty() ? id -> null : users(several);
    Map<String, Boolean> shared = new LinkedHashMap<>();
    Set<String> unclear = new LinkedHashSet<>();
    for (String email : emails) {
      Set<UUID> ids = holders.getOrDefault(email, Set.of());
      List<User> users = new ArrayList<>();
      for (UUID id : ids) {
        User user = known.user(id);
        if (user != null) {
          users.add(user);
        }
      }
      boolean so = !batch.neverMatches(email) && (ids.size() > 100 || Flags.sameEmail(users));
      shared.put(email, so);
      if (!so && parts == FEW_PARTS && read.getOrDefault(email, 0) == FEW_PARTS) {
        unclear.add(email);
      }
    }
    shared.putAll(shared(unclear, MANY_PARTS, holders));
    return shared;
  }

  // ---- erasing and counting ----

  private void erase(Set<UUID> parts) throws SQLException {
    List<Found> gone = new ArrayList<>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            DELETE FROM selfsame.flag f USING
              (SELECT DISTINCT space, position, ordinal FROM selfsame.flag_user WHERE part = ANY(?) AND space = ?) u
            WHERE f.space = u.space AND f.position = u.position AND f.ordinal = u.ordinal
            RETURNING f.position, f.ordinal, f.kind, f.users, f.about_type, f.about_value, f.closed_at IS NULL
            """)) {
      statement.setArray(1, uuids(parts.toArray()));
      statement.setInt(2, space);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          Found found = found(row);
          boolean open = row.getBoolean(7);
          changed(found.flag().kind().code(), open ? -1 : 0, open ? 0 : -1);
          gone.add(found);
        }
      }
    }
    Set<UUID> named = new LinkedHashSet<>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            "DELETE FROM selfsame.flag_user WHERE part = ANY(?) AND position = ? AND ordinal = ?"
                + " AND space = ?")) {
      for (Found found : gone) {
        named.addAll(found.flag().users());
        statement.setArray(1, uuids(found.flag().users().toArray()));
        statement.setLong(2, found.id().position());
        statement.setInt(3, found.id().ordinal());
        statement.setInt(4, space);
        statement.addBatch();
      }
      statement.executeBatch();
    }
    unmark(named);
    try (PreparedStatement statement =
        connection.prepareStatement(
            "UPDATE selfsame.same_email SET users = (SELECT array_agg(u) FROM unnest(users) u WHERE"
                + " u <> ALL(?)) WHERE space = ? AND users && ?")) {
      statement.setArray(1, uuids(parts.toArray()));
      statement.setInt(2, space);
      statement.setArray(3, uuids(parts.toArray()));
      statement.executeUpdate();
    }
    Set<UUID> left = new LinkedHashSet<>();
    for (String column : List.of("one", "other")) {
      try (PreparedStatement statement =
          connection.prepareStatement(
              "DELETE FROM selfsame.bar WHERE %s = ANY(?) AND space = ? RETURNING one, other"
                  .formatted(column))) {
        statement.setArray(1, uuids(parts.toArray()));
        statement.setInt(2, space);
        try (ResultSet row = statement.executeQuery()) {
          while (row.next()) {
            left.add(row.getObject(1, UUID.class));
            left.add(row.getObject(2, UUID.class));
          }
        }
      }
    }
    left.removeAll(parts);
    if (!left.isEmpty()) {
      try (PreparedStatement statement =
          connection.prepareStatement(
              "UPDATE selfsame.part SET bars = (SELECT array_agg(b) FROM unnest(bars) b WHERE b <>"
                  + " ALL(?)) WHERE space = ? AND id = ANY(?)")) {
        statement.setArray(1, uuids(parts.toArray()));
        statement.setInt(2, space);
        statement.setArray(3, uuids(left.toArray()));
        statement.executeUpdate();
      }
    }
  }

  private void count() throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "INSERT INTO selfsame.flag_count AS c (space, kind, open, closed) VALUES (?, ?, ?, ?)"
                + " ON CONFLICT (space, kind) DO UPDATE SET open = c.open + excluded.open, closed ="
                + " c.closed + excluded.closed")) {
      for (Map.Entry<String, Change> kind : counts.entrySet()) {
        Change change = kind.getValue();
        if (change.open() != 0 || change.closed() != 0) {
          statement.setInt(1, space);
          statement.setString(2, kind.getKey());
          statement.setLong(3, change.open());
          statement.setLong(4, change.closed());
          statement.addBatch();
        }
      }
      statement.executeBatch();
    }
  }

  private java.sql.Array uuids(Object[] ids) throws SQLException {
    return connection.createArrayOf("uuid", ids);
  }
}
