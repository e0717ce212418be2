import type { GatedWork } from './works.ts';

/**
 * How many times as long one work takes as another, for a unit of each. The shortest of many rounds, each so short that hardly
 * anything has disturbed it; in turns, since the machine may be faster at one moment than at another.
 */
export async function timesAsLong(one: GatedWork, other: GatedWork, rounds: number): Promise<number> {
  let [ours, others] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let round = 0; round < rounds; round++) {
    ours = Math.min(ours, await nanoseconds(one));
    others = Math.min(others, await nanoseconds(other));
  }
  return ours / others;
}

async function nanoseconds({ run, units }: GatedWork): Promise<number> {
  const start = process.hrtime.bigint();
  await run();
  return Number(process.hrtime.bigint() - start) / units;
}
