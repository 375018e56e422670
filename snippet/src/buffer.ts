/** The unacknowledged frames, in the order in which they were cut. */
import type { PageView } from "./page";

/** A frame that the collector hasn't settled yet. Its bytes never change: `(page view, seq)` names them for ever. */
export interface Held {
  readonly page: PageView;
  readonly seq: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export let frames: readonly Held[] = [];
/** Weight of all frames. */
export let heldBytes = 0;

function replace(by: readonly Held[]): void {
  frames = by;
  heldBytes = by.reduce((sum, { bytes }) => sum + bytes.length, 0);
}

export function hold(frame: Held): void {
  replace([...frames, frame]);
}

/** Lets go of what the collector has, or will never want. */
export function settle(isSettled: (frame: Held) => boolean): void {
  replace(frames.filter((frame) => !isSettled(frame)));
}

export function stopBuffer(): void {
  replace([]);
}
