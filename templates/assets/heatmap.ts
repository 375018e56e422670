// The heatmap page: one map, two side by side, or their difference.

import { type Difference, type Heatmap, type Kind, ask } from "./lib/answer";
import { askForB, showDifference, showSides } from "./lib/compare";
import { byId, html } from "./lib/dom";
import { type Page, api, both, selection } from "./lib/link";
import { showElementChoices } from "./lib/numbers";
import { listenToTabs } from "./lib/people";
import { look, showLook } from "./lib/settings";
import { showSingle } from "./lib/single";

async function load(root: HTMLElement, state: HTMLElement): Promise<void> {
  const query = new URLSearchParams(root.dataset["query"]);
  const site = root.dataset["site"]!;
  const kind = (query.get("kind") ?? "movement") as Kind;
  const page: Page = { site, query, kind, url: (tail, side, more = {}) => api(site, tail, selection(query, side), more) };
  const how = look(query, kind);
  showLook(how);
  try {
    const compare = query.get("compare");
    if (compare === "difference") {
      showDifference(page, await ask<Difference>(api(site, "/difference", both(query))), how);
      state.remove();
      return;
    }
    const map = await ask<Heatmap>(page.url("", "a"));
    const other = compare === "side" ? await askForB(page, map) : undefined;
    performance.mark("heatmap: payload");
    const rest = other ? showSides(page, map, other, how) : showSingle(page, map, how);
    state.remove();
    await painted();
    performance.measure("heatmap: first paint", "heatmap: payload");
    rest();
    showElementChoices(map);
  } catch (error) {
    const again = html("button", { class: "btn", type: "button" }, "Try again");
    again.addEventListener("click", () => {
      state.replaceChildren(html("p", {}, "Counting"));
      void load(root, state);
    });
    state.replaceChildren(html("p", {}, `The heatmap can’t be shown. ${error instanceof Error ? error.message : String(error)}`), again);
  }
}

/** Waits until the browser has painted; in a tab that nobody sees it does not. */
function painted(): Promise<void> {
  return new Promise((resolve) => {
    requestAnimationFrame(() => setTimeout(resolve));
    setTimeout(resolve, 500);
  });
}

/** An empty field says nothing, so it need not stand in the address. */
function listenToForms(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>("main form[method=get]")) {
    form.addEventListener("submit", () => {
      for (const field of form.querySelectorAll<HTMLInputElement | HTMLSelectElement>("input, select")) if (field.value.trim() === "") field.disabled = true;
    });
  }
  // Who comes back to the page by the browser's history finds its fields as they were.
  addEventListener("pageshow", () => {
    for (const field of document.querySelectorAll<HTMLInputElement>("main form :disabled")) field.disabled = false;
  });
}

/** All columns, with the map beside them as small as it must be. */
function listenToWidth(): void {
  const button = byId("wide");
  button.addEventListener("click", () => {
    const isWide = byId("aside").classList.toggle("broad");
    button.setAttribute("aria-pressed", String(isWide));
  });
}

const root = document.getElementById("heatmap");
if (root) {
  listenToForms();
  listenToTabs();
  listenToWidth();
  void load(root, byId("state"));
}
