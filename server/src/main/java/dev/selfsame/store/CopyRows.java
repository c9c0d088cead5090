package dev.selfsame.store;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Rows in PostgreSQL's binary COPY format, gathered in memory. */
final class CopyRows {

  /** The types of column that the store writes, with what arrays of them are called. */
  enum Type {
    INT2("int2"),
    INT4("int4"),
    INT8("int8"),
    BOOL("bool"),
    TEXT("text"),
    UUID("uuid"),
    JSONB("jsonb"),
    BYTEA("bytea"),
    TEXT_ARRAY("text[]"),
    UUID_ARRAY("uuid[]");

    private final String sql;

    Type(String sql) {
      this.sql = sql;
    }

    String sql() {
      return sql;
    }
  }

  private static final byte[] SIGNATURE = {
    'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xff, '\r', '\n', 0, 0, 0, 0, 0, 0, 0, 0, 0
  };
  private static final int TEXT_OID = 25;
  private static final int UUID_OID = 2950;

  private byte[] bytes = new byte[1 << 16];
  private int size;
  private int rows;

  CopyRows() {
    System.arraycopy(SIGNATURE, 0, bytes, 0, SIGNATURE.length);
    size = SIGNATURE.length;
  }

  int rows() {
    return rows;
  }

  /** Starts a row of that many values; as many calls of {@code add} must follow. */
  void row(int columns) {
    rows++;
    int2(columns);
  }

  void add(Type type, @Nullable Object value) {
    if (value == null) {
      int4(-1);
      return;
    }
    switch (type) {
      case INT2 -> {
        int4(2);
        int2(((Number) value).intValue());
      }
      case INT4 -> {
        int4(4);
        int4(((Number) value).intValue());
      }
      case INT8 -> {
        int4(8);
        int8(((Number) value).longValue());
      }
      case BOOL -> {
        int4(1);
        int1((Boolean) value ? 1 : 0);
      }
      case TEXT -> bytes(((String) value).getBytes(StandardCharsets.UTF_8));
      case UUID -> {
        int4(16);
        uuid((UUID) value);
      }
      case JSONB -> {
        byte[] json =
            value instanceof byte[] raw ? raw : ((String) value).getBytes(StandardCharsets.UTF_8);
        int4(json.length + 1);
        int1(1);
        raw(json);
      }
      case BYTEA -> bytes((byte[]) value);
      case TEXT_ARRAY -> array((List<?>) value, TEXT_OID);
      case UUID_ARRAY -> array((List<?>) value, UUID_OID);
    }
  }

  /** Ends the stream: what COPY is to be sent, as a buffer and its length. */
  byte[] finish() {
    int2(-1);
    byte[] all = new byte[size];
    System.arraycopy(bytes, 0, all, 0, size);
    return all;
  }

  private void array(List<?> values, int elementOid) {
    int lengthAt = size;
    int4(0);
    int4(values.isEmpty() ? 0 : 1);
    int4(0);
    int4(elementOid);
    if (!values.isEmpty()) {
      int4(values.size());
      int4(1);
    }
    for (Object value : values) {
      if (elementOid == UUID_OID) {
        int4(16);
        uuid((UUID) value);
      } else {
        bytes(((String) value).getBytes(StandardCharsets.UTF_8));
      }
    }
    putInt(lengthAt, size - lengthAt - 4);
  }

  private void uuid(UUID value) {
    int8(value.getMostSignificantBits());
    int8(value.getLeastSignificantBits());
  }

  private void bytes(byte[] value) {
    int4(value.length);
    raw(value);
  }

  private void raw(byte[] value) {
    room(value.length);
    System.arraycopy(value, 0, bytes, size, value.length);
    size += value.length;
  }

  private void int1(int value) {
    room(1);
    bytes[size++] = (byte) value;
  }

  private void int2(int value) {
    room(2);
    bytes[size++] = (byte) (value >>> 8);
    bytes[size++] = (byte) value;
  }

  private void int4(int value) {
    room(4);
    putInt(size, value);
    size += 4;
  }

  private void int8(long value) {
    int4((int) (value >>> 32));
    int4((int) value);
  }

  private void putInt(int at, int value) {
    bytes[at] = (byte) (value >>> 24);
    bytes[at + 1] = (byte) (value >>> 16);
    bytes[at + 2] = (byte) (value >>> 8);
    bytes[at + 3] = (byte) value;
  }

  private void room(int more) {
    if (size + more > bytes.length) {
      byte[] larger = new byte[Math.max(bytes.length * 2, size + more)];
      System.arraycopy(bytes, 0, larger, 0, size);
      bytes = larger;
    }
  }
}
