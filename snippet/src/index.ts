/** The npm package. Importing it does nothing, and outside of a browser neither does what it gives. */
import { createMousetrail as createInner, type Mousetrail as Inner } from "./mousetrail";
import { checkOptions, toConfig } from "./options";

export interface Options {
  /** The site's public key, as the admin pages show it. */
  site: string;
  /**
   * Base address of the collector, such as `https://mouse.example.com/v1`. An address without a host is meant on the page's own origin.
   */
  collector: string;
  /**
   * Nothing at all happens before consent: by `consent(true)`, by Google Consent Mode (`analytics_storage` granted) or by IAB TCF v2
   * (purpose 8). Left out, no consent is waited for; a refusal counts all the same.
   */
  consent?: "required";
  /** Share of sessions that are recorded, 0 to 1. A session is recorded as a whole or not at all. 1 when left out. */
  sample?: number;
  /** Largest distance in px between what the device reported and the path that is stored, 1 to 50. 2 when left out. */
  tolerance?: number;
  /** `false`: Do Not Track doesn't count. Global Privacy Control always does. */
  respectDnt?: boolean;
  /** Query parameters that may stay in the addresses of pages, such as `["q", "page"]`. All others are cut off. */
  params?: string[];
  /** `"keep"`: the fragment stays in the addresses of pages, for sites that route by it. */
  hash?: "keep";
  /** `"text"`, or left out: no text of the page is sent. `"inputs"`: titles of pages are. What people type never is. */
  mask?: "text" | "inputs";
  /**
   * `"session"`: after consent, which has to be required, a random key in sessionStorage joins the page loads of a tab.
   * Left out, nothing is stored.
   */
  storage?: "session";
}

export interface Mousetrail {
  /** Records from now on, once consent is there where it is required. A page has one mousetrail: another one that runs is stopped. */
  start(): void;
  /** Sends what there is and listens no more. */
  stop(): void;
  /**
   * What the visitor decided. `true` starts. `false` stops at once and sends nothing any more; with `shouldErase` the collector
   * is asked to erase what this load of the page sent.
   */
  consent(isGiven: boolean, shouldErase?: boolean): void;
  /** Your name for the visitor. Longer than 85 characters, it is cut. */
  identify(id: string): void;
  /** A label of the session, such as the variant of an experiment. The name is cut after 85 characters, the value after 1,365. */
  tag(name: string, value: string): void;
  /** Something that happened. The name is cut after 85 characters; props are an object, and left out if longer than 1,365 characters as JSON. */
  event(name: string, props?: object): void;
}

const enum Stage { Stopped, Starting, Started }

/** What components say before the one around them starts; more than this is a mistake. */
const MAX_WAITING = 100;

/** The parts keep their state once a page, so that only one may run. */
let running: Mousetrail | undefined;

/** Throws a TypeError where an option can't be meant. Nothing else ever throws. */
export function createMousetrail(options: Options): Mousetrail {
  checkOptions(options);
  const isBrowser = typeof document === "object";
  let inner: Inner | undefined;
  let stage = Stage.Stopped;
  let hasConsent = false;
  let waiting: (() => void)[] = [];

  const part = () => (inner ??= createInner(toConfig(options)));

  /**
   * Starts when the page's own code has run to its end. What starts, stops and starts again in one go, as effects under React's
   * StrictMode do, is then one page view.
   */
  const begin = () => {
    if (!isBrowser || stage) return;
    stage = Stage.Starting;
    queueMicrotask(() => {
      if (stage !== Stage.Starting) return;
      stage = Stage.Started;
      if (running !== it) running?.stop();
      running = it;
      if (hasConsent) part().consent(true);
      part().start();
      for (const call of waiting.splice(0)) call();
    });
  };

  /** Effects of a component run before those of the one around it, so what they say waits for the start. */
  const note = (call: () => void) => {
    if (stage === Stage.Started) call();
    else if (isBrowser && waiting.length < MAX_WAITING) waiting.push(call);
  };

  const it = {
    start() {
      if (stage === Stage.Started) part().start();
      else begin();
    },
    stop() {
      if (stage === Stage.Started) part().stop();
      stage = Stage.Stopped;
      waiting = [];
    },
    consent(isGiven: boolean, shouldErase?: boolean) {
      hasConsent = isGiven;
      if (!isBrowser) return;
      if (!isGiven) {
        waiting = [];
        part().consent(false, shouldErase);
      } else if (stage === Stage.Started) {
        part().consent(true);
      } else {
        begin();
      }
    },
    identify: (id: string) => note(() => part().identify(id)),
    tag: (name: string, value: string) => note(() => part().tag(name, value)),
    event: (name: string, props?: object) => note(() => part().event(name, props)),
  } satisfies Inner;
  return it;
}
