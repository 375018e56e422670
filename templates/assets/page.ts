// Small comforts of every page. Without this script all of it works, only less comfortably.

import { moment } from "./lib/format";

/** Menus close on Escape and on a click outside. */
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll<HTMLDetailsElement>("details.menu[open]")) if (!menu.contains(event.target as Node)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll<HTMLDetailsElement>("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary")?.focus();
  }
});

/** Times stand in the reader's zone. */
const times = document.querySelectorAll<HTMLTimeElement>("time[data-local][datetime]");
for (const time of times) {
  const at = new Date(time.dateTime);
  if (Number.isNaN(at.getTime())) continue;
  time.textContent = moment(at, time.dataset["local"] === "seconds");
  time.title = at.toLocaleString("en-GB", { dateStyle: "full", timeStyle: "long" });
}
for (const zone of document.querySelectorAll("[data-zone]")) zone.textContent = `Times in ${Intl.DateTimeFormat().resolvedOptions().timeZone}`;

/** J and K move through a list, Enter opens. */
const rows = [...document.querySelectorAll<HTMLElement>(".list.cards tbody tr")];
let current = -1;
document.addEventListener("keydown", (event) => {
  const on = event.target as Element;
  if (rows.length === 0 || event.ctrlKey || event.metaKey || event.altKey || on.matches("input, textarea, select")) return;
  const step = event.key === "j" ? 1 : event.key === "k" ? -1 : 0;
  if (step === 0) return;
  event.preventDefault();
  current = Math.max(0, Math.min(rows.length - 1, current + step));
  rows.forEach((row, i) => row.classList.toggle("sel", i === current));
  // The link has the focus, so Enter opens it.
  rows[current]?.querySelector<HTMLAnchorElement>("a.go")?.focus({ preventScroll: true });
  rows[current]?.scrollIntoView({ block: "nearest" });
});
