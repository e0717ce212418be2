import fc from 'fast-check';
import { inlet, Plumber, type SourceContext } from 'sluice';
import { ExplorationError, explore, graphs, simulate } from 'sluice/testing';
import { describe, expect, it } from 'vitest';
import { rejectionOf } from '../support/rejection.ts';

const words = ['a', 'b', 'c'];

/** Reads, waits, writes: two calls at once may read the same. */
function racing(): Plumber<{ word: string }, { counted: number }> {
  let count = 0;
  const counted = async (_: string): Promise<number> => {
    const before = count;
    await undefined;
    count = before + 1;
    return count;
  };
  return new Plumber({
    nodes: { word: inlet<string>(), counted: { run: counted, concurrency: 2 } },
    graph: { word: ['counted'] },
  });
}

/** Keeps the last one it was given, under the belief that the other branch has not begun with the next. */
function leaking(): Plumber<{ id: number }, { page: unknown }> {
  let current = 0;
  return new Plumber({
    nodes: {
      id: inlet<number>(),
      user: async (id: number) => {
        current = id;
        return id;
      },
      orders: async (id: number) => [id, current],
      page: ({ orders }: { user: number; orders: number[] }) => orders,
    },
    graph: { id: ['user', 'orders'], user: ['page'], orders: ['page'] },
  });
}

describe('the options of explore', () => {
  it.for([
    [{ run: 5 }, 'unknown-option', 'run'],
    [{ runs: 0 }, 'bad-option', 'runs'],
    [{ mode: 'sytematic' }, 'bad-option', 'mode'],
    [{ seed: 'x' }, 'bad-option', 'seed'],
    [{ replay: 'abc' }, 'bad-option', 'replay'],
  ] as const)('cannot be %j', async ([options, code, option]) => {
    expect(await rejectionOf(explore(racing, { word: words }, () => true, options as object))).toMatchObject({
      problems: [{ code, path: `options.${option}` }],
    });
  });
});

describe('explore', () => {
  it.each(['random', 'systematic'] as const)(
    'finds a planted race in a stateful function within 1000 runs: %s',
    async (mode) => {
      const property = ({ outputs }: { outputs: { counted: readonly number[] } }): void =>
        expect(outputs.counted).toContain(words.length);
      for (let seed = 1; seed <= 5; seed++) {
        const error = await rejectionOf(
          explore(racing, { word: words }, property, { runs: 1000, seed, mode }),
        );

        expect(error).toBeInstanceOf(ExplorationError);
        const { message, steps, replay } = error as ExplorationError;
        expect(message).toContain(`of seed ${seed}`);
        expect(message).toContain(replay);
        expect(steps).toContainEqual(expect.stringMatching(/^counted takes "[abc]", and at once$/));
        expect(steps[0]).toBe('word receives "a" -> counted');
      }
    },
  );

  it('finds what one branch leaves for another', async () => {
    const error = await rejectionOf(
      explore(
        leaking,
        { id: [1, 2, 3] },
        ({ outputs }) => {
          expect(outputs.page.map((row) => (row as number[])[0])).toEqual([1, 2, 3]);
          for (const [id, current] of outputs.page as number[][]) expect(current).toBe(id);
        },
        { runs: 1000, seed: 1 },
      ),
    );

    expect(error).toMatchObject({ name: 'ExplorationError', cause: { name: 'AssertionError' } });
  });

  it('repeats a run from its seed, and a failure from its replay', async () => {
    const trace = async (options: object): Promise<string> => {
      let last = '';
      const failed = explore(
        racing,
        { word: words },
        ({ outputs, steps }) => {
          last = steps.join('\n');
          return outputs.counted.includes(3);
        },
        { runs: 1000, ...options },
      );
      const error = (await rejectionOf(failed)) as ExplorationError;
      expect(error.message).toContain(error.steps[0]);
      return `${error.message.split('\n')[0]}${error.replay}${last}`;
    };

    expect(await trace({ seed: 7 })).toBe(await trace({ seed: 7 }));
    const error = await rejectionOf(
      explore(racing, { word: words }, ({ outputs }) => outputs.counted.includes(3), { runs: 1000, seed: 7 }),
    );
    const { replay, steps } = error as ExplorationError;
    const again = await rejectionOf(
      explore(racing, { word: words }, ({ outputs }) => outputs.counted.includes(3), { replay }),
    );
    expect(again).toMatchObject({ replay, steps });
  });

  it('shrinks the schedule: whatever need not be out of order is not', async () => {
    const error = (await rejectionOf(
      explore(racing, { word: words }, ({ outputs }) => outputs.counted.includes(3), { runs: 1000, seed: 3 }),
    )) as ExplorationError;

    expect(error.replay.split('.').filter((pick) => pick !== '0').length).toBeLessThanOrEqual(3);
    expect(error.steps.filter((step) => step.endsWith('at once')).length).toBeLessThanOrEqual(2);
  });

  it('passes what holds, and counts the schedules', async () => {
    const plumber = new Plumber({
      nodes: {
        word: inlet<string>(),
        upper: { run: async (word: string) => word.toUpperCase(), concurrency: 3 },
      },
      graph: { word: ['upper'] },
    });
    const holds = ({
      outputs,
      summary,
      error,
    }: {
      outputs: { upper: readonly string[] };
      summary: { nodes: object };
      error?: unknown;
    }): void =>
      expect({ ...outputs, error, ...summary.nodes }).toMatchObject({
        upper: { processed: 3 },
        error: undefined,
      });

    expect(await explore(plumber, { word: words }, holds, { runs: 50, seed: 1 })).toBe(50);
    // One input, nothing beside it: few ways to go.
    expect(await explore(plumber, { word: [] }, () => true, { runs: 50, mode: 'systematic' })).toBe(1);
    expect(await explore(plumber, {}, () => true, { runs: 3 })).toBe(3);
  });

  it('says of failures what they did, in the words of the graph', async () => {
    const plumber = new Plumber({
      nodes: {
        pulled: function* () {
          yield 1;
        },
        sent: async ({ emit }: SourceContext<number>) => {
          await emit(2);
        },
        twice: { run: (n: number) => [n, n], many: true },
        merged: { run: (n: number) => (n === 1 ? null : n), aggregateInputs: false },
        bad: {
          run: () => {
            throw new Error('bad');
          },
          onError: 'skip',
        },
      },
      graph: { pulled: ['twice'], twice: ['merged'], sent: ['merged', 'bad'] },
    });
    let steps: readonly string[] = [];
    await explore(
      plumber,
      {},
      (run) => {
        steps = run.steps;
      },
      { runs: 1, mode: 'systematic' },
    );

    expect([...steps].sort()).toEqual([
      '2 of merged is read',
      'bad fails on 2: Error: bad',
      'bad takes 2',
      'merged gives 2',
      'merged is done with 1',
      'merged is done with 1',
      'merged takes 1',
      'merged takes 1',
      'merged takes 2',
      'pulled sends 1 -> twice',
      'sent sends 2 -> merged, bad',
      'twice gives 1 -> merged',
      'twice gives 1 -> merged',
      'twice takes 1',
    ]);
  });

  it('hands the property a failure of the pipeline, and takes a false for a failure', async () => {
    const plumber = new Plumber({
      nodes: {
        n: inlet<number>(),
        f: () => {
          throw new Error('broken');
        },
      },
      graph: { n: ['f'] },
    });
    const errors: unknown[] = [];
    await explore(plumber, { n: [1] }, ({ error }) => errors.push(error), { runs: 1 });
    expect(errors).toMatchObject([{ code: 'PROCESSOR', node: 'f' }]);

    const failed = explore(plumber, { n: [1] }, async () => false, { runs: 1 });
    expect(await rejectionOf(failed)).toMatchObject({
      message: expect.stringContaining('the property is false'),
    });
  });

  it('says when a graph stands still', async () => {
    const plumber = new Plumber({
      nodes: {
        endless: async ({ signal }: SourceContext<number>) => {
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
        },
        f: (n: number) => n,
      },
      graph: { endless: ['f'] },
    });

    expect(await rejectionOf(explore(plumber, {}, () => true, { runs: 1 }))).toMatchObject({
      message: expect.stringContaining('stands still; nothing is in its queues'),
    });
  });

  it('waits for functions that take their time', async () => {
    const plumber = new Plumber({
      nodes: {
        n: inlet<number>(),
        slow: async (n: number) => {
          for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
          return n;
        },
      },
      graph: { n: ['slow'] },
    });

    expect(
      await explore(plumber, { n: [1, 2] }, ({ outputs }) => outputs.slow.length === 2, { runs: 5 }),
    ).toBe(5);
  });

  it('lets time pass when nothing else is left to happen: a retry was taken for a graph that stands still', async () => {
    const tried = new Map<number, number>();
    const plumber = new Plumber({
      nodes: {
        n: inlet<number>(),
        flaky: {
          run: (n: number) => {
            const attempts = (tried.get(n) ?? 0) + 1;
            tried.set(n, attempts % 3);
            if (attempts < 3) throw new Error('flaky');
            return n;
          },
          retry: { attempts: 3, delay: 1000, jitter: 0 },
        },
      },
      graph: { n: ['flaky'] },
    });
    let seen: readonly string[] = [];

    await explore(
      plumber,
      { n: [1, 2] },
      ({ outputs, steps }) => {
        seen = steps;
        expect(outputs.flaky).toEqual([1, 2]);
      },
      { runs: 20 },
    );

    expect(seen.filter((step) => step.endsWith('ms pass'))).toHaveLength(4);
  });

  it('has functions that never settle run out of their time', async () => {
    const deaf = { run: () => new Promise<void>(() => {}), timeout: 20, onError: 'skip' as const };
    const plumber = new Plumber({ nodes: { n: inlet<number>(), deaf }, graph: { n: ['deaf'] } });

    await explore(plumber, { n: [1, 2] }, ({ summary }) => expect(summary.nodes.deaf?.failed).toBe(2), {
      runs: 2,
    });
  });

  it('finds nothing in random graphs: law 5 under every schedule', async () => {
    await fc.assert(
      fc.asyncProperty(
        graphs({ merges: false, completion: false, mostItems: 5 }),
        fc.nat(),
        async ({ definition, inputs }, seed) => {
          const plumber = new Plumber(definition);
          const expected = await simulate(plumber, inputs);

          await explore(plumber, inputs, ({ outputs }) => expect(outputs).toEqual(expected), {
            runs: 5,
            seed,
          });
        },
      ),
      { numRuns: 50 },
    );
  });
});
