import { AsyncLocalStorage } from 'node:async_hooks';
import fc from 'fast-check';
import { virtualClock } from 'sluice/testing';
import { describe, expect, it } from 'vitest';
import { createPipeline, type Definition, inlet, type NodeOptions, Plumber, Pool } from '../../lib/index.ts';
import { type AttemptHost, LET_GO } from '../../lib/processor/attempt.ts';
import type { CallContext } from '../../lib/processor/context.ts';
import { pooling } from '../../lib/processor/pooling.ts';
import { Turns } from '../../lib/support/turns.ts';
import { gate } from '../support/gate.ts';
import { unhandledDuring } from '../support/unhandled.ts';

const turn = (): Promise<void> => new Promise(setImmediate);
const storage = new AsyncLocalStorage<string>();

/** Notes how many are inside, and how many ever were at once. */
class Gauge {
  now = 0;
  most = 0;

  async pass<T>(value: T, turns: number): Promise<T> {
    this.now++;
    this.most = Math.max(this.most, this.now);
    for (let i = 0; i < turns; i++) await turn();
    this.now--;
    return value;
  }
}

describe('a pool', () => {
  it('limits the calls of all nodes and pipelines that share it, each in its own async context', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.record({ who: fc.constantFrom('ann', 'bob', 'cy'), turns: fc.nat(2) }), {
          minLength: 1,
          maxLength: 12,
        }),
        async (limit, concurrency, callers) => {
          const gauge = new Gauge();
          const seen: string[] = [];
          const work = async ({ who, turns }: { who: string; turns: number }) => {
            seen.push(`${who} ${storage.getStore()}`);
            return gauge.pass({ who, turns }, turns);
          };
          const pool = new Pool({ concurrency: limit });
          const plumber = new Plumber(
            {
              nodes: {
                job: inlet<{ who: string; turns: number }>(),
                first: { run: work, pool: 'shared' },
                second: { run: work, pool: { name: 'shared', priority: 1 } },
              },
              graph: { job: ['first'], first: ['second'] },
            },
            { pools: { shared: pool }, defaults: { concurrency } },
          );
          const pipelines = [plumber.createPipeline(), plumber.createPipeline()];
          const calls = callers.map((caller, i) =>
            storage.run(caller.who, async () => pipelines[i % 2]?.call(caller)),
          );
          await turn();
          // Only calls that have begun wait in the pool: the rest is in the queues.
          expect(pool.waiting).toBeLessThanOrEqual(2 * 2 * concurrency);
          expect(await Promise.all(calls)).toEqual(callers.map((caller) => ({ second: [caller] })));
          await Promise.all(pipelines.map((pipeline) => pipeline.stop()));
          expect(gauge.most).toBeLessThanOrEqual(limit);
          for (const line of seen) expect(line).toMatch(/^(\w+) \1$/);
          expect([pool.running, pool.waiting]).toEqual([0, 0]);
        },
      ),
    );
  });

  it('frees the places of an aborted pipeline at once, of deaf functions, too', async () => {
    const pool = new Pool({ concurrency: 1 });
    const deaf = new Plumber(
      {
        nodes: { n: inlet<number>(), f: { run: () => new Promise(() => {}), pool: 'p', concurrency: 3 } },
        graph: { n: ['f'] },
      },
      { pools: { p: pool } },
    );
    const first = deaf.createPipeline({ grace: 0 });
    const calls = [first.call(1), first.call(2)].map((call) => call.catch(({ code }) => code));
    await turn();
    expect([pool.running, pool.waiting]).toEqual([1, 1]);
    first.abort();
    await turn();
    expect([pool.running, pool.waiting]).toEqual([0, 0]);
    expect(await Promise.all(calls)).toEqual(['ABORTED', 'ABORTED']);
    await expect(first.done).rejects.toMatchObject({ stragglers: ['f'] });
  });

  it.for([
    ['at once', 1],
    ['when it had to wait for its turn', 2],
  ] as const)(
    'gets back the place of a function that aborts its own pipeline and stays deaf, called %s',
    async ([, calls]) => {
      const pool = new Pool({ concurrency: 1 });
      let called = 0;
      const plumber = new Plumber(
        {
          nodes: {
            n: inlet<number>(),
            f: {
              run: async (): Promise<void> => {
                if (++called < calls) return turn();
                pipeline.abort();
                return new Promise(() => {});
              },
              pool: 'p',
              concurrency: 2,
            },
          },
          graph: { n: ['f'] },
        },
        { pools: { p: pool } },
      );
      const pipeline = plumber.createPipeline({ grace: 0 });

      const answers = Array.from({ length: calls }, (_, n) => pipeline.call(n));

      await expect(answers.at(-1)).rejects.toMatchObject({ code: 'ABORTED' });
      await expect(pipeline.done).rejects.toMatchObject({ stragglers: ['f'] });
      expect([pool.running, pool.waiting]).toEqual([0, 0]);
    },
  );

  it('begins none of those that wait for room that an abort makes, if it ends them, too', async () => {
    const controller = new AbortController();
    const told = new Set<() => void>();
    const node = {
      ...{ scopeOf: () => undefined, paused: () => {} },
      onAbort: (callback: () => void) => {
        told.add(callback);
        return () => told.delete(callback);
      },
    } as unknown as AttemptHost;
    const context = { message: { origin: {} }, signal: controller.signal } as unknown as CallContext;
    const called: unknown[] = [];
    const deaf = (n: unknown): Promise<never> => {
      called.push(n);
      return new Promise(() => {});
    };
    // Unlike those of a pool, their turns come at once.
    const run = pooling(deaf, { pool: new Turns(1), priority: 0 }, false, node);
    void run(1, context);
    const second = run(2, context) as Promise<unknown>;

    controller.abort();
    for (const tell of told) tell();

    expect(await second.catch((reason) => reason)).toBe(LET_GO);
    expect(called).toEqual([1]);
  });

  it('takes no notice of what an aborted pipeline returns to it later', async () => {
    const pool = new Pool({ concurrency: 1 });
    const { opened, open } = gate();
    const run = (n: number): Promise<number> => opened.then(() => n);
    const plumber = new Plumber(
      { nodes: { n: inlet<number>(), f: { run, pool: 'p' } }, graph: { n: ['f'] } },
      { pools: { p: pool } },
    );
    const [aborted, other] = [plumber.createPipeline({ grace: 0 }), plumber.createPipeline()];
    const gone = aborted.call(1).catch(({ code }) => code);
    const call = other.call(2);
    await turn();

    const unhandled = await unhandledDuring(async () => {
      aborted.abort();
      await turn();
      expect([pool.running, pool.waiting]).toEqual([1, 0]);
      open();
      await aborted.done.catch(() => {});
    });

    expect(unhandled).toEqual([]);
    expect(await Promise.all([gone, call])).toEqual(['ABORTED', { f: [2] }]);
    await other.stop();
    expect([pool.running, pool.waiting]).toEqual([0, 0]);
  });

  it.for([
    ['', {}],
    ['with retry', { retry: { attempts: 2 } }],
  ] as const)('skips what a node that gives many gives nothing for %s', async ([, options]) => {
    const pipeline = createPipeline(
      {
        nodes: { n: inlet<number>(), f: { run: (): null => null, many: true, pool: 'p', ...options } },
        graph: { n: ['f'] },
      } as Definition,
      { pools: { p: { concurrency: 1 } } },
    );

    expect(await pipeline.call(1)).toEqual({ f: [] });
    expect((await pipeline.stop()).nodes.f).toMatchObject({ skipped: 1, failed: 0 });
  });

  it('gives up the turn of a call that is aborted, and of no other', async () => {
    const gates: (() => void)[] = [];
    const pool = new Pool({ concurrency: 1 });
    const pipeline = createPipeline(
      {
        nodes: {
          n: inlet<number>(),
          f: {
            run: (n: number) => new Promise<number>((resolve) => gates.push(() => resolve(n))),
            pool: 'p',
            concurrency: 3,
          },
        },
        graph: { n: ['f'] },
      },
      { pools: { p: pool } },
    );
    const controller = new AbortController();
    const calls = [
      pipeline.call(1),
      pipeline.call(2, { signal: controller.signal }).catch(({ code }) => code),
      pipeline.call(3),
    ];
    await turn();
    controller.abort();
    for (let i = 0; i < 2; i++) {
      gates[i]?.();
      await turn();
    }
    expect(await Promise.all(calls)).toEqual([{ f: [1] }, 'ABORTED', { f: [3] }]);
    expect(gates).toHaveLength(2);
    await pipeline.stop();
  });

  it.for<[string, NodeOptions, object]>([
    ['', {}, { discarded: 1 }],
    ['with retry', { retry: { attempts: 3 } }, { discarded: 1 }],
    ['with keyBy', { keyBy: (who: string) => who }, { discarded: 1 }],
    ['of many', { many: true }, { discarded: 1 }],
    ['in a batch', { batch: { size: 1, within: 10, scatter: true } }, { discarded: 1 }],
  ])(
    'lets go a call that is aborted before its turn, which is no failure %s',
    async ([, options, counts]) => {
      const { opened, open } = gate();
      const told: unknown[] = [];
      const called: unknown[] = [];
      const pool = new Pool({ concurrency: 1 });
      const pipeline = createPipeline(
        {
          nodes: {
            n: inlet<string>(),
            f: {
              run: async (who: unknown) => {
                called.push(who);
                await opened;
                return [1];
              },
              pool: 'p',
              concurrency: 2,
              onError: 'dead-letter',
              ...options,
            },
          },
          graph: { n: ['f'] },
        } as Definition,
        { pools: { p: pool } },
      );
      pipeline.on('error', (event) => told.push(event));
      pipeline.on('deadLetter', (letter) => told.push(letter));
      const controller = new AbortController();
      const holds = pipeline.call('holds');
      const waits = pipeline.call('waits', { signal: controller.signal }).catch(({ code }) => code);
      for (let i = 0; i < 5; i++) await turn();

      controller.abort();
      expect(await waits).toBe('ABORTED');
      const stillWaiting = pool.waiting;
      open();
      await holds;
      const { nodes } = await pipeline.stop();

      expect(stillWaiting).toBe(0);
      expect(nodes.f).toMatchObject({ received: 2, processed: 1, failed: 0, deadLettered: 0, ...counts });
      expect({ told, calls: called.length }).toEqual({ told: [], calls: 1 });
    },
  );

  it('keeps the failure of a call that is aborted while it waits for another turn', async () => {
    const letters: unknown[] = [];
    const pool = new Pool({ concurrency: 1 });
    const { opened, open } = gate();
    const clock = virtualClock();
    const pipeline = createPipeline(
      {
        nodes: {
          n: inlet<string>(),
          f: {
            run: async (who: string) => {
              if (who === 'fails') throw new Error('no');
              await opened;
            },
            pool: 'p',
            ...{ concurrency: 2, onError: 'dead-letter', retry: { attempts: 3, delay: 10, jitter: 0 } },
          },
        },
        graph: { n: ['f'] },
      },
      { pools: { p: pool }, clock },
    );
    pipeline.on('deadLetter', ({ attempts, error }) =>
      letters.push([attempts, (error.cause as Error).message]),
    );
    const controller = new AbortController();
    const gone = pipeline.call('fails', { signal: controller.signal }).catch(({ code }) => code);
    for (let i = 0; i < 5; i++) await turn();
    const holds = pipeline.call('holds');
    await clock.advance(10);
    expect([pool.running, pool.waiting]).toEqual([1, 1]);

    controller.abort();
    expect(await gone).toBe('ABORTED');
    open();
    await holds;
    await pipeline.stop();

    expect(letters).toEqual([[1, 'no']]);
  });

  it.for([
    ['', {}],
    ['with retry', { retry: { attempts: 2 } }],
  ] as const)(
    'has a generator return that waits for its turn when its call is aborted %s',
    async ([, options]) => {
      const { opened, open } = gate();
      const { opened: cleaned, open: clean } = gate();
      const log: string[] = [];
      const pipeline = createPipeline(
        {
          nodes: {
            n: inlet<string>(),
            f: {
              async *run(who: string) {
                try {
                  if (who === 'holds') await opened;
                  yield 1;
                  yield 2;
                } finally {
                  await cleaned;
                  log.push(`${who} returned`);
                }
              },
              pool: 'p',
              concurrency: 2,
              teardown: () => void log.push('torn down'),
              ...options,
            },
            out: (n: number) => n,
          },
          graph: { n: ['f'], f: ['out'] },
        },
        { pools: { p: { concurrency: 1 } } },
      );
      pipeline.on('error', ({ error }) => log.push(String(error)));
      const controller = new AbortController();
      const waits = pipeline.call('waits', { signal: controller.signal }).catch(({ code }) => code);
      const holds = pipeline.call('holds');
      for (let i = 0; i < 10; i++) await turn();

      controller.abort();
      expect(await waits).toBe('ABORTED');
      open();
      const stopped = pipeline.stop();
      for (let i = 0; i < 10; i++) await turn();
      const logBefore = [...log];
      clean();

      expect(await holds).toEqual({ out: [1, 2] });
      expect((await stopped).nodes.f).toMatchObject({ received: 2, processed: 2, failed: 0 });
      expect(logBefore).toEqual([]);
      expect(log.at(-1)).toBe('torn down');
      expect(log.sort()).toEqual(['holds returned', 'torn down', 'waits returned']);
    },
  );

  it('is held by a generator while it makes an item, and not while the item waits to be accepted', async () => {
    const pool = new Pool({ concurrency: 1 });
    const running: number[] = [];
    const pipeline = createPipeline(
      {
        nodes: {
          n: inlet<number>(),
          items: {
            async *run(n: number) {
              for (let i = 0; i < n; i++) {
                await turn();
                running.push(pool.running);
                yield i;
              }
            },
            pool: 'p',
          },
          out: (i: number) => {
            running.push(pool.running);
            return i;
          },
        },
        graph: { n: ['items'], items: ['out'] },
      },
      { pools: { p: pool } },
    );
    expect(await pipeline.call(2)).toEqual({ out: [0, 1] });
    await turn();
    expect(running.slice(0, 1)).toEqual([1]);
    expect(pool.running).toBe(0);
    await pipeline.stop();
  });

  it('takes another turn for each retry, and is free while a retry waits', async () => {
    const pool = new Pool({ concurrency: 1 });
    let tries = 0;
    const pipeline = createPipeline(
      {
        nodes: {
          n: inlet<number>(),
          f: {
            run: async (n: number) => {
              if (tries++ === 0) throw new Error('once');
              return n;
            },
            pool: 'p',
            retry: { attempts: 2, delay: 1 },
          },
        },
        graph: { n: ['f'] },
      },
      { pools: { p: pool } },
    );
    expect(await pipeline.call(7)).toEqual({ f: [7] });
    expect([tries, pool.running]).toEqual([2, 0]);
    await pipeline.stop();
  });

  it.each([
    ['a pool that there is not', { pool: 'dbb' }, { pools: { db: {} } }, 'nodes.f.pool'],
    [
      'a priority that is no number',
      { pool: { name: 'db', priority: Number.NaN } },
      { pools: { db: {} } },
      'nodes.f.pool.priority',
    ],
    ['no name', { pool: { priority: 1 } }, { pools: { db: {} } }, 'nodes.f.pool.name'],
    [
      'an option of a pool that there is not',
      { pool: { name: 'db', prio: 1 } },
      { pools: { db: {} } },
      'nodes.f.pool.prio',
    ],
    ['something else', { pool: 5 }, { pools: { db: {} } }, 'nodes.f.pool'],
    ['a limit that is none', {}, { pools: { db: { concurrency: 0 } } }, 'options.pools.db.concurrency'],
    ['a limit that there is not', {}, { pools: { db: { concurency: 1 } } }, 'options.pools.db.concurency'],
  ])('refuses %s', (_, options, plumberOptions, path) => {
    const definition = {
      nodes: { n: inlet<number>(), f: { run: (n: number) => n, ...options } },
      graph: { n: ['f'] },
    };
    expect(() => new Plumber(definition as never, plumberOptions as never)).toThrow(
      expect.objectContaining({ code: 'GRAPH', problems: [expect.objectContaining({ path })] }),
    );
  });
});

describe('the limits of a pool', () => {
  it.for([
    [{ concurency: 1 }, 'unknown-option', '.concurency'],
    [{ concurrency: 0 }, 'bad-option', '.concurrency'],
    [{ concurrency: '3' }, 'bad-option', '.concurrency'],
    [{ interval: -1, intervalCap: 1 }, 'bad-option', '.interval'],
    [{ interval: 100 }, 'bad-option', ''],
    [{ intervalCap: 3 }, 'bad-option', ''],
    [7, 'bad-option', ''],
  ] as const)('cannot be %j, by themselves or for a Plumber', ([limits, code, place]) => {
    const definition = { nodes: { n: inlet<number>() }, graph: {} };

    expect(() => new Pool(limits as never)).toThrow(
      expect.objectContaining({ problems: [expect.objectContaining({ code, path: `Pool${place}` })] }),
    );
    expect(() => new Plumber(definition, { pools: { db: limits as never } })).toThrow(
      expect.objectContaining({
        problems: [expect.objectContaining({ code, path: `options.pools.db${place}` })],
      }),
    );
  });
});
