package dev.selfsame.bench.load;

/**
 * One HTTP request, ready to be sent, and what its events are.
 *
 * @param request head and body
 * @param created events of new users (K3)
 * @param updated events that change a user's name, and some its email or billing id (K9)
 * @param adopted events that give an import its userId (K4)
 * @param repeated events that were sent before, byte for byte (K19)
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Body(byte[] request, int created, int updated, int adopted, int repeated) {
  int events() {
    return created + updated + adopted + repeated;
  }
}
