package dev.selfsame.cli;

import dev.selfsame.access.Actor;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** Who runs a command, and on which machine. */
final class Operator {

  private Operator() {}

  static Actor actor() {
    return new Actor("cli:" + System.getProperty("user.name"), host());
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "localhost";
    }
  }
}
