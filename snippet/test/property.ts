import fc from "fast-check";

declare const process: { env: Record<string, string | undefined> };

/** Of every property in this run: `SEED=… npm test` repeats it. */
const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
console.log(`property tests: SEED=${seed}`);

/** `make soak` runs more of them. */
const least = Number(process.env.FAST_CHECK_RUNS ?? 0);

export function check<Ts>(property: fc.IRawProperty<Ts>, runs = 200): void {
  fc.assert(property as fc.IProperty<Ts>, { seed, numRuns: Math.max(runs, least) });
}
