import type { Config } from "./config";

/** Where somebody's own wish not to be recorded is kept. Nothing else ever writes there. */
const WISH_KEY = "mousetrail";

/**
 * Whether the visitor asked not to be tracked: by a link of ours, or by his browser. Global Privacy Control always counts, Do Not Track unless
 * the site says otherwise.
 */
export function visitorRefuses({ respectDnt }: Config): boolean {
  const { globalPrivacyControl, doNotTrack } = navigator as Navigator & { globalPrivacyControl?: boolean; doNotTrack?: string | null };
  return visitorLeft() || globalPrivacyControl === true || (respectDnt !== "false" && doNotTrack === "1");
}

/**
 * Whether somebody opened a page of this site with `#mousetrail=off`, and none with `#mousetrail=on` since. The address stays as it is: it
 * is the business of the page, whose router would see every change of it.
 */
function visitorLeft(): boolean {
  try {
    const isOff = WISH_KEY in localStorage;
    const wish = isOff ? "on" : "off";
    if (location.hash !== "#mousetrail=" + wish) return isOff;
    if (isOff) localStorage.removeItem(WISH_KEY);
    else localStorage[WISH_KEY] = wish;
    console.info(`mousetrail is ${wish} in this browser`);
    return !isOff;
  } catch {
    // The browser may keep it from us.
    return false;
  }
}
