import { AsyncLocalStorage } from 'node:async_hooks';
import fc from 'fast-check';
import { inlet, Plumber } from 'sluice';
import { virtualClock, withoutLeaks } from 'sluice/testing';
import { describe, expect, it } from 'vitest';
import { turn } from '../support/turns.ts';

const storage = new AsyncLocalStorage<number>();
const CALLERS = 1000;

/** A shared pipeline whose lookups are gathered, at a clock that nobody advances but the spec. */
function lookups(size: number) {
  const queries: number[] = [];
  const foreign: unknown[] = [];
  const clock = virtualClock();
  const mine = (id: number): void => {
    if (storage.getStore() !== id) foreign.push([id, storage.getStore()]);
  };
  const plumber = new Plumber(
    {
      nodes: {
        id: inlet<number>(),
        row: {
          run: async (ids: readonly number[]) => {
            queries.push(ids.length);
            if (storage.getStore() !== -1) foreign.push(['query', storage.getStore()]);
            await turn();
            return ids.map((id) => ({ id, name: `customer ${id}` }));
          },
          batch: { size, within: 10, scatter: true },
        },
        text: (row: { id: number; name: string }) => {
          mine(row.id);
          return `${row.name} for ${storage.getStore()}`;
        },
        later: async (row: { id: number }) => {
          await turn();
          mine(row.id);
          return row.id;
        },
        answer: ({ text, later }: { text: string; later: number }) => {
          mine(later);
          return text;
        },
      },
      graph: { id: ['row'], row: ['text', 'later'], text: ['answer'], later: ['answer'] },
    },
    { clock },
  );
  return { clock, queries, foreign, pipeline: storage.run(-1, () => plumber.createPipeline()) };
}

describe('a thousand calls at once, whose lookups are gathered', () => {
  it('become a handful of queries, and each gets its own row in its own async context', async () => {
    await withoutLeaks(async () => {
      const { clock, queries, foreign, pipeline } = lookups(100);

      const answers = await Promise.all(
        [...Array(CALLERS).keys()].map((id) => storage.run(id, () => pipeline.call(id))),
      );

      expect(answers).toEqual(answers.map((_, id) => ({ answer: [`customer ${id} for ${id}`] })));
      expect(queries).toEqual(Array(10).fill(100));
      expect(foreign).toEqual([]);
      expect(clock.pending).toBe(0);
      expect((await pipeline.stop()).nodes.row).toMatchObject({ received: CALLERS, processed: CALLERS });
    });
  });

  it('get it or their own error, whoever leaves at whatever moment, and whatever the size', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 60 }),
        fc.array(fc.option(fc.nat(20)), { minLength: 1, maxLength: 200 }),
        async (size, leavers) => {
          const { clock, queries, foreign, pipeline } = lookups(size);
          let areSettled = false;
          const outcomes = Promise.allSettled(
            leavers.map((leavesAfter, id) =>
              storage.run(id, async () => {
                const controller = new AbortController();
                const call = pipeline.call(id, { signal: controller.signal });
                call.catch(() => {});
                if (leavesAfter !== null) {
                  for (let i = 0; i < leavesAfter; i++) await turn();
                  controller.abort();
                }
                return call;
              }),
            ),
          ).finally(() => {
            areSettled = true;
          });
          while (!areSettled) await clock.advance(10);

          for (const [id, outcome] of (await outcomes).entries()) {
            if (outcome.status === 'fulfilled')
              expect(outcome.value).toEqual({ answer: [`customer ${id} for ${id}`] });
            else expect([leavers[id] !== null, outcome.reason.code]).toEqual([true, 'ABORTED']);
          }
          expect(foreign).toEqual([]);
          expect(queries.filter((asked) => asked < 1 || asked > size)).toEqual([]);
          await pipeline.stop();
          expect(clock.pending).toBe(0);
        },
      ),
      { numRuns: 50 },
    );
  });
});
