import { getEventListeners } from 'node:events';
import { Readable } from 'node:stream';
import { type Definition, inlet, type NodeOptions } from 'sluice';
import { virtualClock } from 'sluice/testing';
import { describe, expect, it } from 'vitest';
import { start } from '../pipeline/pipelines.ts';
import { gate } from '../support/gate.ts';
import { rejectionOf } from '../support/rejection.ts';
import { turns } from '../support/turns.ts';
import { unhandledDuring } from '../support/unhandled.ts';

interface Told {
  readonly signal: AbortSignal;
}

/** An inlet `n` before a node `f` of this function, which has 100 ms. */
function timed(run: (...args: never[]) => unknown, options: NodeOptions = {}) {
  const clock = virtualClock();
  const log: string[] = [];
  const definition: Definition = {
    nodes: { n: inlet(), f: { run, timeout: 100, teardown: () => log.push('torn down'), ...options } },
    graph: { n: ['f'] },
  };
  return { clock, log, pipeline: start(definition, { clock, random: () => 0 }) };
}

const never = (): Promise<never> => new Promise(() => {});
/** Rejects when it is told to. */
const obedient = (_: unknown, { signal }: Told): Promise<never> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });
const TIMED_OUT = { code: 'PROCESSOR', cause: { code: 'TIMEOUT', timeout: 100 } };

describe('a call that takes too long', () => {
  it('has failed with a TimeoutError, and not a moment sooner', async () => {
    const { clock, pipeline } = timed(obedient);
    const called = pipeline.call(1);
    let isSettled = false;
    called.catch(() => {
      isSettled = true;
    });

    await turns(2);
    await clock.advance(99);
    await turns(5);
    const wasSettled = isSettled;
    await clock.advance(1);

    expect(await rejectionOf(called)).toMatchObject(TIMED_OUT);
    expect(wasSettled).toBe(false);
    expect(await pipeline.stop()).toMatchObject({ stragglers: [], nodes: { f: { failed: 1, inFlight: 0 } } });
  });

  it('is told through its signal, and no other call is', async () => {
    const signals: AbortSignal[] = [];
    const { opened, open } = gate();
    const { clock, pipeline } = timed(
      async (n: number, { signal }: Told) => {
        signals.push(signal);
        if (n === 1) return never();
        await opened;
        return n;
      },
      { concurrency: 2, onError: 'skip' },
    );
    const first = pipeline.call(1);
    await turns(2);
    await clock.advance(50);
    const second = pipeline.call(2);
    await turns(2);

    await clock.advance(50);
    expect(await first).toEqual({ f: [] });
    open();

    expect(await second).toEqual({ f: [2] });
    expect(signals.map(({ aborted, reason }) => [aborted, reason?.code])).toEqual([
      [true, 'TIMEOUT'],
      [false, undefined],
    ]);
    pipeline.abort();
  });

  it('has a signal that was aborted when it is looked at late', async () => {
    let context: Told | undefined;
    const { clock, pipeline } = timed((_: unknown, given: Told) => {
      context = given;
      return never();
    });
    const called = rejectionOf(pipeline.call(1));

    await turns(2);
    await clock.advance(100);
    await called;

    expect(context?.signal.reason).toMatchObject({ code: 'TIMEOUT' });
    pipeline.abort();
  });

  it('gives its slot to the next', async () => {
    const { clock, pipeline } = timed((n: number) => (n === 1 ? never() : n), { onError: 'skip' });
    const calls = [pipeline.call(1), pipeline.call(2)];

    await turns(2);
    await clock.advance(100);

    expect(await Promise.all(calls)).toEqual([{ f: [] }, { f: [2] }]);
    pipeline.abort();
  });

  it.for([
    ['returns', (): unknown => 'late'],
    [
      'rejects',
      (): unknown => {
        throw new Error('late');
      },
    ],
  ] as const)('is over: that its function %s later means nothing', async ([, end]) => {
    const { opened, open } = gate();
    const { clock, pipeline } = timed(
      async () => {
        await opened;
        return end();
      },
      { onError: 'skip' },
    );

    const unhandled = await unhandledDuring(async () => {
      const called = pipeline.call(1);
      await turns(2);
      await clock.advance(100);
      expect(await called).toEqual({ f: [] });
      open();
      await turns(3);
      expect((await pipeline.stop()).nodes.f).toMatchObject({ failed: 1, processed: 0, sent: 0 });
    });

    expect(unhandled).toEqual([]);
  });

  it('is tried again, with time and a signal of its own', async () => {
    const signals: AbortSignal[] = [];
    const { clock, pipeline } = timed(
      (n: number, context: Told) => {
        signals.push(context.signal);
        return signals.length < 3 ? obedient(n, context) : n;
      },
      { retry: { attempts: 3, delay: 10, jitter: 0 } },
    );
    const called = pipeline.call(1);

    for (const ms of [100, 10, 100, 20]) {
      await turns(2);
      await clock.advance(ms);
    }

    expect(await called).toEqual({ f: [1] });
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true, false]);
    await pipeline.stop();
    expect(clock.pending).toBe(0);
  });

  it('has a signal that an abort of its call aborts, too', async () => {
    const controller = new AbortController();
    const reasons: unknown[] = [];
    const { clock, pipeline } = timed((_: unknown, { signal }: Told) => {
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          reasons.push(signal.reason);
          reject(signal.reason);
        });
      });
    });
    const called = rejectionOf(pipeline.call(1, { signal: controller.signal }));

    await turns(2);
    controller.abort();
    await called;
    await pipeline.stop();

    expect(reasons).toEqual([expect.objectContaining({ code: 'ABORTED' })]);
    expect(clock.pending).toBe(0);
  });

  it('is none that answers at once, or in time', async () => {
    const { clock, pipeline } = timed(async (n: number) => n * 2);

    expect(await pipeline.call(1)).toEqual({ f: [2] });
    expect(clock.pending).toBe(0);
    await pipeline.stop();
  });
});

describe('a function that does not answer to its signal', () => {
  it('is waited for at the end of its pipeline, before the teardown', async () => {
    const { opened, open } = gate();
    const { clock, log, pipeline } = timed(() => opened, { onError: 'skip' });
    const called = pipeline.call(1);
    await turns(2);
    await clock.advance(100);
    await called;

    const stopped = pipeline.stop();
    await turns(5);
    const logBefore = [...log];
    open();

    expect(await stopped).toMatchObject({ stragglers: [] });
    expect({ logBefore, log, timers: clock.pending }).toEqual({
      logBefore: [],
      log: ['torn down'],
      timers: 0,
    });
  });

  it.for(['stop', 'abort'] as const)('is named after the grace of a %s', async (how) => {
    const { clock, log, pipeline } = timed(never, { onError: 'skip' });
    const called = pipeline.call(1);
    await turns(2);
    await clock.advance(100);
    await called;

    const ended =
      how === 'stop'
        ? pipeline.stop()
        : pipeline.done.catch((error: unknown) => error as { stragglers: string[] });
    if (how === 'abort') pipeline.abort();
    await turns(5);
    await clock.advance(999);
    await turns(5);
    const logBefore = [...log];
    await clock.advance(1);

    expect(await ended).toMatchObject({ stragglers: ['f'] });
    expect({ logBefore, log, timers: clock.pending }).toEqual({
      logBefore: [],
      log: ['torn down'],
      timers: 0,
    });
  });

  it('is named as well when its time is not up before the grace of an abort is', async () => {
    const { clock, pipeline } = timed(never, { timeout: 5000 });
    void pipeline.push(1);
    await turns(2);

    pipeline.abort();
    await clock.advance(1000);

    expect(await rejectionOf(pipeline.done)).toMatchObject({ stragglers: ['f'] });
    expect(clock.pending).toBe(0);
  });

  it('is named as well when its time is up within the grace of an abort', async () => {
    const { clock, pipeline } = timed(never);
    void pipeline.push(1);
    await turns(2);

    pipeline.abort();
    await clock.advance(100);
    await turns(5);
    await clock.advance(900);

    expect(await rejectionOf(pipeline.done)).toMatchObject({ stragglers: ['f'] });
  });
});

describe('the signal of a call, once it was looked at,', () => {
  it.for([
    [
      'an async generator',
      async function* (told: (signal: AbortSignal) => void, { signal }: Told): AsyncGenerator<unknown> {
        told(signal);
        yield 1;
        yield never();
      },
    ],
    [
      'a generator of promises',
      function* (told: (signal: AbortSignal) => void, { signal }: Told): Generator<unknown> {
        told(signal);
        yield 1;
        yield never();
      },
    ],
  ] as const)('is aborted with its call also after the first item of %s', async ([, run]) => {
    const { pipeline } = timed(run);
    const seen: AbortSignal[] = [];
    const controller = new AbortController();
    const called = pipeline.call((signal: AbortSignal) => seen.push(signal), { signal: controller.signal });
    await turns(3);
    const before = seen.map(({ aborted }) => aborted);

    controller.abort();
    await rejectionOf(called);

    expect(before).toEqual([false]);
    expect(seen.map(({ aborted }) => aborted)).toEqual([true]);
    pipeline.abort();
  });

  const fail = (): never => {
    throw new Error('no');
  };
  const kinds: Record<string, readonly [run: (n: number) => unknown, counted: object]> = {
    'returns at once': [(n) => n, { processed: 1, sent: 1 }],
    'throws at once': [fail, { failed: 1 }],
    resolves: [async (n) => n, { processed: 1, sent: 1 }],
    rejects: [async () => fail(), { failed: 1 }],
    'returns no iterable': [() => undefined, { skipped: 1 }],
    'resolves to no iterable': [async () => {}, { skipped: 1 }],
    'gives many': [() => [1, 2], { processed: 1, sent: 2 }],
    'gives many over time': [
      async function* () {
        yield* [1, 2];
      },
      { processed: 1, sent: 2 },
    ],
    'gives many that are none': [
      () => ({ [Symbol.iterator]: () => ({ next: () => 7 }) }),
      { failed: 1, sent: 0 },
    ],
    'fails after it gave some': [
      function* () {
        yield 1;
        fail();
      },
      { failed: 1, sent: 1 },
    ],
    'is asked to return': [
      function* (): Generator<unknown> {
        for (;;) yield* [1, 'refused'];
      },
      { failed: 1, sent: 1 },
    ],
  };
  it.for(Object.entries(kinds))('is let go by a function that %s', async ([kind, [run, counted]]) => {
    let outer: AbortSignal | undefined;
    const pipeline = start({
      nodes: {
        s: () => [0],
        f: {
          run: (n: number, { signal }: Told) => {
            void signal.aborted;
            return run(n);
          },
          many: /many|iterable|some|asked/.test(kind),
          timeout: 100,
          onError: 'skip',
          setup: ({ signal }: Told) => {
            outer = signal;
          },
        },
        sink: () => {},
      },
      graph: { s: ['f'], f: [{ to: 'sink', when: (value: unknown) => value !== 'refused' || fail() }] },
    } as Definition);

    expect((await pipeline.done).nodes.f).toMatchObject({ received: 1, inFlight: 0, ...counted });
    expect(outer?.aborted).toBe(false);
    expect(getEventListeners(outer as AbortSignal, 'abort')).toEqual([]);
  });
});

describe('under keyBy', () => {
  it.for([1, 2])(
    'a function that was given up keeps its key until it returns, at %d attempts',
    async (attempts) => {
      const clock = virtualClock();
      const gates = [gate(), gate()];
      const log: string[] = [];
      const pipeline = start(
        {
          nodes: {
            n: inlet(),
            f: {
              run: async (n: number) => {
                log.push(`begin ${n}`);
                if (n === 1) await gates.shift()?.opened;
                log.push(`end ${n}`);
              },
              ...{ keyBy: (n: number) => n % 2, timeout: 100, concurrency: 2, onError: 'skip' },
              retry: { attempts: attempts, delay: 0 },
            },
          },
          graph: { n: ['f'] },
        },
        { clock },
      );
      const [first, second] = gates as [ReturnType<typeof gate>, ReturnType<typeof gate>];
      const called = [1, 3, 2].map((n) => pipeline.call(n));

      await turns(2);
      await clock.advance(100);
      await turns(5);
      await clock.advance(0);
      await turns(5);
      const logBefore = [...log];
      first.open();
      await turns(5);
      if (attempts === 2) {
        await clock.advance(100);
        await turns(5);
        second.open();
      }
      await Promise.all(called);

      expect(logBefore).toEqual(['begin 1', 'begin 2', 'end 2']);
      const again = attempts === 2 ? ['begin 1', 'end 1'] : [];
      expect(log.slice(3)).toEqual(['end 1', ...again, 'begin 3', 'end 3']);
      expect(await pipeline.stop()).toMatchObject({ stragglers: [] });
    },
  );

  it('a call that is aborted in its retry delay does not wait for the function that was given up', async () => {
    const clock = virtualClock();
    const controller = new AbortController();
    const f = {
      run: (n: number) => (n === 1 ? never() : n),
      ...{ keyBy: (n: number) => n, timeout: 100, onError: 'skip' },
      retry: { attempts: 3, delay: 60, jitter: 0 },
    } as const;
    const pipeline = start({ nodes: { n: inlet(), f }, graph: { n: ['f'] } }, { clock });
    const gone = rejectionOf(pipeline.call(1, { signal: controller.signal }));
    await turns(2);
    await clock.advance(100);

    controller.abort();

    expect(await gone).toMatchObject({ code: 'ABORTED' });
    expect(await pipeline.call(2)).toEqual({ f: [2] });
    const stopped = pipeline.stop();
    await turns(5);
    await clock.advance(1000);
    expect(await stopped).toMatchObject({ stragglers: ['f'] });
  });

  /** Words whose first letter is their key, each of which has 100 ms and ends when it is told to. */
  const words = (options: NodeOptions) => {
    const clock = virtualClock();
    const gates = new Map<string, ReturnType<typeof gate>>();
    const begun: string[] = [];
    const run = (word: string): Promise<void> => {
      begun.push(word);
      const { opened, open } = gate();
      gates.set(word, { opened, open });
      return opened;
    };
    const f = { run, keyBy: (word: string) => word[0], timeout: 100, onError: 'skip', ...options } as const;
    const pipeline = start({ nodes: { n: inlet(), f }, graph: { n: ['f'] } }, { clock, grace: 0 });
    const push = async (...texts: string[]): Promise<void> => {
      for (const text of texts) void pipeline.push(text);
      await turns(3);
    };
    const end = async (...texts: string[]): Promise<void> => {
      for (const text of texts) gates.get(text)?.open();
      await turns(3);
    };
    const pass = async (ms: number): Promise<void> => {
      await clock.advance(ms);
      await turns(3);
    };
    const leave = async (): Promise<void> => {
      pipeline.abort();
      const done = rejectionOf(pipeline.done);
      await clock.advance(0);
      await done;
    };
    return { begun, pipeline, push, end, pass, leave };
  };

  it('a call whose key is free at last waits for a place all the same, though it is the first in line', async () => {
    const { begun, push, end, pass, leave } = words({ concurrency: 2 });
    await push('a1');
    await pass(50);
    await push('a2', 'b1');
    await pass(50);
    await push('c1');
    const withoutA1 = [...begun];
    await end('a1');
    const whileOthersRun = [...begun];
    await end('b1');

    expect(withoutA1).toEqual(['a1', 'b1', 'c1']);
    expect(whileOthersRun).toEqual(withoutA1);
    expect(begun).toEqual([...withoutA1, 'a2']);
    await leave();
  });

  it('a function that was given up keeps its own key, and nobody else has theirs kept', async () => {
    const { begun, push, end, pass, leave } = words({ concurrency: 3 });
    await push('a1');
    await pass(50);
    await push('b1', 'b2', 'a2');
    await pass(49);
    await end('a1');
    await push('c1');
    await pass(51);
    const whileB1IsDeaf = [...begun];
    await end('a2');
    await push('a3');
    await end('b1');

    expect(whileB1IsDeaf).toEqual(['a1', 'b1', 'a2', 'c1']);
    expect(begun).toEqual([...whileB1IsDeaf, 'a3', 'b2']);
    await leave();
  });

  it('a call that waits at the front for a function that was given up is let go when its caller leaves', async () => {
    const { begun, pipeline, push, pass, leave } = words({ concurrency: 1, queueSize: 1 });
    const controller = new AbortController();
    await push('a1');
    const gone = ['a2', 'a3'].map((word) => rejectionOf(pipeline.call(word, { signal: controller.signal })));
    await pass(100);
    await push('b1');
    const before = [...begun];

    controller.abort();
    await Promise.all(gone);
    await turns(3);

    expect(before).toEqual(['a1']);
    expect(begun).toEqual(['a1', 'b1']);
    expect(pipeline.metrics().nodes.f).toMatchObject({ received: 4, failed: 1, discarded: 2, inFlight: 1 });
    await leave();
  });

  it('a dead letter frees its key, also after what was given', async () => {
    const pipeline = start({
      nodes: {
        source: () => [1, 1, 1],
        f: {
          *run(n: number) {
            yield n;
            throw new Error('enough');
          },
          ...{ keyBy: (n: number) => n, onError: 'dead-letter', concurrency: 2 },
        },
      },
      graph: { source: ['f'] },
    });

    expect((await pipeline.done).nodes.f).toMatchObject({ deadLettered: 3, sent: 3 });
  });
});

describe('a function that gives many', () => {
  it('has its time for each item anew, and none while nobody takes them', async () => {
    const clock = virtualClock();
    const { opened, open } = gate();
    const pipeline = start(
      {
        nodes: {
          source: () => [0],
          many: {
            async *run() {
              for (const n of [1, 2, 3]) {
                await new Promise<void>((resolve) => {
                  clock.setTimeout(resolve, 60);
                });
                yield n;
              }
            },
            timeout: 100,
            queueSize: 1,
          },
          slow: { run: (n: number) => opened.then(() => n), queueSize: 1 },
        },
        graph: { source: ['many'], many: ['slow'] },
      },
      { clock },
    );
    const read = (async () => {
      const values: unknown[] = [];
      for await (const value of pipeline) values.push(value);
      return values;
    })();

    for (let i = 0; i < 10; i++) {
      await turns(3);
      await clock.advance(60);
    }
    open();

    expect(await read).toEqual([1, 2, 3]);
  });

  it.for([
    [
      'an async generator',
      async function* (_: unknown, context: Told): AsyncGenerator<unknown> {
        yield 1;
        yield await obedient(1, context);
      },
    ],
    [
      'a generator of promises',
      function* (_: unknown, context: Told): Generator<unknown> {
        yield 1;
        yield obedient(1, context);
      },
    ],
    [
      'an async iterator of promises',
      (_: unknown, context: Told): AsyncIterable<unknown> => {
        const items = [1, () => obedient(1, context)];
        return {
          [Symbol.asyncIterator]: () => ({
            next: async () => {
              const item = items.shift();
              return { done: false, value: typeof item === 'function' ? item() : item };
            },
          }),
        };
      },
    ],
    [
      'a deaf async generator',
      async function* (): AsyncGenerator<unknown> {
        yield 1;
        yield await never();
      },
    ],
  ] as const)('has failed when an item takes too long, after what it gave before: %s', async ([, run]) => {
    const { clock, pipeline } = timed(run, { onError: 'skip', many: true });
    const errors: unknown[] = [];
    pipeline.on('error', ({ error }) => errors.push(error.cause));
    const called = pipeline.call(1);

    await turns(3);
    await clock.advance(100);

    expect(await called).toEqual({ f: [1] });
    expect(errors).toEqual([expect.objectContaining({ code: 'TIMEOUT' })]);
    const stopped = pipeline.stop();
    await turns(5);
    await clock.advance(1000);
    await stopped;
    expect(clock.pending).toBe(0);
  });

  it('has failed when it takes too long to return an iterable', async () => {
    const { clock, pipeline } = timed(obedient, { many: true });
    const called = rejectionOf(pipeline.call(1));

    await turns(2);
    await clock.advance(100);

    expect(await called).toMatchObject(TIMED_OUT);
    await pipeline.stop();
  });

  it.for(['stream', 'iterable'] as const)(
    'has its %s closed that comes when its time is up',
    async (kind) => {
      const { opened, open } = gate();
      const stream = Readable.from([1, 2, 3]);
      let returned = 0;
      const iterable = {
        [Symbol.asyncIterator]: () => ({
          next: async () => ({ done: true }),
          return: async () => {
            returned++;
          },
        }),
      };
      const run = async (): Promise<unknown> => {
        await opened;
        return kind === 'stream' ? stream : iterable;
      };
      const { clock, log, pipeline } = timed(run, { many: true });
      const called = rejectionOf(pipeline.call(1));
      await turns(2);
      await clock.advance(100);
      expect(await called).toMatchObject(TIMED_OUT);
      const stopped = pipeline.stop();
      await turns(5);
      const logBefore = [...log];

      open();

      expect(await stopped).toMatchObject({ stragglers: [] });
      expect({ logBefore, closed: kind === 'stream' ? stream.destroyed : returned === 1 }).toEqual({
        logBefore: [],
        closed: true,
      });
    },
  );

  it('is asked to return when its item took too long, and comes all the same', async () => {
    const { opened, open } = gate();
    let returned = 0;
    const { clock, pipeline } = timed(
      async function* () {
        try {
          yield await opened;
        } finally {
          returned++;
        }
      },
      { onError: 'skip' },
    );
    const called = pipeline.call(1);
    await turns(2);
    await clock.advance(100);
    await called;
    const before = returned;

    open();
    await pipeline.stop();

    expect([before, returned]).toEqual([0, 1]);
  });

  it('is asked to return when its item took too long', async () => {
    let returned = 0;
    const { clock, pipeline } = timed(
      function* (_: unknown, context: Told) {
        try {
          yield obedient(1, context);
        } finally {
          returned++;
        }
      },
      { onError: 'skip' },
    );
    const called = pipeline.call(1);

    await turns(2);
    await clock.advance(100);
    await called;
    await pipeline.stop();

    expect(returned).toBe(1);
  });
});
