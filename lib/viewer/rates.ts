/** Over how long rates are taken, in ms: short enough to see a source stop, long enough to be read. */
const WINDOW_MS = 2000;
/** Of readings kept. */
const MOST = 12;

/** Rates of counters that only grow, over the last seconds. */
export class Rates {
  readonly #readings: { readonly atMs: number; readonly counts: readonly number[] }[] = [];

  /** Whether there is something to compare with: before, all rates are 0. */
  get isWarm(): boolean {
    return this.#readings.length > 1;
  }

  /** Takes the counters as they stand; returns how much each has grown a second. The first time that is nothing. */
  next(atMs: number, counts: readonly number[]): number[] {
    const past = this.#readings;
    // While nobody looked, nothing was read.
    if (atMs - (past.at(-1)?.atMs ?? atMs) > 2 * WINDOW_MS) past.length = 0;
    while (past.length > MOST || (past.length > 1 && atMs - (past[1]?.atMs ?? 0) >= WINDOW_MS)) past.shift();
    const base = past[0];
    past.push({ atMs, counts });
    if (base === undefined || atMs <= base.atMs) return counts.map(() => 0);
    const seconds = (atMs - base.atMs) / 1000;
    return counts.map((count, place) => rounded(Math.max(0, count - (base.counts[place] ?? 0)) / seconds));
  }
}

function rounded(rate: number): number {
  return Number(rate.toPrecision(4));
}
