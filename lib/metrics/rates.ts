import type { Sum } from './totals.ts';

/** How far back a rate looks, in ms. */
const SPAN = 10_000;
/** How far two looks that are remembered are apart, in ms. */
const APART = 500;

/** What was counted at some time. */
export interface Look {
  readonly at: number;
  readonly sum: Sum;
}

/** Remembers what was counted some time ago, without a timer: each time somebody looks. */
export class Rates {
  readonly #looks: Look[];

  constructor(first: Look) {
    this.#looks = [first];
  }

  /** The latest look that is as old as a rate is to look back, or else the oldest there is. */
  before(look: Look): Look {
    const looks = this.#looks;
    while (looks[1] !== undefined && look.at - looks[1].at >= SPAN) looks.shift();
    const found = looks[0] as Look;
    if (look.at - (looks.at(-1) as Look).at >= APART) looks.push(look);
    return found;
  }
}

/** By how much something has grown between two looks, per second. */
export function perSecond(look: Look, before: Look, of: (sum: Sum) => number): number {
  const ms = look.at - before.at;
  return ms === 0 ? 0 : ((of(look.sum) - of(before.sum)) * 1000) / ms;
}
