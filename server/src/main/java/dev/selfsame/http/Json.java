package dev.selfsame.http;

import tools.jackson.databind.json.JsonMapper;

/** The one JSON mapper of everything that is answered. */
public final class Json {

  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private Json() {}

  public static JsonMapper mapper() {
    return MAPPER;
  }

  public static byte[] bytes(Object value) {
    return MAPPER.writeValueAsBytes(value);
  }
}
