import { AsyncLocalStorage } from 'node:async_hooks';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inlet, type NodeSpec, Plumber } from '../../lib/index.ts';

const storage = new AsyncLocalStorage<string>();
const here = (): string => storage.getStore() ?? 'nobody';
const turn = (): Promise<void> => new Promise(setImmediate);

/**
 * Works in its caller's context at once, after a promise or a turn of the event loop, item by item, by key, or again; or in
 * the owner's on several, and gives each back to its caller.
 */
const ways = [
  'plain',
  'async',
  'turn',
  'generator',
  'async generator',
  'keyed',
  'retried',
  'scattered',
] as const;
type Way = (typeof ways)[number];

interface Job {
  readonly who: string;
  readonly seen: string[];
}

function working(way: Way): NodeSpec {
  const see = (job: Job): Job => {
    job.seen.push(here());
    return job;
  };
  switch (way) {
    case 'plain':
      return see;
    case 'async':
      return async (job: Job) => {
        see(job);
        await null;
        return see(job);
      };
    case 'turn':
      return async (job: Job) => {
        await turn();
        return see(job);
      };
    case 'keyed':
      return {
        run: see,
        keyBy: (job: Job) => see(job).who,
      };
    case 'retried': {
      const tried = new Set<Job>();
      return {
        run: async (job: Job) => {
          see(job);
          await turn();
          if (tried.has(job)) return see(job);
          tried.add(job);
          throw new Error('again');
        },
        retry: {
          attempts: 2,
          delay: 0,
          if: (_error, _attempts, { payload }) => see(payload as Job) === payload,
        },
        timeout: 10_000,
        onError: (_error, { payload }) => (see(payload as Job) ? 'fail' : 'skip'),
      };
    }
    case 'scattered':
      return {
        run: async (jobs: readonly Job[]) => {
          const where = here();
          await turn();
          for (const { who, seen } of jobs) seen.push(where === 'owner' && here() === 'owner' ? who : where);
          return jobs.map((job, i) => (i % 2 === 0 ? job : turn().then(() => job)));
        },
        batch: { size: 3, within: 0, scatter: true },
      };
    case 'generator':
      return function* (job: Job) {
        yield see(job);
        see(job);
      };
    case 'async generator':
      return async function* (job: Job) {
        await turn();
        yield see(job);
        await null;
        see(job);
      };
  }
}

/** A chain of nodes that note in whose context they run. */
function chain(chosen: readonly Way[], concurrency: number): Plumber<{ jobs: Job }, Record<string, unknown>> {
  const names = chosen.map((_, i) => `n${i}`);
  const all = ['jobs', ...names];
  return new Plumber(
    {
      nodes: Object.fromEntries([
        ['jobs', inlet<Job>()],
        ...chosen.map((way, i): [string, NodeSpec] => [`n${i}`, working(way)]),
      ]) as Record<string, NodeSpec>,
      graph: Object.fromEntries(all.map((name, i) => [name, all.slice(i + 1, i + 2)])),
    },
    { defaults: { concurrency, queueSize: 2 } },
  ) as unknown as Plumber<{ jobs: Job }, Record<string, unknown>>;
}

describe('law 10: isolation', () => {
  it('runs each function in the async context of the caller whose input it works on', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...ways), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 3 }),
        fc.array(fc.record({ who: fc.constantFrom('ann', 'bob', 'cy'), push: fc.boolean() }), {
          minLength: 1,
          maxLength: 8,
        }),
        async (chosen, concurrency, callers) => {
          const pipeline = storage.run('owner', () => chain(chosen, concurrency).createPipeline());
          const heard: [string, string][] = [];
          pipeline.on('message', ({ message }) => heard.push([(message.payload as Job).who, here()]));
          const jobs = callers.map(({ who }) => ({ who, seen: [] as string[] }));
          await Promise.all(
            callers.map(({ who, push }, i) => {
              const job = jobs[i] as Job;
              return storage.run(who, async () => {
                if (push) await pipeline.push(job);
                else await pipeline.call(job);
                expect(here()).toBe(who);
              });
            }),
          );
          await pipeline.stop();
          for (const { who, seen } of jobs) expect(new Set(seen)).toEqual(new Set([who]));
          for (const [who, where] of heard) expect(where).toBe(who);
        },
      ),
    );
  });

  it('runs sources, setups, teardowns and the listeners of a pipeline in the context it was created in', async () => {
    const seen: string[] = [];
    const see = (what: string): void => {
      seen.push(`${what} ${here()}`);
    };
    const create = (who: string): Promise<unknown> =>
      storage.run(who, async () => {
        const plumber = new Plumber({
          nodes: {
            generated: {
              *run() {
                see(who);
                yield 1;
                see(who);
              },
              setup: () => see(who),
              teardown: () => see(who),
            },
            emitted: async ({ emit }: { emit(value: number): Promise<void> }) => {
              see(who);
              await emit(1);
              see(who);
            },
            both: async () => {
              see(who);
              await turn();
              see(who);
            },
          },
          graph: { generated: ['both'], emitted: ['both'] },
        });
        const pipeline = plumber.createPipeline();
        pipeline.on('end', () => see(who));
        return storage.run('somebody else', () => pipeline.done);
      });
    await Promise.all(['ann', 'bob', 'cy'].map(create));
    for (const line of seen) expect(line).toMatch(/^(\w+) \1$/);
    expect(seen).toHaveLength(3 * 9);
  });

  it('gives a row of several callers the context of its first branch', async () => {
    const seen: string[] = [];
    const pipeline = new Plumber({
      nodes: {
        a: inlet<number>(),
        b: inlet<number>(),
        both: ({ a, b }: { a: number; b: number }) => {
          seen.push(here());
          return a + b;
        },
      },
      graph: { a: ['both'], b: ['both'] },
    }).createPipeline();
    const calls = [
      storage.run('bob', () => pipeline.inlet('b').call(2)),
      storage.run('ann', () => pipeline.inlet('a').call(1)),
    ];
    expect(await Promise.all(calls)).toEqual([{ both: [3] }, { both: [3] }]);
    expect(seen).toEqual(['ann']);
    await pipeline.stop();
  });

  it('does not let the context of one pipeline into the next, whoever wakes it', async () => {
    const seen: [string, string][] = [];
    const create = (who: string): Promise<unknown> => {
      const pipeline = new Plumber({
        nodes: {
          *numbers() {
            for (let n = 0; n < 50; n++) yield n;
          },
          note: async (n: number) => {
            if (n % 7 === 0) await turn();
            seen.push([who, here()]);
          },
        },
        graph: { numbers: ['note'] },
      }).createPipeline();
      return pipeline.done;
    };
    await Promise.all([
      create('nobody'),
      ...['ann', 'bob'].map((who) => storage.run(who, () => create(who))),
      create('nobody'),
    ]);
    for (const [who, where] of seen) expect(where).toBe(who);
    expect(seen).toHaveLength(200);
  });
});
