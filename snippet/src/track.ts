import { REST_END_MS, REST_MS } from "./config";
import { createThinner, type Keep } from "./thin";

/** The way of one thing that moves: a pointer, or the scroll offset of the document. */
export interface Track<Note> {
  sample(at: number, x: number, y: number, note: Note): void;
  /** Brings the track to a point that the caller keeps, and gives the time that it has to keep it at. */
  exact(at: number, x: number, y: number, note: Note): number;
  flush(): void;
  /** The newest sample, as the device gave it. */
  readonly last: readonly [at: number, x: number, y: number, note: Note] | undefined;
}

/** `prepare` is called before each sample. */
export function createTrack<Note>(
  tolerancePx: () => number,
  prepare: () => void,
  keep: Keep<Note>,
): Track<Note> {
  const thinner = createThinner(tolerancePx, keep);
  let last: Track<Note>["last"];

  /** Ends a rest shortly before the movement after it, so that no slow drift stands in its place. Gives a time that never falls. */
  const arrive = (timeStamp: number) => {
    prepare();
    let at = Math.round(timeStamp);
    if (last) {
      const [lastAt, lastX, lastY, note] = last;
      at = Math.max(at, lastAt);
      if (at - lastAt > REST_MS) thinner.sample(at - REST_END_MS, lastX, lastY, note);
    }
    return at;
  };

  return {
    sample(at, x, y, note) {
      at = arrive(at);
      last = [at, x, y, note];
      thinner.sample(at, x, y, note);
    },
    exact(at, x, y, note) {
      at = arrive(at);
      last = [at, x, y, note];
      thinner.exact(at, x, y);
      return at;
    },
    flush: thinner.flush,
    get last() {
      return last;
    },
  };
}
