/** What the works are made of: items that are numbers, functions that add one, sinks that count. */
import type { Case } from '../measure.ts';

export type Step = (number: number) => number | Promise<number>;

export const inc = async (number: number): Promise<number> => number + 1;
export const incNow = (number: number): number => number + 1;

const seen = { items: 0 };
export const sink = (_item: unknown): void => {
  seen.items++;
};

export function* numbers(items: number): Generator<number> {
  for (let number = 0; number < items; number++) yield number;
}

/** A case whose units are what `items` make, each so many `hops`. */
export function caseOf(
  name: string,
  items: number,
  hops: number,
  run: (items: number) => Promise<unknown>,
  beside?: string,
): Case {
  return {
    name,
    units: items * hops,
    run: async () => void (await run(items)),
    ...(beside !== undefined && { beside }),
  };
}
