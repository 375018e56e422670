/** What the consent tools of the page say: Google Consent Mode and IAB TCF. */
import { quiet } from "./bind";

interface Transparency {
  eventStatus: string;
  gdprApplies?: boolean;
  purpose: { consents: Record<number, boolean> };
}

interface ConsentTools {
  dataLayer?: unknown[];
  __tcfapi?(command: string, version: number, tell: (said: Transparency) => void): void;
}

/** IAB TCF: "measure content performance". */
const PURPOSE = 8;

let mode: boolean | undefined;
let transparency: boolean | undefined;
/** The newest entry of the data layer that was read. Tag managers cut it at its front. */
let newest: unknown;

/** Undefined where nobody says anything. A tool that hasn't asked yet has no consent, and one that says no is enough. */
export function readSignal(): boolean | undefined {
  const { dataLayer = [], __tcfapi } = window as ConsentTools;
  if (__tcfapi && transparency === undefined) {
    transparency = false;
    __tcfapi("addEventListener", 2, quiet(({ eventStatus, gdprApplies, purpose }) => {
      if (eventStatus !== "cmpuishown") transparency = gdprApplies === false || !!purpose.consents[PURPOSE];
    }));
  }
  let isFound = false;
  for (let i = dataLayer.length; i-- && dataLayer[i] !== newest;) {
    const { 0: command, 2: said } = Object(dataLayer[i]) as { 0?: unknown; 2?: { analytics_storage?: string } };
    if (command === "consent" && !isFound && said?.analytics_storage) {
      isFound = true;
      mode = said.analytics_storage === "granted";
    }
  }
  newest = dataLayer[dataLayer.length - 1];
  return mode === false ? mode : transparency ?? mode;
}
