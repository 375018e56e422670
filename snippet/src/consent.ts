import type { Config } from "./config";

/** Whether the visitor asked not to be tracked: Global Privacy Control always counts, Do Not Track unless the site says otherwise. */
export function visitorRefuses({ respectDnt }: Config): boolean {
  const { globalPrivacyControl, doNotTrack } = navigator as Navigator & { globalPrivacyControl?: boolean; doNotTrack?: string | null };
  return globalPrivacyControl === true || (respectDnt !== "false" && doNotTrack === "1");
}
