package dev.selfsame.store;

import java.util.Collection;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** JSON as the store keeps it. */
final class Json {

  static final JsonMapper MAPPER = JsonMapper.builder().build();

  private Json() {}

  static String array(Collection<?> values) {
    return MAPPER.writeValueAsString(values);
  }

  static String object(Map<String, ?> values) {
    return MAPPER.writeValueAsString(values);
  }
}
