// Puts heat onto maps, with one scale for all of them, and the legend beside.

import type { Heatmap } from "./answer";
import { byId } from "./dom";
import { percent } from "./format";
import { type Grid, grid, most, reached } from "./heat";
import { smooth } from "./kernel";
import { UNITS } from "./kinds";
import { type Page, api, selection } from "./link";
import type { Line, MapView } from "./map";
import { fill, prepare } from "./paint";
import { OPACITY, legend, ramp } from "./ramp";
import { scale } from "./scale";
import { type Look, control } from "./settings";

/** Shares of the page views whose depth is marked. */
const SHARES = [0.75, 0.5, 0.25];

/** Lines across a page: the fold, and for reach how many got how far. */
export function linesOf(map: Heatmap): Line[] {
  const lines: Line[] = [{ y: map.fold, words: `Fold, median ${map.fold} px` }];
  if (map.kind === "reach" && map.views > 0) {
    const shares = grid(map);
    for (const share of SHARES) lines.push({ y: Math.min(reached(shares, share), map.document[1] - 1), words: `${percent(share, 1).replace(".0", "")} got this far`, isRight: true });
  }
  return lines;
}

/** Draws, and draws again whenever the look is changed. Returns the grids as they are shown. */
export function drawMaps(page: Page, maps: { map: Heatmap; view: MapView }[], look: Look): (() => Grid)[] {
  const raw = maps.map(({ map }) => grid(map));
  const isByRow = maps[0]!.map.by_row;
  let shown = raw;
  let [sigma, drawn] = [-1, ""];
  const work = () => {
    if (!isByRow && sigma !== look.smooth) {
      sigma = look.smooth;
      shown = raw.map((cells) => smooth(cells, sigma));
    }
    const opacity = Math.max(OPACITY, look.opacity);
    const fade = Math.min(1, look.opacity / OPACITY);
    for (const { view } of maps) view.fade(fade);
    const png = document.getElementById("png") as HTMLAnchorElement | null;
    if (png) png.href = api(page.site, ".png", selection(page.query), { palette: look.palette, scale: look.how, smooth: isByRow ? 0 : look.smooth, opacity: look.opacity });
    const colours = ramp(look.palette, opacity);
    legend(byId<HTMLCanvasElement>("ramp"), colours, fade);
    const key = [look.how, look.palette, look.smooth, opacity].join();
    if (key === drawn) return;
    drawn = key;
    const values = shown.map((cells) => cells.values);
    const [how, top] = [scale(look.how, ...values), Math.max(...values.map(most))];
    maps.forEach(({ map, view }, i) => {
      const paint = prepare(shown[i]!, how, colours, top);
      view.paint((pixels, width, height, y, step) => fill(pixels, width, height, paint, { x: 0, y, step }), describe(map));
    });
    const spans = byId("scale").children;
    for (let i = 0; i < spans.length; i++) spans[i]!.textContent = UNITS[page.kind].mark(how.value(i / (spans.length - 1)));
  };
  control(look, page.kind, work);
  work();
  return maps.map((_, i) => () => shown[i]!);
}

function describe(map: Heatmap): string {
  const rows = [...map.table].sort((a, b) => b.hover_ms + b.clicks - a.hover_ms - a.clicks).slice(0, 3);
  const names = rows.map((row) => row.label || row.selector);
  return names.length > 0 ? `Heatmap. Most used: ${names.join("; ")}.` : "Heatmap.";
}
