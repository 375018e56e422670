// What every part of the bench prints with: Markdown tables, and the middle of noisy numbers.

export function heading(text) {
  console.log(`\n## ${text}\n`);
}

/** Prints a table: the first row names the columns. */
export function table([names, ...rows]) {
  const line = (cells) => console.log(`| ${cells.join(" | ")} |`);
  line(names);
  line(names.map(() => "---"));
  rows.forEach(line);
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The value that so many per cent of the others don't exceed. */
export function percentile(values, percent) {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.ceil((percent / 100) * sorted.length) - 1)];
}

/** Whether a figure is where it should be, in a word. */
export function verdict(isReached) {
  return isReached ? "yes" : "**no**";
}
