/** The tunables, each with its unit in its name, and the settings that a site gives on its script tag. */

/** Largest distance in px between a device sample and the path that is sent, unless the tag says otherwise. */
export const TOLERANCE_PX = 2;
/** Rounding to whole px alone costs up to 0.71 px, so a bound under one could not be kept. */
export const TOLERANCE_MIN_PX = 1;
/** No sample for this long is a rest, which is kept as two points. */
export const REST_MS = 100;
/** A rest ends this long before the sample that follows it: about one interval of a slow device. */
export const REST_END_MS = 16;
/** Pointers followed at once. Each touch contact has an id of its own, so the oldest makes room. */
export const MAX_POINTERS = 16;

export const FLUSH_MS = 5_000;
export const FLUSH_FIRST_MS = 250;
export const FLUSH_WATCHED_MS = 100;
export const FLUSH_EVENTS = 512;
/** Half of what a frame can span (ms and px), so that any of its events may become the origin. */
export const FRAME_HALF_SPAN = 16_383;
/** Descriptions in a frame. With SELECTOR_BYTES it keeps the frame under the 65,536 bytes of the protocol. */
export const FRAME_ELEMENTS = 48;
/** A longer selector is no use to anybody. */
export const SELECTOR_BYTES = 512;
/** Describing elements waits for an idle moment, but no longer than this. */
export const DESCRIBE_WITHIN_MS = 1_000;
/** What describing elements may cost at once where nobody says how much time there is. */
export const DESCRIBE_MS = 10;
/** Names of one element that are tried for its selector. */
export const SELECTOR_NAMES = 8;

/** What the unacknowledged frames may weigh. From half of it on the tolerance doubles step by step. */
export const BUFFER_BYTES = 1_048_576;
/** Above this moves are dropped, so that there is room for what matters more. */
export const BUFFER_MOVES_BYTES = (BUFFER_BYTES * 14) / 16;
/** Above this everything is dropped: the rest is room for the frame that is being collected. */
export const BUFFER_EVENTS_BYTES = (BUFFER_BYTES * 15) / 16;

export const WELCOME_TIMEOUT_MS = 10_000;
export const ACK_TIMEOUT_MS = 20_000;
export const RETRY_MS = 5_000;
export const RECONNECT_FIRST_MS = 1_000;
export const RECONNECT_MAX_MS = 60_000;
/** Where POST works and the socket doesn't, the socket is tried less and less often, up to this. */
export const RECONNECT_BLOCKED_MS = 300_000;
/** So many attempts in a row that never opened mean that WebSockets are blocked here. */
export const BLOCKED_TRIES = 2;
/** Bytes that may wait inside the browser's socket; the rest waits in our buffer. */
export const SOCKET_BYTES = 131_072;
/** Browsers give all keepalive requests in flight 64 KiB together. */
export const POST_BYTES = 60_000;

export interface Config {
  site: string;
  /** Base address of the collector, without a slash at its end: `/socket` and `/post` are appended. */
  collector: string;
  /** Nothing happens before `mousetrail.consent(true)`. */
  needsConsent: boolean;
  respectsDnt: boolean;
  /** Share of page loads that are tracked, 0 to 1. */
  sample: number;
  tolerancePx: number;
}

export function readConfig(script: HTMLScriptElement): Config {
  const { site, collector, consent, respectDnt, sample, tolerance } = script.dataset;
  return {
    site: site ?? "",
    collector: new URL(collector ?? "v1", collector ? location.href : script.src).href.replace(/\/+$/, ""),
    needsConsent: consent === "required",
    respectsDnt: respectDnt !== "false",
    sample: Number(sample ?? 1),
    tolerancePx: Math.max(Number(tolerance) || TOLERANCE_PX, TOLERANCE_MIN_PX),
  };
}
