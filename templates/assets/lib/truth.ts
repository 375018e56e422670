// How true a replay is, in words and numbers: what is missing is said, not hidden.

import { byId, html, icon } from "./dom";
import { number } from "./format";
import type { ReplayJson } from "./session";

export function truth(json: ReplayJson, sprite: string): void {
  const it = json.fidelity;
  const lost = it.missing > 0 || it.dropped > 0 || json.cut_at_events !== null;
  const badge = byId("fidelity");
  const bound = `within ${it.tolerance_px} px`;
  badge.replaceChildren(icon(sprite, lost ? "alert" : "shield"), lost ? "Not complete" : `Complete, ${bound}`);
  badge.classList.toggle("ok", !lost);
  badge.classList.toggle("rage", lost);
  const facts: [string, string][] = [
    ["Frames", number(it.frames)],
    ["Frames missing", number(it.missing)],
    ["Samples of the device", number(it.samples)],
    ["Events kept", number(it.events)],
    ["Largest error", `${it.tolerance_px} px`],
    ["Dropped in the browser", number(it.dropped)],
  ];
  if (json.cut_at_events !== null) facts.push(["Shown here", `the first ${number(json.cut_at_events)} events`]);
  byId("truth").replaceChildren(...facts.map(([name, value]) => html("div", {}, html("dt", {}, name), html("dd", {}, value))));
  badge.title = facts.map(([name, value]) => `${name}: ${value}`).join("\n");
  badge.hidden = false;
}
