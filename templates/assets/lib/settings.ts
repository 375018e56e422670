// How the map is drawn: chosen beside the legend, kept in the address.

import type { Kind } from "./answer";
import { withValue } from "./link";
import { OPACITY, type Palette } from "./ramp";
import type { How } from "./scale";

export interface Look {
  how: How;
  palette: Palette;
  /** Sigma of the Gaussian, CSS px of the page. */
  smooth: number;
  /** 0 to 100. */
  opacity: number;
}

const HOWS: How[] = ["log", "linear", "percentile"];
const PALETTES: Palette[] = ["inferno", "viridis", "cividis", "grey"];
const SMOOTHS = [0, 8, 16, 32];
/** Bands cover the whole page: what is below has to be seen through them. */
const OPACITY_OF_BANDS = 55;

/** What a kind is drawn with unless the address says otherwise. */
export function usual(kind: Kind): Look {
  const isByRow = kind === "attention" || kind === "reach";
  return { how: isByRow ? "linear" : "log", palette: "inferno", smooth: 16, opacity: isByRow ? OPACITY_OF_BANDS : OPACITY };
}

/** What the address says; what makes no sense is as usual. */
export function look(query: URLSearchParams, kind: Kind): Look {
  const all = usual(kind);
  const opacity = Number(query.get("opacity") ?? NaN);
  const smooth = Number(query.get("smooth") ?? NaN);
  return {
    how: HOWS.find((how) => how === query.get("scale")) ?? all.how,
    palette: PALETTES.find((palette) => palette === query.get("palette")) ?? all.palette,
    smooth: SMOOTHS.includes(smooth) ? smooth : all.smooth,
    opacity: opacity >= 0 && opacity <= 100 ? opacity : all.opacity,
  };
}

/** Parameters of the address, by the id of what they are chosen with. */
const NAMES = { how: "scale", palette: "palette", smooth: "smooth", opacity: "opacity" } as const;

const KEYS = ["how", "palette", "smooth", "opacity"] as const;
const fieldOf = (key: keyof Look) => document.getElementById(key) as HTMLSelectElement | HTMLInputElement | null;

/** Shows the look at its controls. */
export function showLook(look: Look): void {
  for (const key of KEYS) {
    const field = fieldOf(key);
    if (field) field.value = String(look[key]);
  }
}

/** Tells when one of the controls is changed. */
export function control(look: Look, kind: Kind, changed: () => void): void {
  for (const key of KEYS) {
    const field = fieldOf(key);
    if (!field) continue;
    field.addEventListener("input", () => {
      if (key === "how") look.how = field.value as How;
      else if (key === "palette") look.palette = field.value as Palette;
      else look[key] = Number(field.value);
      changed();
    });
    // A slider tells of every step, but only where it is left belongs in the address.
    field.addEventListener("change", () => keep(NAMES[key], field.value === String(usual(kind)[key]) ? undefined : field.value));
  }
}

/** Puts a value into the address, and into every link and form that leads to a heatmap. */
function keep(name: string, value: string | undefined): void {
  history.replaceState(history.state, "", withValue(location.href, name, value));
  for (const link of document.querySelectorAll<HTMLAnchorElement>("main a[href*='/heatmap?']")) {
    const href = link.getAttribute("href")!;
    if (href.startsWith("/sites/")) link.setAttribute("href", withValue(href, name, value));
  }
  for (const form of document.querySelectorAll<HTMLFormElement>("main form[method=get]")) {
    form.querySelector(`input[type=hidden][name=${name}]`)?.remove();
    if (value === undefined) continue;
    const field = document.createElement("input");
    [field.type, field.name, field.value] = ["hidden", name, value];
    form.append(field);
  }
}
