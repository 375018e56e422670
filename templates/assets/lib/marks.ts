// What is drawn above a page: cursor, trail, clicks, touches. All in px of the canvas.

import { colour } from "./colour";
import { type Track, before, pointAt } from "./session";

/** From document px to canvas px. */
export interface Lens {
  scale: number;
  left: number;
  top: number;
}

const TRAIL_MS = 3000;
const TOUCH_TRAIL_MS = 1000;
const STROKES = 9;
export const RIPPLE_MS = 700;

/** The last seconds of the way: strokes one on another, each younger, so that it tapers and fades without beads. Straight between kept points. */
export function trail(g: CanvasRenderingContext2D, track: Track, t: number, lens: Lens, wide = 1.3): void {
  const length = track.isTouch ? TOUCH_TRAIL_MS : TRAIL_MS;
  g.save();
  g.lineCap = g.lineJoin = "round";
  g.strokeStyle = colour(track.isTouch ? "--touch" : "--trail");
  for (let stroke = 0; stroke < STROKES; stroke++) {
    const from = t - length * Math.pow(1 - stroke / STROKES, 1.35);
    g.globalAlpha = 0.1 + stroke * 0.035;
    g.lineWidth = wide * (0.7 + stroke * 0.36);
    g.beginPath();
    path(g, track, from, t, lens);
    g.stroke();
  }
  g.restore();
}

function path(g: CanvasRenderingContext2D, track: Track, from: number, to: number, lens: Lens): void {
  let isDown = false;
  const point = (x: number, y: number) => {
    const [px, py] = [(x - lens.left) * lens.scale, (y - lens.top) * lens.scale];
    if (isDown) g.lineTo(px, py);
    else g.moveTo(px, py);
    isDown = true;
  };
  const begin = pointAt(track, from);
  if (begin) point(...begin);
  for (let i = before(track.t, from) + 1; i < track.t.length && track.t[i]! <= to; i++) {
    if (track.carried[i]) isDown = false;
    point(track.x[i]!, track.y[i]!);
    if (track.ends[i]) isDown = false;
  }
  const end = pointAt(track, to);
  if (end && !track.carried[before(track.t, to) + 1]) point(...end);
}

export function cursor(g: CanvasRenderingContext2D, x: number, y: number, scale: number): void {
  g.save();
  g.translate(x, y);
  g.scale(scale, scale);
  g.beginPath();
  for (const [px, py] of [[0, 0], [0, 16.5], [4.3, 12.6], [7.2, 18.8], [9.9, 17.6], [7.1, 11.6], [12.4, 11.2]] as const) g.lineTo(px, py);
  g.closePath();
  g.lineJoin = "round";
  g.strokeStyle = colour("--cursor-edge");
  g.lineWidth = 2.5;
  g.stroke();
  g.fillStyle = colour("--cursor");
  g.fill();
  g.restore();
}

/** A click `age` ms ago. */
export function ripple(g: CanvasRenderingContext2D, x: number, y: number, age: number, isTouch: boolean): void {
  const f = Math.min(1, age / RIPPLE_MS);
  g.save();
  g.strokeStyle = colour(isTouch ? "--touch" : "--trail");
  g.globalAlpha = 1 - f;
  g.lineWidth = 2;
  g.beginPath();
  g.arc(x, y, 5 + 20 * Math.sqrt(f), 0, 7);
  g.stroke();
  g.restore();
}

export function finger(g: CanvasRenderingContext2D, x: number, y: number): void {
  g.save();
  g.strokeStyle = g.fillStyle = colour("--touch");
  g.lineWidth = 2;
  g.beginPath();
  g.arc(x, y, 14, 0, 7);
  g.globalAlpha = 0.35;
  g.fill();
  g.globalAlpha = 1;
  g.stroke();
  g.restore();
}
