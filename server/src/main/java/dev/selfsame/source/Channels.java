package dev.selfsame.source;

import dev.selfsame.identity.Channel;
import dev.selfsame.replay.PastClaims;
import dev.selfsame.review.PastActs;
import dev.selfsame.source.api.AccountPast;
import dev.selfsame.source.api.NotePast;
import dev.selfsame.source.api.UserWritePast;
import dev.selfsame.source.csv.CsvPast;
import dev.selfsame.source.land.LandedPast;
import dev.selfsame.source.segment.SegmentPast;
import dev.selfsame.source.warehouse.WarehousePast;
import java.util.Map;

/** Who reads the claims of each channel again out of the ledger. */
public final class Channels {

  private Channels() {}

  public static Map<Channel, PastClaims> readers() {
    PastClaims landed = new LandedPast();
    PastClaims notes = new NotePast();
    return Map.of(
        Channel.SEGMENT, new SegmentPast(),
        Channel.BILLING, landed,
        Channel.RECORD, landed,
        Channel.CSV, new CsvPast(),
        Channel.WAREHOUSE, new WarehousePast(),
        Channel.API, new AccountPast(new UserWritePast()),
        Channel.NOTES, notes,
        Channel.INSIGHTS, notes,
        Channel.ACT, new AccountPast(new PastActs()));
  }
}
