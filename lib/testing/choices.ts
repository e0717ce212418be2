/** Where a run has several ways to go on, it picks one; the list of its picks is the run. 0 is the plainest way. */
export class Choices {
  readonly #next: (count: number) => number;
  /** What was picked. */
  readonly picked: number[] = [];
  /** Among how many. */
  readonly counts: number[] = [];

  constructor(next: (count: number) => number) {
    this.#next = next;
  }

  /** A whole number from 0 to `count - 1`. */
  pick(count: number): number {
    const pick = Math.min(this.#next(count), count - 1);
    this.picked.push(pick);
    this.counts.push(count);
    return pick;
  }
}

/** Picks these, and the plainest way from then on. */
export function replaying(picks: readonly number[]): Choices {
  let place = 0;
  return new Choices(() => picks[place++] ?? 0);
}

/** Picks at random, the same for the same seed. */
export function random(seed: number): Choices {
  // The generator known as mulberry32.
  let state = seed >>> 0;
  return new Choices((count) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % count;
  });
}

/** All runs that depart from the plainest way once, then those that do so twice, and so on. */
export class Systematic {
  readonly #prefixes: (readonly number[])[] = [[]];
  #place = 0;

  /** The next run, if there is another one. */
  next(): Choices | undefined {
    const prefix = this.#prefixes[this.#place++];
    return prefix === undefined ? undefined : replaying(prefix);
  }

  /** Finds out from the run just made where else it could have gone; no more than `most` are kept in mind. */
  branchOff({ picked, counts }: Choices, most: number): void {
    const { length } = this.#prefixes[this.#place - 1] as readonly number[];
    for (let place = length; place < picked.length && this.#prefixes.length < most; place++) {
      for (let pick = 1; pick < (counts[place] as number); pick++) {
        this.#prefixes.push([...picked.slice(0, place), pick]);
      }
    }
  }
}

/**
 * Looks for a shorter and plainer list of picks that still fails: by cutting parts out of it, and by having parts of it go
 * the plainest way.
 */
export async function shrink(
  picks: readonly number[],
  stillFails: (picks: readonly number[]) => Promise<boolean>,
  mostTries: number,
): Promise<readonly number[]> {
  let best = trimmed(picks);
  let tries = 0;
  const attempt = async (candidate: readonly number[]): Promise<boolean> => {
    if (tries >= mostTries || candidate.join() === best.join()) return false;
    tries++;
    if (!(await stillFails(candidate))) return false;
    best = trimmed(candidate);
    return true;
  };
  for (let size = Math.ceil(best.length / 2), isBetter = false; size >= 1; ) {
    isBetter = false;
    for (let from = 0; from < best.length; from += size) {
      const [before, part, after] = [
        best.slice(0, from),
        best.slice(from, from + size),
        best.slice(from + size),
      ];
      isBetter = (await attempt([...before, ...after])) || isBetter;
      if (part.some((pick) => pick > 0)) {
        isBetter = (await attempt([...before, ...part.map(() => 0), ...after])) || isBetter;
      }
    }
    // The smallest parts are tried until none of them can go.
    if (size > 1) size = Math.floor(size / 2);
    else if (!isBetter) size = 0;
  }
  return best;
}

/** Without what would be picked anyway. */
function trimmed(picks: readonly number[]): readonly number[] {
  return picks.slice(0, picks.findLastIndex((pick) => pick > 0) + 1);
}
