// How faithful a recording is, in numbers: how often the device reported while it moved, and how many of its reports are kept.

import type { Session, Track } from "./session";

/** Slower than this is a rest, px a ms; the worked queries of docs/sql.md agree. */
const REST_PX_MS = 0.02;
/** A rate over less movement than this says nothing, ms. */
const LEAST_MS = 500;

export interface Fidelity {
  /** Reports of the device a second of movement. */
  hz?: number;
  /** Share of its reports that are kept, 0 to 1. */
  kept?: number;
}

export function fidelity({ views, json }: Session): Fidelity {
  // Of a session that is cut there are all samples and not all points.
  if (json.cut_at_events !== null || json.fidelity.samples === 0) return {};
  const tracks = views.flatMap((view) => view.tracks);
  const ms = tracks.reduce((sum, track) => sum + movingMs(track), 0);
  const moves = views.reduce((sum, view) => sum + count(view.kind, "m"), 0);
  // What scrolling carried is a move that no device reported.
  const carried = tracks.reduce((sum, track) => sum + track.carried.filter(Boolean).length, 0);
  return {
    ...(ms >= LEAST_MS ? { hz: (json.fidelity.samples * 1000) / ms } : {}),
    kept: Math.min(1, Math.max(0, moves - carried) / json.fidelity.samples),
  };
}

function movingMs({ t, x, y, ends, carried }: Track): number {
  let sum = 0;
  for (let i = 1; i < t.length; i++) {
    const ms = t[i]! - t[i - 1]!;
    const px = Math.hypot(x[i]! - x[i - 1]!, y[i]! - y[i - 1]!);
    if (!ends[i - 1] && !carried[i] && px > REST_PX_MS * ms) sum += ms;
  }
  return sum;
}

function count(text: string, letter: string): number {
  return text.split(letter).length - 1;
}
