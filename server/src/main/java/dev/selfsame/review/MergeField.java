package dev.selfsame.review;

import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.User;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A field of which a merge by hand may pick whose value shows. */
public enum MergeField {
  NAME("name", User.NAME),
  EMAIL("email", User.EMAIL),
  EXTERNAL_ID("externalId", User.EXTERNAL_ID),
  /** Of every provider. */
  BILLING_ID("billingId", IdentifierType.BILLING_ID.name());

  private final String title;
  private final String field;

  MergeField(String title, String field) {
    this.title = title;
    this.field = field;
  }

  /** As REST and the command line call it. */
  public String title() {
    return title;
  }

  /** As the rules call it. */
  String field() {
    return field;
  }

  public static @Nullable MergeField titled(String title) {
    return Arrays.stream(values())
        .filter(field -> field.title.equals(title))
        .findFirst()
        .orElse(null);
  }

  public static List<String> titles() {
    return Arrays.stream(values()).map(MergeField::title).toList();
  }
}
