import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NOTHING } from '../../lib/processor/fan-in.ts';
import { type Script, Taker } from './feeding.ts';

const scripts = fc.array(fc.array(fc.option(fc.nat({ max: 99 }), { nil: undefined }), { maxLength: 8 }), {
  minLength: 2,
  maxLength: 4,
});
const capacities = fc.integer({ min: 1, max: 3 });
const orders = fc.array(fc.nat({ max: 3 }), { maxLength: 30 });

/** The rows that all branches have, as records of those that have a value. */
function rowsOf(branches: readonly Script[]): Record<string, number>[] {
  const length = Math.min(...branches.map((branch) => branch.length));
  return Array.from({ length }, (_, row) => {
    const values = branches.map((branch, i) => ['abcd'[i] as string, branch[row]] as const);
    return Object.fromEntries(values.filter((entry): entry is [string, number] => entry[1] !== undefined));
  });
}

describe('a join', () => {
  it.for(['join', 'partial-join'] as const)(
    'pairs row by row, whatever branch is ahead, and waits for nothing that is there (%s)',
    (kind) => {
      fc.assert(
        fc.property(scripts, capacities, orders, (branches, capacity, order) => {
          const rows = rowsOf(branches);
          const least = kind === 'join' ? branches.length : 1;
          const complete = rows.filter((row) => Object.keys(row).length >= least);
          const taker = new Taker(kind, branches, capacity);

          taker.feed(order);

          expect(taker.taken).toEqual(complete);
          expect(taker.holes).toBe(rows.length - complete.length);
          expect(taker.lostRows).toBe(rows.length - complete.length);
          expect(taker.fanIn.isOver).toBe(true);
        }),
      );
    },
  );

  it('tells what it lost to the holes of other branches', () => {
    const taker = new Taker(
      'join',
      [
        [1, 2, 3],
        [undefined, 20, undefined],
      ],
      4,
    );

    taker.feed([]);

    expect(taker.taken).toEqual([{ a: 2, b: 20 }]);
    expect(taker.lostPayloads).toEqual([1, 3]);
  });

  it('takes rows that are holes everywhere at once, however many they are', () => {
    const holes = Array.from({ length: 1000 }, () => undefined);
    const taker = new Taker(
      'join',
      [
        [...holes, 1],
        [...holes, 2],
      ],
      1,
    );
    const { fanIn } = taker;
    const filled: unknown[] = [];
    taker.filled = (queue) => void filled.push(fanIn.filled(queue));

    taker.feed(Array.from({ length: 1001 }, () => 0));

    expect(fanIn.take()).toEqual({ rows: 1000 });
    expect(fanIn.take()).toMatchObject({ payload: { a: 1, b: 2 } });
    expect(taker.lostRows).toBe(1000);
    // There is nothing to look for before each branch has something.
    expect(filled).toEqual([false, true]);
  });

  it('is over with its first branch, and counts what the others have left', () => {
    const taker = new Taker('join', [[1], [10, 20, 30]], 4);

    taker.feed([1, 1, 1]);

    expect(taker.taken).toEqual([{ a: 1, b: 10 }]);
    expect(taker.branches.map(({ queue }) => queue.unpaired)).toEqual([0, 2]);
  });

  it('is not over before it has taken the rows of a branch that has ended', () => {
    const taker = new Taker(
      'join',
      [
        [1, 2],
        [10, 20],
      ],
      4,
    );
    for (let i = 0; i < 3; i++) taker.branches[0]?.feed();
    const early = taker.fanIn.isOver;

    taker.feed([]);

    expect(early).toBe(false);
    expect(taker.taken).toEqual([
      { a: 1, b: 10 },
      { a: 2, b: 20 },
    ]);
  });
});

describe('a merge', () => {
  it('takes every value once, and those of each branch in their order', () => {
    fc.assert(
      fc.property(scripts, capacities, orders, (branches, capacity, order) => {
        const marked = branches.map((branch, i) =>
          branch.flatMap((value) => (value === undefined ? [] : [value * 10 + i])),
        );
        const taker = new Taker('merge', marked, capacity);

        taker.feed(order);

        for (const [i, branch] of marked.entries()) {
          expect(taker.taken.filter((value) => Number(value) % 10 === i)).toEqual(branch);
        }
        expect(taker.taken).toHaveLength(marked.flat().length);
        expect(taker.fanIn.isOver).toBe(true);
      }),
    );
  });

  it('is over with its last branch, and no earlier', () => {
    const taker = new Taker('merge', [[1], [], [3]], 1);
    for (const place of [0, 0, 1]) taker.branches[place]?.feed();
    const early = taker.fanIn.isOver;

    taker.feed([]);

    expect([early, taker.fanIn.isOver]).toEqual([false, true]);
    expect(taker.taken).toEqual([1, 3]);
  });

  it('gives each branch that has something its turn', () => {
    const taker = new Taker('merge', [[1, 2, 3], [10, 20, 30], [100]], 4);
    const { fanIn } = taker;
    const filled: unknown[] = [];
    taker.filled = (queue) => void filled.push(fanIn.filled(queue));

    taker.feed([0, 0, 0, 1, 1, 1]);

    const taken = Array.from(
      { length: 7 },
      () => (fanIn.take() as { payload?: unknown } | undefined)?.payload,
    );
    expect(taken).toEqual([1, 10, 100, 2, 20, 3, 30]);
    expect(filled).toEqual([true, true, true]);
  });
});

describe('a node with one input', () => {
  it('takes what comes, holes included, and is over when that has ended', () => {
    const taker = new Taker('single', [[1, undefined, undefined, 2]], 1);

    taker.feed([]);

    expect([taker.taken, taker.holes, taker.fanIn.isOver]).toEqual([[1, 2], 2, true]);
  });
});

describe('a node without inputs', () => {
  it('takes nothing and is over from the start', () => {
    const taker = new Taker('single', [], 1);

    expect(taker.fanIn).toBe(NOTHING);
    expect([NOTHING.take(), NOTHING.isOver]).toEqual([undefined, true]);
  });
});
