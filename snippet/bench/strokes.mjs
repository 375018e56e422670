// Movement like that of a hand, as a device of a given rate would report it.
import { random } from "../../tests/browser/walk.mjs";
import { Kind } from "../src/frame";

const SEED = 7;
/** Places of strokes lie in this part of a window, CSS px. */
const FIELD = { left: 40, top: 80, width: 1_100, height: 520 };

/**
 * Strokes of minimum jerk with rests between them (tests/browser/walk.mjs has the same curve at the irregular rate of its tests), with a tremor
 * of a px at 8 to 12 Hz that doesn't depend on the rate. Times are whole ms as the snippet takes them, places whole px as a mouse gives them.
 */
export function strokes(hz, minutes) {
  const next = random(SEED);
  const samples = [];
  let from = [600, 300];
  for (let begin = 0; begin < minutes * 60_000; ) {
    const to = [FIELD.left + next() * FIELD.width, FIELD.top + next() * FIELD.height];
    const distance = Math.hypot(to[0] - from[0], to[1] - from[1]);
    const duration = 80 + 90 * Math.log2(1 + distance / 20) * (0.5 + next());
    const bend = (next() - 0.5) * distance * 0.3;
    const tremor = [next() * 6, next() * 6, 8 + 4 * next()];
    let before = "";
    for (let t = 0; t <= duration; t += 1_000 / hz) {
      const s = t / duration;
      const along = s ** 3 * (10 - 15 * s + 6 * s * s);
      const aside = (bend * Math.sin(Math.PI * along)) / (distance || 1);
      const shake = (phase) => Math.sin(phase + (2 * Math.PI * tremor[2] * t) / 1_000);
      const x = Math.round(from[0] + (to[0] - from[0]) * along - (to[1] - from[1]) * aside + shake(tremor[0]));
      const y = Math.round(from[1] + (to[1] - from[1]) * along + (to[0] - from[0]) * aside + shake(tremor[1]));
      // A mouse that didn't move says nothing.
      if (before !== (before = `${x} ${y}`)) samples.push({ at: Math.round(begin + t), x, y, kind: Kind.Move });
    }
    begin += duration + (next() < 0.3 ? 150 + 600 * next() : 0);
    from = to;
  }
  return samples;
}
