package dev.selfsame.api.productboard;

import dev.selfsame.api.Answer;
import dev.selfsame.api.Parameters;
import dev.selfsame.lookup.BadSearch;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What is wrong with a note or company, by the field that it is wrong with. */
record FieldErrors(boolean ok, Map<String, List<String>> errors) {

  FieldErrors {
    errors = Map.copyOf(errors);
  }

  static void send(Context ctx, int status, List<Answer.Fault> faults) {
    Map<String, List<String>> errors = new LinkedHashMap<>();
    for (Answer.Fault fault : faults) {
      String pointer = fault.source().pointer();
      String field =
          pointer == null || pointer.length() < 2
              ? fault.code()
              : pointer.substring(1).split("/", 2)[0];
      errors
          .computeIfAbsent(field, none -> new ArrayList<>())
          .add(fault.code() + ": " + fault.detail());
    }
    ctx.status(status);
    Answer.send(ctx, new FieldErrors(false, errors));
  }

  /** The handler of a call that takes no parameters. */
  static Handler alone(Handler handler) {
    return ctx -> {
      Parameters.of(ctx, List.of());
      handler.handle(ctx);
    };
  }

  /** The handler, with a parameter that cannot be meant answered by name. */
  static Handler checked(Handler handler) {
    return ctx -> {
      try {
        handler.handle(ctx);
      } catch (BadSearch bad) {
        ctx.status(422);
        Answer.send(
            ctx,
            new FieldErrors(
                false, Map.of(bad.parameter(), List.of(String.valueOf(bad.getMessage())))));
      }
    };
  }
}
