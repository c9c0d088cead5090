package dev.selfsame.http;

import dev.selfsame.error.Problem;
import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * Answers requests that Jetty itself refuses, before any route sees them: same JSON, no page, no
 * version.
 */
final class BrokenRequests extends ErrorHandler {

  private final Problems problems;

  BrokenRequests(Problems problems) {
    this.problems = problems;
  }

  @Override
  protected void generateResponse(
      Request request,
      Response response,
      int status,
      @Nullable String message,
      @Nullable Throwable cause,
      Callback callback) {
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
    response.write(
        true, ByteBuffer.wrap(body(request.getHttpURI().getPath(), status, message)), callback);
  }

  private byte[] body(@Nullable String path, int status, @Nullable String message) {
    String code =
        status == 503
            ? Problem.TOO_BUSY.code()
            : status >= 500 ? Problem.INTERNAL_ERROR.code() : Problem.INVALID_REQUEST.code();
    String words =
        switch (status) {
          case 431 -> "The request line and headers are longer than the server takes.";
          case 414 -> "The request line is longer than the server takes.";
          case 503 -> "The server is stopping.";
          default ->
              status >= 500 || message == null
                  ? "The request could not be answered."
                  : "The request is not HTTP as expected: " + message;
        };
    return problems.body(path == null ? "/" : path, code, words);
  }
}
