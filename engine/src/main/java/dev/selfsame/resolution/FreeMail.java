package dev.selfsame.resolution;

import java.util.Set;

/**
 * The domains at which anybody can have a mailbox, so that an address there says nothing of a
 * company: what a space's own list starts with.
 */
final class FreeMail {

  static final Set<String> DOMAINS =
      Set.of(
          "126.com",
          "163.com",
          "aol.com",
          "fastmail.com",
          "free.fr",
          "gmail.com",
          "gmx.com",
          "gmx.de",
          "gmx.net",
          "googlemail.com",
          "hey.com",
          "hotmail.co.uk",
          "hotmail.com",
          "hotmail.fr",
          "icloud.com",
          "laposte.net",
          "libero.it",
          "live.com",
          "mac.com",
          "mail.com",
          "mail.ru",
          "me.com",
          "msn.com",
          "naver.com",
          "orange.fr",
          "outlook.com",
          "pm.me",
          "proton.me",
          "protonmail.com",
          "qq.com",
          "seznam.cz",
          "t-online.de",
          "tutanota.com",
          "web.de",
          "wp.pl",
          "yahoo.co.jp",
          "yahoo.co.uk",
          "yahoo.com",
          "yahoo.de",
          "yahoo.fr",
          "yandex.ru",
          "ymail.com",
          "zoho.com");

  private FreeMail() {}
}
