package dev.selfsame.http;

import java.util.List;
import java.util.Locale;

/** What the JSON body of an error answer looks like in some part of the address space. */
@FunctionalInterface
public interface ErrorForm {

  /** The body as an object for {@link Json}. */
  Object body(String code, String message);

  /** {@code {"errors":[{code,title,detail}]}}, as everything but the Tracking API answers. */
  ErrorForm REST =
      (code, message) -> new RestErrors(List.of(new RestError(code, title(code), message)));

  /** One error as REST answers it. */
  record RestError(String code, String title, String detail) {}

  /** The errors of an answer as REST answers them. */
  record RestErrors(List<RestError> errors) {
    public RestErrors {
      errors = List.copyOf(errors);
    }
  }

  private static String title(String code) {
    String words = code.replace('_', ' ');
    return words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1);
  }
}
