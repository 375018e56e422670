// Colours of the style sheet for what draws on a canvas, in the theme of the moment.

const known = new Map<string, string>();
let probe: HTMLElement | undefined;

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => known.clear());

/** Value of a token such as `--trail`. */
export function colour(token: string): string {
  const cached = known.get(token);
  if (cached) return cached;
  if (!probe) {
    probe = document.body.appendChild(document.createElement("i"));
    probe.hidden = true;
  }
  probe.style.setProperty("color", `var(${token})`);
  const value = getComputedStyle(probe).color;
  known.set(token, value);
  return value;
}

/** Does the reader want things to stand still? */
export function isStill(): boolean {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
