import { quiet } from "./bind";
import { IDLE_WITHIN_MS } from "./config";

/** Does something when the browser has nothing better to do, and tells how long that lasts. Browsers that don't know do it soon. */
export function later(task: (idle?: IdleDeadline) => void): void {
  const work = quiet(task);
  if ("requestIdleCallback" in window) requestIdleCallback(work, { timeout: IDLE_WITHIN_MS });
  else setTimeout(work);
}
