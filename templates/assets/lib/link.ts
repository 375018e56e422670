// Addresses: what of the page's own address goes to the API, and how links keep the rest.

import type { Kind } from "./answer";

/** What the API asks for, besides the kind. */
const SELECTION = ["page", "template", "from", "to", "device", "pointer", "width", "overlay", "viewport", "browser", "country", "referrer", "tag", "visits", "clicked", "converted", "suspect"];
/** What both sides of a comparison share. */
const SHARED = new Set(["page", "template", "device", "pointer", "width", "overlay"]);

export type Side = "a" | "b";

/** What the page is about, for all its parts. */
export interface Page {
  site: string;
  /** All that the address says, with what was chosen for the reader where it leaves something open. */
  query: URLSearchParams;
  kind: Kind;
  /** An address of the API for one side. */
  url(tail: string, side: Side, more?: Record<string, string | number>): string;
}

/** The selection of one side, with the kind. */
export function selection(query: URLSearchParams, side: Side = "a"): URLSearchParams {
  const out = new URLSearchParams();
  for (const name of [...SELECTION, "kind"]) {
    const value = (side === "b" && !SHARED.has(name) ? query.get(`b_${name}`) : null) ?? query.get(name);
    if (value) out.set(name, value);
  }
  return out;
}

/** Both sides in one: the other one's parameters with `b_`. */
export function both(query: URLSearchParams): URLSearchParams {
  const out = selection(query);
  for (const name of SELECTION) {
    const value = query.get(`b_${name}`);
    if (value && !SHARED.has(name)) out.set(`b_${name}`, value);
  }
  return out;
}

/** An address of the API. `tail` is what follows the word heatmap. */
export function api(site: string, tail: string, query: URLSearchParams, more: Record<string, string | number> = {}): string {
  const all = new URLSearchParams(query);
  for (const [name, value] of Object.entries(more)) all.set(name, String(value));
  return `/api/v1/sites/${site}/heatmap${tail}?${all}`;
}

/** The same address with another value; without the parameter where there is none. */
export function withValue(href: string, name: string, value: string | undefined): string {
  const url = new URL(href, "http://localhost");
  if (value === undefined) url.searchParams.delete(name);
  else url.searchParams.set(name, value);
  return url.pathname + url.search + url.hash;
}

/** A replay, with the way back. */
export function replay(url: string, back: string): string {
  return withValue(url, "back", back);
}
