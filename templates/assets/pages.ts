// The page of pages: shows what a template would match while it is typed.

import { byId, html } from "./lib/dom";
import { number } from "./lib/format";

interface Matching {
  template: string;
  problem: string | null;
  paths: number;
  others: number;
  examples: string[];
}

/** Rest in typing before the collector is asked. */
const REST_MS = 250;

const form = document.querySelector<HTMLFormElement>("[data-match]");
if (form) start(form);

function start(form: HTMLFormElement): void {
  const input = byId<HTMLInputElement>("template");
  const place = byId("match");
  // The answer comes by itself.
  byId("try").hidden = true;
  let timer = 0;
  let asked = 0;
  input.addEventListener("input", () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void ask(++asked), REST_MS);
  });

  async function ask(turn: number): Promise<void> {
    const template = input.value.trim();
    if (template === "") return show([]);
    try {
      const response = await fetch(`${form.dataset["match"]}?template=${encodeURIComponent(template)}`);
      // What was typed meanwhile has a question of its own.
      if (!response.ok || turn !== asked) return;
      const found = (await response.json()) as Matching;
      if (turn === asked) show(found.problem ? [html("p", { class: "err" }, found.problem)] : [html("p", {}, words(found)), examples(found)]);
      input.setAttribute("aria-invalid", String(found.problem !== null));
    } catch {
      // Not reachable: adding it will say so.
    }
  }

  function show(parts: Node[]): void {
    if (parts.length === 0) input.removeAttribute("aria-invalid");
    place.replaceChildren(...parts);
  }
}

function words(found: Matching): string {
  const paths = (count: number) => `${number(count)} ${count === 1 ? "path" : "paths"}`;
  const others = found.others > 0 ? `; ${paths(found.others)} more where another template says more` : "";
  return (found.paths > 0 ? paths(found.paths) : "Nothing that was seen so far") + others;
}

function examples(found: Matching): HTMLElement {
  return html("ul", {}, ...found.examples.map((path) => html("li", {}, html("code", {}, path))));
}
