// The replay of a session. This file holds the time and what the controls do to it; the parts in lib/ draw.

import { axis } from "./lib/axis";
import { isStill } from "./lib/colour";
import { byId, changeIcon, copy } from "./lib/dom";
import { clock, span, tenths } from "./lib/format";
import { list } from "./lib/list";
import { type Moment, moments } from "./lib/moments";
import { type ReplayJson, type Session, parse, viewAt } from "./lib/session";
import { stage } from "./lib/stage";
import { timeline } from "./lib/timeline";
import { truth } from "./lib/truth";

const SPEEDS = [0.5, 1, 2, 4, 8, 16];
/** A gap is left this long before its end, so that one sees where it goes on. */
const LEAD_MS = 400;
/** And entered for this long, so that the last movement comes to rest. */
const TAIL_MS = 600;
const TOAST_MS = 1400;

async function load(root: HTMLElement): Promise<void> {
  try {
    const answer = await fetch(root.dataset["replay"]!, { headers: { accept: "application/json" } });
    if (!answer.ok) throw new Error(answer.status === 401 ? "You are signed out. Reload the page to sign in." : `The collector answered ${answer.status}.`);
    const session = parse((await answer.json()) as ReplayJson);
    if (session.views.every((view) => view.t.length === 0)) throw new Error("This session has no event that is still kept.");
    play(session, root.dataset["icons"]!);
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error), () => void load(root));
  }
}

function fail(reason: string, again: () => void): void {
  const state = byId("state");
  const [words, button] = [document.createElement("p"), document.createElement("button")];
  words.textContent = `The session can’t be shown. ${reason}`;
  button.className = "btn";
  button.textContent = "Try again";
  button.addEventListener("click", () => {
    state.replaceChildren("Loading the session");
    again();
  });
  state.replaceChildren(words, button);
}

function play(session: Session, sprite: string): void {
  const scale = axis(session.duration, session.gaps);
  const happened = moments(session);
  const button = byId("play");
  const skip = byId<HTMLInputElement>("skip");
  let t = 0;
  let speed = 1;
  let isPlaying = false;
  let last = 0;
  let toastUntil = 0;

  const screen = stage(session);
  const line = timeline(session, scale, happened, seek);
  const beside = list(session, happened, sprite, seek);
  truth(session, sprite);
  byId("end").textContent = clock(session.duration);
  const skipped = session.gaps.reduce((sum, [from, to]) => sum + to - from, 0);
  byId("skipped").textContent = span(skipped);

  function draw(): void {
    screen.draw(t);
    line.draw(t, viewAt(session, t));
    beside.follow(t);
    byId("now").textContent = tenths(t);
    byId("share-at").textContent = clock(t);
  }

  function seek(to: number): void {
    t = Math.max(0, Math.min(session.duration, to));
    draw();
  }

  function toast(text: string): void {
    const element = byId("toast");
    element.textContent = text;
    element.hidden = false;
    toastUntil = performance.now() + TOAST_MS;
    setTimeout(() => (element.hidden = performance.now() >= toastUntil - 20), TOAST_MS);
  }

  /** Leaps over a stretch without events. */
  function leap(): void {
    const gap = session.gaps.find(([from, to]) => t >= (from === 0 ? 0 : from + TAIL_MS) && t < to - LEAD_MS);
    if (!gap) return;
    toast(`Skipped ${span(gap[1] - LEAD_MS - t)}`);
    t = gap[1] - LEAD_MS;
  }

  function tick(now: number): void {
    if (!isPlaying) return;
    t += (now - last) * speed;
    last = now;
    if (skip.checked) leap();
    if (t >= session.duration) {
      t = session.duration;
      toggle(false);
    }
    draw();
    requestAnimationFrame(tick);
  }

  function toggle(on = !isPlaying): void {
    if (on && t >= session.duration) t = 0;
    isPlaying = on;
    button.setAttribute("aria-label", on ? "Pause" : "Play");
    changeIcon(button, sprite, on ? "pause" : "play");
    last = performance.now();
    if (on) requestAnimationFrame(tick);
  }

  function setSpeed(to: number): void {
    speed = to;
    for (const choice of byId("speeds").querySelectorAll<HTMLElement>("[data-speed]")) choice.setAttribute("aria-pressed", String(Number(choice.dataset["speed"]) === to));
  }

  /** To the nearest of these times that lies before or after the present one. */
  function hop(times: number[], forward: boolean): void {
    // While it plays, "before" has to get past the moment that has just begun.
    const to = forward ? times.find((time) => time > t + 1) : times.filter((time) => time < t - (isPlaying ? 700 : 1)).pop();
    if (to !== undefined) seek(to);
  }

  const eventTimes = happened.map((moment: Moment) => moment.at);
  const pageTimes = session.views.map((view) => view.start);

  async function share(): Promise<void> {
    const url = `${location.origin}${location.pathname}?t=${Math.round(t)}`;
    history.replaceState(null, "", url);
    toast((await copy(url)) ? `Link to ${tenths(t)} copied` : "The link stands in the address bar");
  }

  function full(): void {
    if (document.fullscreenElement) void document.exitFullscreen();
    else void document.querySelector(".player")?.requestFullscreen();
  }

  button.removeAttribute("disabled");
  button.addEventListener("click", () => toggle());
  byId("event-before").addEventListener("click", () => hop(eventTimes, false));
  byId("event-next").addEventListener("click", () => hop(eventTimes, true));
  byId("share").addEventListener("click", () => void share());
  byId("full").addEventListener("click", full);
  byId("speeds").addEventListener("click", (event) => {
    const choice = (event.target as Element).closest<HTMLElement>("[data-speed]");
    if (choice) setSpeed(Number(choice.dataset["speed"]));
  });
  tabs();
  const sheet = byId<HTMLDialogElement>("sheet");
  byId("help").addEventListener("click", () => sheet.showModal());
  byId("sheet-close").addEventListener("click", () => sheet.close());

  const keys: Record<string, (event: KeyboardEvent) => void> = {
    " ": () => toggle(),
    ArrowLeft: (event) => seek(t - (event.shiftKey ? 500 : 5000)),
    ArrowRight: (event) => seek(t + (event.shiftKey ? 500 : 5000)),
    Home: () => seek(0),
    End: () => seek(session.duration),
    ",": () => hop(eventTimes, false),
    ".": () => hop(eventTimes, true),
    "[": () => hop(pageTimes, false),
    "]": () => hop(pageTimes, true),
    i: () => (skip.checked = !skip.checked),
    s: () => void share(),
    f: full,
    n: () => byIdOrNothing("older")?.click(),
    p: () => byIdOrNothing("newer")?.click(),
    "?": () => sheet.showModal(),
  };
  SPEEDS.forEach((value, i) => (keys[String(i + 1)] = () => setSpeed(value)));
  addEventListener("keydown", (event) => {
    const on = event.target as Element;
    if (event.ctrlKey || event.metaKey || event.altKey || sheet.open) return;
    // The range input is the timeline's own control; its keys are ours. Other fields keep theirs.
    if (on.matches("input:not([type=range]):not([type=checkbox]), textarea, select")) return;
    if (event.key === " " && on.matches("button, a, summary, [type=checkbox]")) return;
    const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act) return;
    event.preventDefault();
    act(event);
  });

  const asked = new URLSearchParams(location.search).get("t");
  seek(asked ? Number(asked) || 0 : 0);
  if (!asked && !isStill()) toggle(true);
}

function byIdOrNothing(id: string): HTMLElement | null {
  return document.getElementById(id);
}

/** Tabs of the aside: a click, or the arrow keys. */
function tabs(): void {
  const all = [...document.querySelectorAll<HTMLElement>('.aside [role="tab"]')];
  const choose = (chosen: HTMLElement) => {
    for (const tab of all) {
      const isChosen = tab === chosen;
      tab.setAttribute("aria-selected", String(isChosen));
      tab.tabIndex = isChosen ? 0 : -1;
      byId(tab.getAttribute("aria-controls")!).hidden = !isChosen;
    }
  };
  all.forEach((tab, i) => {
    tab.addEventListener("click", () => choose(tab));
    tab.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
      event.stopPropagation();
      const next = all[(i + (event.key === "ArrowRight" ? 1 : all.length - 1)) % all.length]!;
      choose(next);
      next.focus();
    });
  });
}

const root = document.getElementById("player");
if (root) void load(root);
