// The panel "Sessions that were here": of a place or an element, each a link to its replay at that second.

import { type Kind, type SpotSessions, ask } from "./answer";
import { byId, html } from "./dom";
import { clock, moment, number } from "./format";
import { UNITS } from "./kinds";
import { replay } from "./link";

/** A question: whose sessions, and where they are asked for. */
export interface Group {
  title: string;
  url: string;
}

let asking: AbortController | undefined;

/** Selects a tab of the panel beside the map. */
export function selectTab(name: "elements" | "people"): void {
  for (const other of ["elements", "people"]) {
    const tab = byId(`tab-${other}`);
    tab.setAttribute("aria-selected", String(other === name));
    tab.tabIndex = other === name ? 0 : -1;
    byId(other).hidden = other !== name;
  }
}

export function listenToTabs(): void {
  const tabs = (["elements", "people"] as const).map((name) => [name, byId(`tab-${name}`)] as const);
  tabs.forEach(([name, tab], i) => {
    tab.addEventListener("click", () => selectTab(name));
    tab.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
      const [other, button] = tabs[1 - i]!;
      selectTab(other);
      button.focus();
    });
  });
}

/** Asks for the sessions and shows them. `facts` stand above; `from` gets the focus when the panel is left. */
export async function showPeople(kind: Kind, facts: Node[], groups: Group[], from?: HTMLElement): Promise<void> {
  asking?.abort();
  const mine = (asking = new AbortController());
  const panel = byId("people");
  const back = html("button", { class: "btn bare", type: "button" }, "All elements");
  back.addEventListener("click", () => {
    selectTab("elements");
    (from ?? byId("tab-elements")).focus();
  });
  const lists = groups.map(() => html("div", { class: "group", role: "status" }, html("p", { class: "pad soft small" }, "Looking for sessions")));
  panel.replaceChildren(html("div", { class: "pad" }, html("div", { class: "cap" }, html("h2", {}, "Sessions that were here"), html("span", { class: "push" }, back)), ...facts), ...lists);
  byId("people-count").textContent = "";
  selectTab("people");
  panel.scrollTop = 0;
  if (from) panel.focus();
  let total = 0;
  await Promise.all(
    groups.map(async (group, i) => {
      try {
        const found = await ask<SpotSessions>(group.url, mine.signal);
        total += found.total;
        if (mine.signal.aborted) return;
        byId("people-count").textContent = number(total);
        lists[i]!.replaceChildren(...list(kind, group, found));
      } catch (error) {
        if (mine.signal.aborted) return;
        const again = html("button", { class: "btn", type: "button" }, "Try again");
        again.addEventListener("click", () => void showPeople(kind, facts, groups, from));
        lists[i]!.replaceChildren(html("div", { class: "pad" }, html("p", { class: "soft" }, `The sessions can’t be shown. ${error instanceof Error ? error.message : ""}`), again));
      }
    }),
  );
}

function list(kind: Kind, { title }: Group, { sessions, total, per_unit }: SpotSessions): Node[] {
  const words = total === 0 ? "No session was here." : `${number(total)} ${total === 1 ? "session" : "sessions"}${sessions.length < total ? `, the ${sessions.length} with most are listed` : ""}`;
  const head = html("p", { class: "pad small soft" }, ...(title ? [html("b", {}, title), " "] : []), words);
  const back = location.pathname + location.search;
  const items = sessions.map((session) => {
    const started = html("time", { datetime: session.started_at }, moment(new Date(session.started_at)));
    const who = html("span", { class: "two" }, started, html("small", { class: "dim cut" }, [session.browser, session.device, session.country].filter(Boolean).join(", ")));
    const what = html("span", { class: "two right" }, html("b", {}, UNITS[kind].amount(session.amount / per_unit)), html("small", { class: "dim" }, `at ${clock(session.at_ms)}`));
    return html("li", {}, html("a", { href: replay(session.replay, back), class: "visit" }, who, what));
  });
  return [head, html("ul", { class: "visits" }, ...items)];
}
