import fc from 'fast-check';
import { createPipeline, type Definition, inlet, type NodeObject } from 'sluice';
import { describe, expect, it } from 'vitest';
import { turn } from '../support/turns.ts';
import { runs } from './arbitrary.ts';
import type { AnyPipeline } from './run.ts';

const items = 1_000_000;

describe('law 9, fairness', () => {
  describe('lets the event loop turn again and again while a million messages run', () => {
    const monotone = (n: number): number => n + 1;
    const obliging = async (n: number): Promise<number> => n + 1;

    it.each(['synchronous functions', 'functions that wait for nothing but microtasks'])(
      'through %s',
      async (what) => {
        const step = what.startsWith('sync') ? monotone : obliging;
        const seen = countBetweenTurns();
        const pipeline = createPipeline({
          nodes: { source: () => count(items), one: step, two: step, three: step, sink: seen.item },
          graph: { source: ['one'], one: ['two'], two: ['three'], three: ['sink'], sink: null },
        });

        await seen.until(pipeline.done);

        expect(seen.total).toBe(items);
        expect(seen.most).toBeLessThan(seen.total / 3);
      },
    );

    it('from an async generator that waits for nothing but microtasks', async () => {
      const seen = countBetweenTurns();
      const pipeline = createPipeline({
        nodes: {
          async *source() {
            yield* count(items / 4);
          },
          sink: seen.item,
        },
        graph: { source: ['sink'], sink: null },
      });

      await seen.until(pipeline.done);

      expect(seen.total).toBe(items / 4);
      expect(seen.most).toBeLessThan(seen.total / 3);
    });

    it('to a loop that reads them', async () => {
      const seen = countBetweenTurns();
      const pipeline = createPipeline({ nodes: { source: () => count(items / 4) }, graph: { source: null } });

      await seen.until(
        (async () => {
          for await (const _ of pipeline) seen.item();
        })(),
      );

      expect(seen.total).toBe(items / 4);
      expect(seen.most).toBeLessThan(seen.total / 3);
    });

    it.each(['push', 'call', 'emit'] as const)('from a loop that awaits every %s', async (how) => {
      const seen = countBetweenTurns();
      const pipeline = feeding[how](seen.item);

      await seen.until(pipeline.done);

      expect(seen.total).toBe(items / 10);
      expect(seen.most).toBeLessThan(seen.total / 3);
    });

    it('where nothing but holes runs', async () => {
      const seen = countBetweenTurns();
      const nothing = (): void => void seen.item();
      const pipeline = createPipeline({
        nodes: { source: () => count(items), a: nothing, b: () => null, join: () => null },
        graph: { source: ['a', 'b'], a: ['join'], b: ['join'], join: null },
      });

      await seen.until(pipeline.done);

      expect(seen.total).toBe(items);
      expect(seen.most).toBeLessThan(seen.total / 3);
    });
  });

  it('lets other pipelines of the process have their turns while one is busy', async () => {
    const busy = createPipeline({
      nodes: { source: () => endless(), sink: () => null },
      graph: { source: ['sink'], sink: null },
    });
    await turn();
    const answer = createPipeline({
      nodes: { n: inlet<number>(), twice: (n: number) => n * 2 },
      graph: { n: ['twice'], twice: null },
    });

    const outputs = await answer.call(21);
    await Promise.all([busy.stop(), answer.stop()]);

    expect(outputs).toEqual({ twice: [42] });
  });

  it('takes from the inputs of a slow merge in turn, as long as each has something', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 6 }),
        fc.constantFrom(1, 2, 4, 16),
        async (inputs, queueSize) => {
          const names = Array.from({ length: inputs }, (_, i) => `s${i}`);
          const taken: string[] = [];
          const slow = (name: string): Promise<void> => {
            taken.push(name);
            return turn();
          };
          const pipeline = createPipeline(
            merging(names, (name) => Array(20).fill(name), { run: slow, queueSize }),
          );

          await pipeline.done;

          for (let end = 0; end <= 20 * inputs; end++) {
            const [least, most] = extremes(names, taken.slice(0, end));
            expect(most - least).toBeLessThanOrEqual(2);
          }
        },
      ),
      { numRuns: Math.min(runs, 200) },
    );
  });

  it.each([1, 2, 16])(
    'gives every source of a merge its share of a busy thread, with queues of %i',
    async (queueSize) => {
      const names = ['a', 'b', 'c'];
      const taken = new Map(names.map((name) => [name, 0]));
      const take = (name: string): void => void taken.set(name, (taken.get(name) ?? 0) + 1);
      function* endlessly(name: string): Generator<string> {
        for (const _ of endless()) yield name;
      }
      const pipeline = createPipeline(merging(names, endlessly, { run: take, queueSize }));

      for (let i = 0; i < 30; i++) await turn();
      await pipeline.stop();

      expect(Math.min(...taken.values())).toBeGreaterThan(Math.max(...taken.values()) / 3);
    },
  );
});

function* count(upTo: number): Generator<number> {
  for (let n = 0; n < upTo; n++) yield n;
}

/** Of items that are never all taken: a thread that never turns must fail a spec, not hang it. */
const endless = (): Generator<number> => count(50 * items);

function merging(
  names: readonly string[],
  source: (name: string) => Iterable<string>,
  merge: NodeObject,
): Definition {
  return {
    nodes: {
      ...Object.fromEntries(names.map((name) => [name, () => source(name)])),
      merge: { ...merge, aggregateInputs: false },
    },
    graph: { ...Object.fromEntries(names.map((name) => [name, ['merge']])), merge: null },
  };
}

function extremes(names: readonly string[], taken: readonly string[]): [number, number] {
  const counts = names.map((name) => taken.filter((from) => from === name).length);
  return [Math.min(...counts), Math.max(...counts)];
}

/** Counts items, and the most of them between two turns of the event loop. */
function countBetweenTurns() {
  const seen = { total: 0, most: 0, item, until };
  let sinceTurn = 0;

  function item(): void {
    seen.total++;
    sinceTurn++;
    if (sinceTurn > seen.most) seen.most = sinceTurn;
  }

  async function until(end: Promise<unknown>): Promise<void> {
    let isOver = false;
    const ended = end.finally(() => {
      isOver = true;
    });
    while (!isOver) {
      sinceTurn = 0;
      await turn();
    }
    await ended;
  }

  return seen;
}

const feeding: Record<'push' | 'call' | 'emit', (item: () => void) => AnyPipeline> = {
  push: (item) => {
    const pipeline = createPipeline({
      nodes: { n: inlet<number>(), sink: item },
      graph: { n: ['sink'], sink: null },
    });
    void (async () => {
      for (const n of count(items / 10)) await pipeline.push(n);
      pipeline.close();
    })();
    return pipeline;
  },
  call: (item) => {
    const pipeline = createPipeline({
      nodes: { n: inlet<number>(), sink: item },
      graph: { n: ['sink'], sink: null },
    });
    void (async () => {
      for (const n of count(items / 10)) await pipeline.call(n);
      pipeline.close();
    })();
    return pipeline;
  },
  emit: (item) =>
    createPipeline({
      nodes: {
        source: async ({ emit }: { emit(n: number): Promise<void> }) => {
          for (const n of count(items / 10)) await emit(n);
        },
        sink: item,
      },
      graph: { source: ['sink'], sink: null },
    } as Definition),
};
