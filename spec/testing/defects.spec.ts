import fc from 'fast-check';
import { createPipeline, inlet, Plumber } from 'sluice';
import {
  explore,
  graphs,
  simulate,
  sinkProbe,
  sourceProbe,
  virtualClock,
  withoutLeaks,
} from 'sluice/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { rejectionOf } from '../support/rejection.ts';
import { forgottenTeardown, joinByArrival, lostWakeUp, offByOneCapacity } from './mutants.ts';

const determinate = { merges: false, completion: false } as const;

/** What a user of the kit writes; each holds for the engine as it is. */
const checks = {
  async 'graphs() and simulate()'() {
    await fc.assert(
      fc.asyncProperty(graphs({ ...determinate, mostItems: 5 }), async ({ definition, inputs }) => {
        const plumber = new Plumber(definition, { clock: virtualClock() });
        const expected = await simulate(plumber, inputs);
        await explore(plumber, inputs, ({ outputs }) => expect(outputs).toEqual(expected), {
          runs: 1,
          seed: 1,
        });
      }),
      { seed: 2 },
    );
  },

  async 'graphs() and explore()'() {
    await fc.assert(
      fc.asyncProperty(graphs({ mostItems: 5 }), fc.nat(), async ({ definition, inputs }, seed) => {
        const plumber = new Plumber(definition, { clock: virtualClock() });
        await explore(plumber, inputs, ({ error }) => expect(error).toBeUndefined(), { runs: 2, seed });
      }),
      { seed: 1, numRuns: 50 },
    );
  },

  async 'a source and a sink probe'() {
    const source = sourceProbe<number>();
    const out = sinkProbe<number>({ queueSize: 2 });
    const pipeline = createPipeline({ nodes: { source, out }, graph: { source: ['out'] } });
    try {
      // One in its hands, two in its queue.
      for (const n of [1, 2, 3]) await source.send(n);
      void source.send(4);
      await source.expectBlocked();
    } finally {
      pipeline.abort();
      await pipeline.stop();
    }
  },

  async 'withoutLeaks()'() {
    const timers: NodeJS.Timeout[] = [];
    const polled = {
      run: (n: number) => n,
      setup: () => {
        timers.push(setInterval(() => {}, 1_000_000));
      },
      teardown: () => clearInterval(timers.pop()),
    };
    try {
      await withoutLeaks(async () => {
        await using pipeline = createPipeline({
          nodes: { n: inlet<number>(), polled },
          graph: { n: ['polled'] },
        });
        await pipeline.call(1);
      });
    } finally {
      for (const timer of timers) clearInterval(timer);
    }
  },
};

describe.each<[string, keyof typeof checks, () => () => void, RegExp]>([
  ['a join by arrival', 'graphs() and simulate()', joinByArrival, /Counterexample: \[(\n.*){2,5}<- .*join/],
  ['a lost wake-up', 'graphs() and explore()', lostWakeUp, /stands still/],
  ['an off-by-one capacity', 'a source and a sink probe', offByOneCapacity, /expected a full queue/],
  ['a forgotten teardown', 'withoutLeaks()', forgottenTeardown, /timers and handles: Timeout/],
])('%s', (_, check, plant, words) => {
  let restore = (): void => {};
  afterEach(() => restore());

  it(`is found by ${check}`, async () => {
    restore = plant();
    const found = await rejectionOf(checks[check]());

    expect(allOf(found)).toMatch(words);
  });

  it('is not found where it is not', async () => {
    await checks[check]();
  });
});

/** An error with its causes. */
function allOf(error: unknown): string {
  return error instanceof Error ? `${error.message}\n${allOf(error.cause)}` : '';
}
