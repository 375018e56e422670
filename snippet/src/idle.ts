import { quiet } from "./bind";
import { IDLE_WITHIN_MS } from "./config";

/** Does something when the browser has nothing better to do; tasks stay in order. Browsers without such moments do it soon. */
export function later(task: () => void): void {
  const work = quiet(task);
  if ("requestIdleCallback" in window) requestIdleCallback(work, { timeout: IDLE_WITHIN_MS });
  else setTimeout(work);
}
