package dev.selfsame.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What REST answers: data and links, or errors. */
final class Answer {

  /** A thing or a page of a list. */
  record Data(Object data, Links links) {}

  /**
   * @param next the next page; left out where there is none
   */
  record Links(String self, @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String next) {}

  record Errors(List<Fault> errors) {
    public Errors {
      errors = List.copyOf(errors);
    }
  }

  record Fault(String code, String title, String detail, Source source) {}

  /** Which part of the request is wrong. */
  record Source(String parameter) {}

  private Answer() {}

  static Errors badParameter(String parameter, String detail) {
    return new Errors(
        List.of(
            new Fault("invalid_parameter", "Invalid parameter", detail, new Source(parameter))));
  }
}
