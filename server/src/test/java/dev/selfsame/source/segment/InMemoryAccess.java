package dev.selfsame.source.segment;

import dev.selfsame.access.Access;
import dev.selfsame.identity.Source;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Keys and tokens of a test. */
public final class InMemoryAccess implements Access {

  public static final String KEY = "wk_test";
  public static final String READ_TOKEN = "sst_read";
  public static final String ADMIN_TOKEN = "sst_admin";

  private final Map<String, WriteKey> keys = new HashMap<>();

  public InMemoryAccess() {
    keys.put(KEY, new WriteKey("default", Source.segment(1, "segment")));
  }

  public void put(String key, Source source) {
    keys.put(key, new WriteKey("default", source));
  }

  @Override
  public @Nullable WriteKey writeKey(String key) {
    return keys.get(key);
  }

  @Override
  public @Nullable Token token(String token) {
    return switch (token) {
      case READ_TOKEN -> new Token("reader", Scope.READ);
      case ADMIN_TOKEN -> new Token("admin", Scope.ADMIN);
      default -> null;
    };
  }
}
