// How true a replay is, in words and numbers: what is missing is said, not hidden.

import { byId, html, icon } from "./dom";
import { fidelity } from "./fidelity";
import { number, percent } from "./format";
import type { Session } from "./session";

export function truth(session: Session, sprite: string): void {
  const { fidelity: it, cut_at_events } = session.json;
  const { hz, kept } = fidelity(session);
  const lost = it.missing > 0 || it.dropped > 0 || cut_at_events !== null;
  const badge = byId("fidelity");
  const dropped = it.dropped > 0 ? `, ${number(it.dropped)} dropped` : "";
  const words = [
    `${lost ? "Not complete" : "Complete"}${dropped}`,
    ...(hz === undefined ? [] : [`${number(hz)} Hz`]),
    `within ${it.tolerance_px} px`,
    ...(kept === undefined ? [] : [`${percent(kept, 1)} of points`]),
  ];
  badge.replaceChildren(icon(sprite, lost ? "alert" : "shield"), words.join(" · "));
  badge.classList.toggle("ok", !lost);
  badge.classList.toggle("rage", lost);
  const facts: [string, string][] = [
    ["Device while moving", hz === undefined ? "–" : `${number(hz)} Hz`],
    ["Points kept", kept === undefined ? "–" : percent(kept, 1)],
    ["Samples of the device", number(it.samples)],
    ["Events kept", number(it.events)],
    ["Largest error", `${it.tolerance_px} px`],
    ["Dropped in the browser", number(it.dropped)],
    ["Frames", number(it.frames)],
    ["Frames missing", number(it.missing)],
  ];
  if (cut_at_events !== null) facts.push(["Shown here", `the first ${number(cut_at_events)} events`]);
  byId("truth").replaceChildren(...facts.map(([name, value]) => html("div", {}, html("dt", {}, name), html("dd", {}, value))));
  badge.title = facts.map(([name, value]) => `${name}: ${value}`).join("\n");
  badge.hidden = false;
}
