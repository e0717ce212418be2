import { createPipeline, type Definition } from 'sluice';
import { withoutLeaks } from 'sluice/testing';
import { describe, expect, it } from 'vitest';

const items = 100_000;

describe('a hundred thousand items with queues of one place', () => {
  it('finish, and pair right, where one branch of a join keeps one in ten and the other keeps all', async () => {
    await withoutLeaks(async () => {
      const { pairs, wrong } = await runDiamond((n) => (n % 10 === 0 ? n : null));

      expect({ pairs, wrong }).toEqual({ pairs: items / 10, wrong: 0 });
    });
  });

  it('finish, and pair right, where that branch fails under skip instead', async () => {
    await withoutLeaks(async () => {
      const { pairs, wrong, failed } = await runDiamond((n) => {
        if (n % 10 !== 0) throw new Error('not this one');
        return n;
      });

      expect({ pairs, wrong, failed }).toEqual({ pairs: items / 10, wrong: 0, failed: (items * 9) / 10 });
    });
  });

  it('finish, and pair right, where the branches wait for each other in turns', async () => {
    await withoutLeaks(async () => {
      const { pairs, wrong } = await runDiamond(async (n) => (n % 10 === 0 ? n : null));

      expect({ pairs, wrong }).toEqual({ pairs: items / 10, wrong: 0 });
    });
  });

  it.each(['skip', 'fail'])(
    'finish after three diamonds in a row, each with a branch in which some %s',
    async (how) => {
      await withoutLeaks(async () => {
        const keep = (divisor: number) => (n: number) => {
          if (n % divisor !== 0) return n;
          if (how === 'fail') throw new Error('not this one');
          return null;
        };
        let pairs = 0;
        let wrong = 0;
        const join = (row: object): number => {
          const [one, other] = Object.values(row) as number[];
          if (one !== other) wrong++;
          return one as number;
        };
        const pipeline = createPipeline({
          nodes: {
            source: () => range(items),
            ...{ a1: keep(2), b1: (n: number) => n, join1: join },
            ...{ a2: async (n: number) => n, b2: keep(3), join2: join },
            ...{ a3: keep(5), b3: (n: number) => n, join3: join },
            sink: () => void pairs++,
          },
          graph: {
            ...{ source: ['a1', 'b1'], a1: ['join1'], b1: ['join1'], join1: ['a2', 'b2'] },
            ...{
              a2: ['join2'],
              b2: ['join2'],
              join2: ['a3', 'b3'],
              a3: ['join3'],
              b3: ['join3'],
              join3: ['sink'],
            },
          },
          defaults: { queueSize: 1, onError: 'skip' },
        } as Definition);

        await pipeline.done;

        // Neither even, nor a multiple of 3 or 5: 8 of 30.
        const coprime = [...range(items)].filter((n) => n % 2 !== 0 && n % 3 !== 0 && n % 5 !== 0).length;
        expect({ pairs, wrong }).toEqual({ pairs: coprime, wrong: 0 });
      });
    },
  );
});

async function runDiamond(
  filter: (n: number) => unknown,
): Promise<{ pairs: number; wrong: number; failed: number }> {
  let pairs = 0;
  let wrong = 0;
  const pipeline = createPipeline({
    nodes: {
      source: () => range(items),
      some: { run: filter, onError: 'skip' },
      all: (n: number) => n,
      join: ({ some, all }: { some: number; all: number }) => {
        pairs++;
        if (some !== all) wrong++;
      },
    },
    graph: { source: ['some', 'all'], some: ['join'], all: ['join'], join: null },
    defaults: { queueSize: 1 },
  } as Definition);
  const { nodes } = await pipeline.done;
  return { pairs, wrong, failed: nodes.some?.failed ?? 0 };
}

function* range(count: number): Generator<number> {
  for (let n = 0; n < count; n++) yield n;
}
