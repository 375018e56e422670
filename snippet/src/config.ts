/** The tunables, each with its unit in its name, and the settings that a site gives. */

/** Largest distance in px between a device sample and the path that is sent, unless the tag says otherwise. */
export const TOLERANCE_PX = 2;
/** Rounding to whole px alone costs up to 0.71 px, so a bound under one could not be kept. */
export const TOLERANCE_MIN_PX = 1;
/** Coarsened four times it is 800 px, which the wire can carry. */
export const TOLERANCE_MAX_PX = 50;
/** No sample for this long is a rest, which is kept as two points. */
export const REST_MS = 100;
/** A rest ends this long before the sample that follows it: about one interval of a slow device. */
export const REST_END_MS = 16;

export const FLUSH_MS = 5_000;
export const FLUSH_FIRST_MS = 250;
export const FLUSH_WATCHED_MS = 100;
export const FLUSH_EVENTS = 512;
/** What a frame can span on each axis and in time, px and ms. */
export const FRAME_SPAN = 32_767;
/** Descriptions and notes in a frame. With the lengths below they keep it under the 65,536 bytes of the protocol. */
export const FRAME_ELEMENTS = 256;
export const DESCRIBED_BYTES = 32_768;
export const FRAME_NOTES = 4;
/** Characters, of at most 3 bytes each. */
export const NAME_LENGTH = 85;
export const VALUE_LENGTH = 1_365;
/** Told before there is anybody to tell. */
export const NOTES_WAITING = 100;
/** What was measured is believed for so long. */
export const BOX_MS = 1_000;
/** A longer selector is no use to anybody. */
export const SELECTOR_LENGTH = 256;
/** Idle work waits no longer than this. */
export const IDLE_WITHIN_MS = 1_000;
/** By then a page looks as it is going to look. */
export const OUTLINE_AFTER_MS = 2_000;
export const OUTLINE_ELEMENTS = 300;
/** Left of an idle moment, so that nobody waits for the last element in it. */
export const OUTLINE_PAUSE_MS = 5;
/** A burst of keys or of the wheel is told once in this time. */
export const FACT_MS = 1_000;
/** A page that answers a click does so within this time. */
export const ANSWER_MS = 1_000;
/** How often consent, and the route where the browser doesn't tell, are looked at. */
export const POLL_MS = 500;
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
export const RECONNECT_FIRST_MS = 1_000;
export const RECONNECT_MAX_MS = 60_000;
/** So many attempts in a row that never opened mean that WebSockets are blocked here. */
export const BLOCKED_TRIES = 2;
/** Bytes that may wait inside the browser's socket; the rest waits in our buffer. */
export const SOCKET_BYTES = 131_072;
/** Browsers give all keepalive requests in flight 64 KiB together. */
export const POST_BYTES = 60_000;

/** What a site says about how it wants to be tracked: the `data-` attributes of its script tag. */
export interface Config {
  /** The site's public key. */
  site: string;
  /** Base address of the collector, without a slash at its end: `/socket` and `/post` are appended. */
  collector: string;
  /** `required`: nothing happens before there is consent. */
  consent?: string | undefined;
  /** `false`: Do Not Track doesn't count. */
  respectDnt?: string | undefined;
  /** Share of the sessions that are tracked, 0 to 1. The collector knows which, because nothing is stored here that says what a session is. */
  sample?: string | undefined;
  /** px. */
  tolerance?: string | undefined;
  /** Query parameters that may stay in the url, with commas between them. */
  params?: string | undefined;
  /** `keep`: the fragment stays in the url. */
  hash?: string | undefined;
  /** `inputs`: titles may leave the browser. */
  mask?: string | undefined;
  /** `session`: with consent, the session is kept in sessionStorage. */
  storage?: string | undefined;
}
