// The setup page of a site: copies the tag, and turns green by itself when the first event comes.

import { byId, copy } from "./lib/dom";
import { moment, number } from "./lib/format";

interface Receiving {
  receiving: boolean;
  first: { session_id: string; at: string; host: string; path: string; browser: string; events: number; drawn: string } | null;
}

const POLL_MS = 1500;
const COPIED_MS = 1600;

for (const button of document.querySelectorAll<HTMLElement>("[data-copy]")) {
  button.hidden = false;
  const label = button.querySelector("span")!;
  button.addEventListener("click", () => {
    void copy(byId(button.dataset["copy"]!).textContent ?? "").then((done) => {
      label.textContent = done ? "Copied" : "Select it and copy";
      setTimeout(() => (label.textContent = "Copy"), COPIED_MS);
    });
  });
}

async function poll(step: HTMLElement): Promise<void> {
  let answer: Receiving | undefined;
  try {
    const response = await fetch(step.dataset["poll"]!);
    // Signed out: polling on would never end.
    if (response.status === 401) return;
    if (response.ok) answer = (await response.json()) as Receiving;
  } catch {
    // The collector restarts, or the laptop slept: the next try will tell.
  }
  if (answer?.first) received(step, answer.first);
  // A first visit goes on: its count of events rises while one watches, and the very first event draws nothing yet.
  setTimeout(() => void poll(step), answer?.first?.drawn ? POLL_MS * 4 : POLL_MS);
}

function received(step: HTMLElement, first: NonNullable<Receiving["first"]>): void {
  const time = byId<HTMLTimeElement>("first-at");
  time.dateTime = first.at;
  time.textContent = moment(new Date(first.at), true);
  byId("first-events").textContent = number(first.events);
  byId("first-browser").textContent = first.browser;
  byId("first-host").textContent = first.host;
  byId("first-path").textContent = first.path;
  byId("first-replay").setAttribute("href", `${step.dataset["sessions"]}/${first.session_id}`);
  byId("first-drawn").setAttribute("d", first.drawn);
  byId("s3").textContent = "Receiving data";
  byId("waiting").hidden = true;
  byId("received").hidden = false;
  byId("state").hidden = false;
  for (const done of document.querySelectorAll("[data-step]")) done.classList.add("done");
}

const step = document.querySelector<HTMLElement>("[data-poll]");
if (step) void poll(step);
