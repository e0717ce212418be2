import { timesAsLong } from './time.ts';
import type { GatedWork } from './works.ts';

declare global {
  /** What the planted slow-down does for each message: so many turns of a loop. */
  var sluicePlanted: { turns: number } | undefined;
}

const TRIALS = 5;
const ROUNDS = 25;

/**
 * Sets the planted slow-down so that the work takes `factor` times as long as with the engine as it is. By trial, since a
 * processor works on several things at once: what a turn takes alone says little about what it adds.
 */
export async function makeSlower(planted: GatedWork, asItIs: GatedWork, factor: number): Promise<void> {
  const dial = globalThis.sluicePlanted;
  if (dial === undefined) throw new Error('nothing is planted in this engine');
  dial.turns = 20;
  for (let trial = 0; trial < TRIALS; trial++) {
    const added = (await timesAsLong(planted, asItIs, ROUNDS)) - 1;
    dial.turns = Math.max(1, Math.round((dial.turns * (factor - 1)) / Math.max(added, (factor - 1) / 10)));
  }
}
