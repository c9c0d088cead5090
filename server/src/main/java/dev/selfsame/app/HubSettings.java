package dev.selfsame.app;

import dev.selfsame.api.hook.NoteHookSettings;
import dev.selfsame.ask.AskSettings;
import dev.selfsame.http.HttpSettings;
import dev.selfsame.intake.IntakeSettings;
import dev.selfsame.member.OpenIdSettings;
import dev.selfsame.publish.PublishSettings;
import dev.selfsame.settings.SettingsFile;
import dev.selfsame.source.csv.ImportSettings;
import dev.selfsame.source.land.LandingSettings;
import dev.selfsame.source.segment.SegmentSettings;
import dev.selfsame.source.segment.WebhookSettings;
import dev.selfsame.source.warehouse.SyncSettings;
import dev.selfsame.store.StoreSettings;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** All that an operator can set, each feature's in its own record. */
record HubSettings(
    HttpSettings http,
    SegmentSettings segment,
    WebhookSettings hooks,
    NoteHookSettings noteHooks,
    IntakeSettings intake,
    StoreSettings store,
    ImportSettings imports,
    LandingSettings landings,
    SyncSettings syncs,
    PublishSettings publishing,
    AskSettings ask,
    OpenIdSettings openId) {

  static final HubSettings DEFAULT =
      new HubSettings(
          HttpSettings.DEFAULT,
          SegmentSettings.DEFAULT,
          WebhookSettings.DEFAULT,
          NoteHookSettings.DEFAULT,
          IntakeSettings.DEFAULT,
          StoreSettings.DEFAULT,
          ImportSettings.DEFAULT,
          LandingSettings.DEFAULT,
          SyncSettings.DEFAULT,
          PublishSettings.DEFAULT,
          AskSettings.DEFAULT,
          OpenIdSettings.DEFAULT);

  static HubSettings read(@Nullable Path path) {
    if (path == null) {
      return DEFAULT;
    }
    SettingsFile file = SettingsFile.read(path);
    HubSettings settings =
        new HubSettings(
            file.section("http", DEFAULT.http, HttpSettings.class),
            file.section("segment", DEFAULT.segment, SegmentSettings.class),
            file.section("hooks", DEFAULT.hooks, WebhookSettings.class),
            file.section("noteHooks", DEFAULT.noteHooks, NoteHookSettings.class),
            file.section("intake", DEFAULT.intake, IntakeSettings.class),
            file.section("store", DEFAULT.store, StoreSettings.class),
            file.section("imports", DEFAULT.imports, ImportSettings.class),
            file.section("landings", DEFAULT.landings, LandingSettings.class),
            file.section("syncs", DEFAULT.syncs, SyncSettings.class),
            file.section("publishing", DEFAULT.publishing, PublishSettings.class),
            file.section("ask", DEFAULT.ask, AskSettings.class),
            file.section("openId", DEFAULT.openId, OpenIdSettings.class));
    file.done();
    return settings;
  }

  HubSettings listening(@Nullable String address) {
    return address == null ? this : with(http.withListen(address));
  }

  HubSettings secured(@Nullable Path cert, @Nullable Path key) {
    return with(http.withTls(cert, key));
  }

  private HubSettings with(HttpSettings other) {
    return new HubSettings(
        other,
        segment,
        hooks,
        noteHooks,
        intake,
        store,
        imports,
        landings,
        syncs,
        publishing,
        ask,
        openId);
  }
}
