/**
 * Segment's Tracking API, as its SDKs speak it: requests become claims and nothing else. {@link
 * dev.selfsame.source.segment.TrackingApi} is the HTTP side, {@link
 * dev.selfsame.source.segment.SegmentEvents} turns one event into a submission, for replays too.
 */
@NullMarked
package dev.selfsame.source.segment;

import org.jspecify.annotations.NullMarked;
