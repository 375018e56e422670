// The list of what happened, beside the stage. It follows the playhead.

import { byId, html, icon } from "./dom";
import { clock, tenths } from "./format";
import type { Moment } from "./moments";
import type { Session } from "./session";

export interface List {
  follow(t: number): void;
}

export function list(session: Session, moments: Moment[], sprite: string, seek: (t: number) => void): List {
  const panel = byId("events");
  byId("event-count").textContent = String(moments.length);
  const lines = new Map<Moment, HTMLAnchorElement>();
  for (const view of session.views) {
    const own = moments.filter((moment) => moment.view === view);
    const length = html("span", { class: "push dim" }, `${clock(view.end - view.start)}, ${own.length} ${own.length === 1 ? "event" : "events"}`);
    const items = own.map((moment) => {
      const link = line(moment, sprite);
      link.addEventListener("click", (event) => {
        event.preventDefault();
        seek(moment.at);
      });
      lines.set(moment, link);
      return html("li", {}, link);
    });
    panel.append(html("h2", {}, icon(sprite, "page"), html("span", { class: "cut" }, view.path), length), html("ol", {}, ...items));
  }
  if (moments.length === 0) panel.append(html("p", { class: "pad soft" }, "Nothing was clicked, scrolled or typed. The pointer only moved."));

  let current: Moment | undefined;
  return {
    follow(t) {
      let next: Moment | undefined;
      for (const moment of moments) if (moment.at <= t + 1) next = moment;
      if (next === current) return;
      if (current) lines.get(current)?.removeAttribute("aria-current");
      current = next;
      const link = next && lines.get(next);
      link?.setAttribute("aria-current", "true");
      if (link) reveal(panel, link);
    },
  };
}

function line(moment: Moment, sprite: string): HTMLAnchorElement {
  const words = html("span", {}, moment.text);
  if (moment.detail) words.append(html("code", { class: "cut", title: moment.detail }, moment.detail));
  return html("a", { href: `?t=${Math.round(moment.at)}` }, html("time", {}, tenths(moment.at)), icon(sprite, moment.icon), words);
}

/** Scrolls the list only, never the page, and only when the line is out of sight. */
function reveal(panel: HTMLElement, link: HTMLElement): void {
  if (panel.scrollHeight <= panel.clientHeight) return;
  const [box, at] = [panel.getBoundingClientRect(), link.getBoundingClientRect()];
  if (at.top < box.top + 40) panel.scrollTop += at.top - box.top - 60;
  else if (at.bottom > box.bottom - 20) panel.scrollTop += at.bottom - box.bottom + 80;
}
