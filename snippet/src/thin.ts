/**
 * The error-bounded throttle: drops each sample that the straight line between the kept ones, at constant speed, stays near.
 *
 * It is the cone of the swing filter, in two dimensions. From the last kept point (the anchor) every sample allows a band of speeds:
 * those whose line passes it within the tolerance at its own time. The circle of the tolerance is replaced by the regular octagon
 * inside it, so that the bands of four directions are all there is to keep: constant time and memory a sample. While the newest
 * sample lies inside all bands it is the candidate for the next kept point; when one doesn't, the candidate before it is kept.
 * (Elmeleegy et al., Online Piece-wise Linear Approximation of Numerical Streams with Precision Guarantees, VLDB 2009.)
 */
export interface Thinner<Note> {
  /** A sample of the device, in whole ms and in px. `at` never falls. The note stays with the sample if it is kept. */
  sample(at: number, x: number, y: number, note: Note): void;
  /** A point that the caller keeps itself, such as a click: the path passes through it exactly. */
  exact(at: number, x: number, y: number): void;
  /** Keeps the candidate, if there is one. */
  flush(): void;
}

/** Takes a kept point, in whole ms and whole px. */
export type Keep<Note> = (at: number, x: number, y: number, note: Note) => void;

const DIRECTIONS = /* @__PURE__ */ [0, 1, 2, 3].map((eighths) => [Math.cos((eighths * Math.PI) / 4), Math.sin((eighths * Math.PI) / 4)] as const);
/** From the middle of an octagon to its sides, where its corners are 1 away. */
const INSET = Math.cos(Math.PI / 8);

export function createThinner<Note>(tolerancePx: () => number, keep: Keep<Note>): Thinner<Note> {
  // Nothing is near to nothing, so the first sample becomes the anchor.
  let anchorAt = NaN;
  let anchorX = NaN;
  let anchorY = NaN;
  let candidate: Parameters<Keep<Note>> | undefined;
  /** The band of speeds of each direction, in px a ms. */
  const lowest = [0, 0, 0, 0];
  const highest = [0, 0, 0, 0];

  const anchor = (at: number, x: number, y: number) => {
    anchorAt = at;
    anchorX = x;
    anchorY = y;
    candidate = undefined;
    lowest.fill(-Infinity);
    highest.fill(Infinity);
  };

  const flush = () => {
    if (!candidate) return;
    const kept = candidate;
    anchor(kept[0], kept[1], kept[2]);
    keep(...kept);
  };

  /**
   * Whether the line from the anchor may end at this sample. Narrows the bands by it; once it was false they count for nothing.
   * At the anchor's own time there is no line: the anchor itself has to be near enough.
   */
  const follows = (at: number, x: number, y: number) => {
    const span = at - anchorAt;
    const radius = tolerancePx() * INSET;
    return DIRECTIONS.every(([ux, uy], i) => {
      const real = ux * (x - anchorX) + uy * (y - anchorY);
      if (!span) return Math.abs(real) <= radius;
      // The place that would be sent is the rounded one, the place to stay near is the real one.
      const speed = (ux * (Math.round(x) - anchorX) + uy * (Math.round(y) - anchorY)) / span;
      const inside = speed >= lowest[i]! && speed <= highest[i]!;
      lowest[i] = Math.max(lowest[i]!, (real - radius) / span);
      highest[i] = Math.min(highest[i]!, (real + radius) / span);
      return inside;
    });
  };

  return {
    flush,
    sample(at, x, y, note) {
      const next: typeof candidate = [at, Math.round(x), Math.round(y), note];
      if (!follows(at, x, y)) {
        flush();
        if (!follows(at, x, y)) {
          // The first sample of all, or a second one in the anchor's ms and away from it.
          candidate = next;
          flush();
        }
      }
      if (at > anchorAt) candidate = next;
    },
    exact(at, x, y) {
      if (!follows(at, x, y)) flush();
      anchor(at, Math.round(x), Math.round(y));
    },
  };
}
