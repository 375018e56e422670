// The axis of the timeline. Time without events takes less room than time with events: half an hour away from the desk
// would else press the visit into a few px. The gaps are drawn hatched and say how long they are.

export interface Axis {
  /** Place of a time, 0 to 1. */
  place(t: number): number;
  /** Time of a place. */
  time(place: number): number;
}

/** The most that one gap takes, as a share of the time with events. */
const GAP_SHARE = 0.08;
/** Gaps up to here keep their length, ms. */
const GAP_MS = 6000;

export function axis(duration: number, gaps: [number, number][]): Axis {
  const active = duration - gaps.reduce((sum, [from, to]) => sum + to - from, 0);
  const most = Math.max(GAP_MS, active * GAP_SHARE);
  // Knots: times and the room that is taken up to them.
  const times = [0];
  const rooms = [0];
  const knot = (t: number, room: number) => {
    times.push(t);
    rooms.push(rooms[rooms.length - 1]! + room);
  };
  for (const [from, to] of gaps) {
    knot(from, from - times[times.length - 1]!);
    knot(to, Math.min(to - from, most));
  }
  knot(duration, duration - times[times.length - 1]!);
  const whole = rooms[rooms.length - 1] || 1;
  return {
    place: (t) => map(times, rooms, t) / whole,
    time: (place) => map(rooms, times, place * whole),
  };
}

function map(from: number[], to: number[], value: number): number {
  if (value <= 0) return 0;
  for (let i = 1; i < from.length; i++) {
    const [a, b] = [from[i - 1]!, from[i]!];
    if (value <= b && b > a) return to[i - 1]! + ((value - a) / (b - a)) * (to[i]! - to[i - 1]!);
  }
  return to[to.length - 1]!;
}
