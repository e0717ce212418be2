import { AsyncLocalStorage } from 'node:async_hooks';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inlet, Plumber, Pool } from '../../lib/index.ts';

const storage = new AsyncLocalStorage<number>();
const turn = (): Promise<void> => new Promise(setImmediate);

interface Job {
  readonly caller: number;
  readonly fails: boolean;
  readonly turns: number;
}

describe('a thousand callers on one pipeline with three pools', () => {
  it('each get their own answer or their own error, in their own context, whoever fails or leaves', async () => {
    const job = fc.record({
      fails: fc.boolean(),
      turns: fc.nat(2),
      leavesAfter: fc.option(fc.nat(30), { freq: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(job, { minLength: 1000, maxLength: 1000 }), async (jobs) => {
        const pools = {
          cpu: new Pool({ concurrency: 2 }),
          db: new Pool({ concurrency: 5 }),
          api: new Pool({ concurrency: 20 }),
        };
        const foreign: unknown[] = [];
        const work = async (given: Job): Promise<Job> => {
          for (let i = 0; i < given.turns; i++) await turn();
          if (storage.getStore() !== given.caller) foreign.push([given.caller, storage.getStore()]);
          return given;
        };
        const pipeline = new Plumber(
          {
            nodes: {
              job: inlet<Job>(),
              cpu: { run: work, pool: 'cpu' },
              db: { run: work, pool: { name: 'db', priority: 1 } },
              api: {
                run: async (given: Job) => {
                  if (given.fails) throw new Error(`failed ${given.caller}`);
                  return work(given);
                },
                pool: 'api',
              },
              answer: ({ cpu, db, api }: { cpu: Job; db: Job; api: Job }) =>
                [cpu, db, api].map(({ caller }) => caller),
            },
            graph: { job: ['cpu', 'db', 'api'], cpu: ['answer'], db: ['answer'], api: ['answer'] },
          },
          { pools, defaults: { concurrency: 8 } },
        ).createPipeline();
        const outcomes = await Promise.allSettled(
          jobs.map(({ fails, turns, leavesAfter }, caller) =>
            storage.run(caller, async () => {
              const controller = new AbortController();
              const call = pipeline.call({ caller, fails, turns }, { signal: controller.signal });
              if (leavesAfter !== null) {
                void (async () => {
                  for (let i = 0; i < leavesAfter; i++) await turn();
                  controller.abort();
                })();
              }
              return call;
            }),
          ),
        );
        const summary = await pipeline.stop();
        for (const [caller, outcome] of outcomes.entries()) {
          const { fails, leavesAfter } = jobs[caller] as (typeof jobs)[number];
          if (outcome.status === 'fulfilled') {
            expect(fails).toBe(false);
            expect(outcome.value).toEqual({ answer: [[caller, caller, caller]] });
          } else if (outcome.reason.code === 'ABORTED') expect(leavesAfter).not.toBeNull();
          else {
            expect(outcome.reason).toMatchObject({ code: 'PROCESSOR', node: 'api' });
            expect(outcome.reason.cause.message).toBe(`failed ${caller}`);
          }
        }
        expect(foreign).toEqual([]);
        expect(Object.values(pools).map(({ running, waiting }) => [running, waiting])).toEqual([
          [0, 0],
          [0, 0],
          [0, 0],
        ]);
        for (const { queued } of summary.edges) expect(queued).toBe(0);
        for (const { inFlight } of Object.values(summary.nodes)) expect(inFlight).toBe(0);
      }),
      { numRuns: 5 },
    );
  });
});
