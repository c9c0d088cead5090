package dev.selfsame.dashboard;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import io.javalin.http.Context;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What browsers send: entries of forms and of addresses. */
final class Form {

  private static final Pattern ID =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

  private Form() {}

  /** An entry of a form, empty if it is not there. */
  static String entry(Context ctx, String name) {
    String value = ctx.formParam(name);
    return value == null ? "" : value;
  }

  /** A parameter of the address; null if it is not there or blank. */
  static @Nullable String parameter(Context ctx, String name) {
    String value = ctx.queryParam(name);
    return value == null || value.isBlank() ? null : value.strip();
  }

  /** A user's id; null if the text is none. */
  static @Nullable UUID id(@Nullable String text) {
    return text != null && ID.matcher(text).matches() ? UUID.fromString(text) : null;
  }

  /**
   * Users by their ids, each once.
   *
   * @throws Failure {@code UNKNOWN_USER} for what is no id
   */
  static List<UUID> ids(List<String> texts) {
    LinkedHashSet<UUID> ids = new LinkedHashSet<>();
    for (String text : texts) {
      UUID id = id(text);
      if (id == null) {
        throw new Failure(Problem.UNKNOWN_USER, "A user is named by its id; this is none");
      }
      ids.add(id);
    }
    return new ArrayList<>(ids);
  }

  /**
   * The version that a form was made from.
   *
   * @throws Failure {@code INVALID_PARAMETER}
   */
  static int version(String text) {
    if (!text.matches("\\d{1,9}")) {
      throw new Failure(Problem.INVALID_PARAMETER, "The version is a number");
    }
    return Integer.parseInt(text);
  }

  /** A value as it stands in an address. */
  static String encoded(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8);
  }

  /** A path of ours to go on to; the other where the text is none. */
  static String next(@Nullable String path, String otherwise) {
    boolean ours =
        path != null
            && path.startsWith("/")
            && !path.startsWith("//")
            && path.chars().allMatch(c -> c > ' ' && c < 127 && c != '\\');
    return ours && path != null ? path : otherwise;
  }
}
