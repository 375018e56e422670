// Numbers and times for people.

/** `1:24`, or `1:04:12` from an hour on. */
export function clock(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000));
  const two = (n: number) => String(n).padStart(2, "0");
  const hours = Math.floor(s / 3600);
  return hours > 0 ? `${hours}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}` : `${Math.floor(s / 60)}:${two(s % 60)}`;
}

/** `1:24.5` */
export function tenths(ms: number): string {
  return `${clock(ms)}.${Math.floor(Math.max(0, ms) / 100) % 10}`;
}

/** `14 s`, `3 min`, `1 h 20 min` */
export function span(ms: number): string {
  const s = Math.round(ms / 1000);
  if (s < 120) return `${s} s`;
  const min = Math.round(s / 60);
  return min < 60 ? `${min} min` : `${Math.floor(min / 60)} h ${min % 60} min`;
}

// Made once: toLocaleString makes one for every call, which takes a table of a thousand rows 0.2 s.
const WHOLE = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** `1,204` */
export function number(value: number): string {
  return WHOLE.format(Math.round(value));
}

/** Two significant digits: `0.012`, `1.3`, `130`. */
export function short(value: number): string {
  if (value === 0) return "0";
  if (value >= 100) return number(value);
  return String(Number(value.toPrecision(2)));
}

/** `93.1 %` */
export function percent(part: number, whole: number): string {
  if (whole === 0) return "–";
  const value = (part / whole) * 100;
  return `${value > 0 && value < 0.1 ? "< 0.1" : value.toFixed(1)} %`;
}

/** `14:32` today, else `21 Nov 14:32`, in the reader's zone. With seconds where they matter. */
export function moment(at: Date, withSeconds = false): string {
  const now = new Date();
  const clock = at.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", ...(withSeconds ? { second: "2-digit" } : {}) });
  if (at.toDateString() === now.toDateString()) return clock;
  const day = at.toLocaleDateString("en-GB", { day: "numeric", month: "short", ...(at.getFullYear() === now.getFullYear() ? {} : { year: "numeric" }) });
  return `${day} ${clock}`;
}
