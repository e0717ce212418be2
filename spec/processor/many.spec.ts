import { Readable } from 'node:stream';
import {
  type Context,
  type Definition,
  inlet,
  type Message,
  type NodeOptions,
  type PlumberOptions,
  type ProcessorError,
} from 'sluice';
import { virtualClock } from 'sluice/testing';
import { describe, expect, it } from 'vitest';
import { collect, pass, start, stateOf } from '../pipeline/pipelines.ts';
import { gate } from '../support/gate.ts';
import { rejectionOf } from '../support/rejection.ts';
import { schemaOf } from '../support/schema.ts';
import { turns } from '../support/turns.ts';

/** A pipeline of some inputs, a node with these options, and a sink that hands on what it gets. */
const unroll = (inputs: readonly unknown[], node: object, sink: unknown = pass) =>
  start({ nodes: { s: () => inputs, node, sink }, graph: { s: ['node'], node: ['sink'] } } as Definition);

describe('a node that sends many', () => {
  it.for([
    [
      'a generator function',
      {
        run: function* (n: number) {
          yield* [n, n];
        },
      },
    ],
    [
      'an async generator function',
      {
        run: async function* (n: number) {
          yield* [n, n];
        },
      },
    ],
    ['a list', { run: (n: number) => [n, n], many: true }],
    ['a promise of a list', { run: async (n: number) => [n, n], many: true }],
    ['a list of promises', { run: (n: number) => [n, Promise.resolve(n)], many: true }],
    ['a generator it did not make', { run: (n: number) => [n, n].values(), many: true }],
    ['a web stream', { run: (n: number) => Readable.toWeb(Readable.from([n, n])), many: true }],
  ] as const)('unrolls %s in order', async ([, node]) => {
    expect(await collect(unroll([1, 2], node))).toEqual([1, 1, 2, 2]);
  });

  it('unrolls a text into its letters, when it is told to', async () => {
    expect(await collect(unroll(['ab'], { run: pass, many: true }))).toEqual(['a', 'b']);
  });

  it('sends nothing for null items, for an empty iterable, or for nothing at all', async () => {
    const answers = [[null, 1, undefined], [], null, [2]];
    const pipeline = unroll([0, 1, 2, 3], { run: (place: number) => answers[place], many: true });

    expect(await collect(pipeline)).toEqual([1, 2]);
    expect((await pipeline.done).nodes.node).toMatchObject({
      received: 4,
      processed: 3,
      skipped: 1,
      sent: 2,
    });
  });

  it('makes no row of an input whose caller left before its turn', async () => {
    const { opened, open } = gate();
    const run = (n: number): Promise<number[]> => opened.then(() => [n, n]);
    const pipeline = start({
      nodes: { n: inlet(), node: { run, many: true }, a: pass, b: pass, join: pass },
      graph: { n: ['node'], node: ['a', 'b'], a: ['join'], b: ['join'] },
    });
    const controller = new AbortController();
    const first = pipeline.call(1);
    const gone = rejectionOf(pipeline.call(2, { signal: controller.signal }));
    await turns(3);

    controller.abort();
    await gone;
    open();
    await first;

    expect((await pipeline.stop()).nodes.join).toMatchObject({ received: 2, skipped: 0 });
  });

  it('asks for the next item only when the last one was accepted', async () => {
    const { opened, open } = gate();
    let asked = 0;
    const run = function* (): Generator<number> {
      while (asked < 100) yield ++asked;
    };
    const pipeline = unroll([1], { run }, { run: () => opened, queueSize: 3 });
    await turns(20);

    expect(asked).toBe(5);
    open();
    await pipeline.done;
    expect(asked).toBe(100);
  });

  it('keeps the items of each input together in the order of the inputs, however many calls run at once', async () => {
    const gates = [gate(), gate()];
    const run = async function* (n: number): AsyncGenerator<string> {
      await gates[n]?.opened;
      yield `${n}a`;
      yield `${n}b`;
    };
    const pipeline = unroll([0, 1], { run, concurrency: 2 });
    const values = collect(pipeline);
    gates[1]?.open();
    await turns(5);
    gates[0]?.open();

    expect(await values).toEqual(['0a', '0b', '1a', '1b']);
  });

  it("sends items as they come under order: 'completion', so that a slow input holds nobody back", async () => {
    const { opened, open } = gate();
    const run = async function* (n: number): AsyncGenerator<string> {
      if (n === 0) await opened;
      yield `${n}a`;
      yield `${n}b`;
      if (n === 1) open();
    };
    const pipeline = unroll([0, 1], { run, concurrency: 2, order: 'completion' });

    expect(await collect(pipeline)).toEqual(['1a', '1b', '0a', '0b']);
  });

  const failing: readonly (readonly [string, () => unknown])[] = [
    ['a number', () => 7],
    ['a plain object', () => ({})],
    ['a promise of a number', async () => 7],
    [
      'what fails to open',
      () => ({
        [Symbol.iterator]: (): never => {
          throw new Error('no');
        },
      }),
    ],
    [
      'what fails to go on',
      () => ({
        [Symbol.iterator]: () => ({
          next: (): never => {
            throw new Error('no');
          },
        }),
      }),
    ],
    ['what answers no object', () => ({ [Symbol.iterator]: () => ({ next: () => 7 }) })],
    ['what resolves to no object', () => ({ [Symbol.asyncIterator]: () => ({ next: async () => 7 }) })],
    [
      'what rejects',
      () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('no')) }) }),
    ],
    [
      'an iterable with a rejecting item',
      function* () {
        yield Promise.reject(new Error('no'));
      },
    ],
  ];

  it.for(failing)('fails on %s', async ([, run]) => {
    const pipeline = unroll([1], { run, many: true });

    expect(await rejectionOf(pipeline.done)).toMatchObject({
      code: 'PROCESSOR',
      node: 'node',
      input: { payload: 1 },
    });
  });

  it('is needed for a generator that a plain function returns, of either kind', async () => {
    const generators = [
      function* () {
        yield 1;
      },
      async function* () {
        yield 1;
      },
    ];

    for (const generator of generators) {
      for (const run of [() => generator(), async () => generator()]) {
        const pipeline = unroll([1], { run });

        expect(await rejectionOf(pipeline.done)).toMatchObject({ code: 'PROCESSOR', node: 'node' });
      }
    }
  });

  it('passes lists and texts on as they are, unless it is told to unroll them', async () => {
    expect(await collect(unroll([[1, 2], 'ab'], { run: pass }))).toEqual([[1, 2], 'ab']);
  });
});

describe('a generator of a node', () => {
  /** A node whose generator never ends by itself and tells when it has returned. */
  function endless(): {
    run: (input: unknown, context: Context) => Generator<number>;
    returned: () => number;
  } {
    let count = 0;
    return {
      *run(input) {
        try {
          if (input === 'short') yield 1;
          else for (let n = 0; ; n++) yield n;
        } finally {
          count++;
        }
      },
      returned: () => count,
    };
  }

  it('is asked to return when the pipeline is aborted', async () => {
    const { run, returned } = endless();
    const pipeline = unroll(['long'], { run });
    await turns(5);

    pipeline.abort();
    await rejectionOf(pipeline.done);

    expect(returned()).toBe(1);
  });

  it('is asked to return when the call it works for is aborted, and gives way to the next one', async () => {
    const { run, returned } = endless();
    const pipeline = start({
      nodes: { word: inlet(), node: { run }, sink: pass },
      graph: { word: ['node'], node: ['sink'] },
    });
    const controller = new AbortController();
    const aborted = pipeline.call('long', { signal: controller.signal });
    await turns(5);

    controller.abort();
    await rejectionOf(aborted);
    const next = pipeline.call('short');

    const state = await stateOf(next);
    pipeline.abort();
    await rejectionOf(pipeline.done);

    expect(state).toBe('resolved');
    expect(returned()).toBe(2);
  });

  it.for<[string, NodeOptions]>([
    ['plain', {}],
    ['with retry', { retry: { attempts: 2 } }],
    ['with timeout', { timeout: 1000 }],
    ['with a pool', { pool: 'p' }],
    ['with an output', { output: schemaOf((value) => ({ value })) }],
  ])('need not be able to return when its caller leaves: %s', async ([, options]) => {
    const endless = { [Symbol.iterator]: () => ({ next: () => ({ done: false, value: 1 }) }) };
    const pipeline = start(
      {
        nodes: { n: inlet(), node: { run: () => endless, many: true, ...options }, sink: pass },
        graph: { n: ['node'], node: ['sink'] },
      },
      { clock: virtualClock(), pools: { p: { concurrency: 1 } } },
    );
    const told: unknown[] = [];
    pipeline.on('error', (event) => told.push(event));
    const controller = new AbortController();
    const gone = rejectionOf(pipeline.call(1, { signal: controller.signal }));
    await turns(5);

    controller.abort();

    expect(await gone).toMatchObject({ code: 'ABORTED' });
    await pipeline.stop();
    expect(told).toEqual([]);
  });

  it('is asked to return when an item of it rejects', async () => {
    let isClosed = false;
    const run = function* (): Generator<unknown> {
      try {
        yield Promise.reject(new Error('no'));
      } finally {
        isClosed = true;
      }
    };

    await unroll([1], { run, onError: 'skip' }).done;

    expect(isClosed).toBe(true);
  });

  const cleanups: Record<string, () => unknown> = {
    throws: () => {
      throw new Error('cleanup');
    },
    rejects: () => Promise.reject(new Error('cleanup')),
  };

  /** A node before a sink whose iterable gives one item, as often as it is asked. */
  function broken(
    item: (input: unknown) => unknown,
    cleanup: () => unknown,
    options: NodeOptions = {},
    more: PlumberOptions = {},
  ) {
    const run = (input: unknown) => ({
      [Symbol.iterator]: () => ({ next: () => ({ done: false, value: item(input) }), return: cleanup }),
    });
    const told: unknown[] = [];
    const pipeline = start(
      {
        nodes: { n: inlet(), node: { run, many: true, ...options }, sink: pass },
        graph: { n: ['node'], node: ['sink'] },
      },
      more,
    );
    pipeline.on('error', ({ error, action }) => {
      const { cause, input } = error as ProcessorError<Message>;
      told.push([(cause as Error).message, input?.payload, action]);
    });
    return { pipeline, told };
  }

  describe.each(Object.entries(cleanups))('that %s when it is asked to return', (_, cleanup) => {
    it.each(['fail', 'skip', 'dead-letter'] as const)(
      "is no concern of other callers when its own is gone, with onError: '%s'",
      async (onError) => {
        const { pipeline, told } = broken((input) => input, cleanup, { onError });
        const controller = new AbortController();
        const gone = rejectionOf(pipeline.call('gone', { signal: controller.signal }));
        await turns(5);

        controller.abort();

        expect(await gone).toMatchObject({ code: 'ABORTED' });
        await turns(5);
        expect(told).toEqual([['cleanup', 'gone', onError === 'skip' ? 'skip' : 'fail']]);
        await pipeline.stop();
      },
    );

    it('is of no interest when the pipeline was aborted', async () => {
      const { pipeline, told } = broken((input) => input, cleanup);
      const call = rejectionOf(pipeline.call(1));
      await turns(5);

      pipeline.abort();

      expect(await call).toMatchObject({ code: 'ABORTED' });
      expect(await rejectionOf(pipeline.done)).toMatchObject({ code: 'ABORTED' });
      expect(told).toEqual([]);
    });

    it('fails the pipeline when it is asked to since nobody takes its items any more', async () => {
      const never = { next: () => new Promise(() => {}), return: cleanup };
      const pipeline = start(
        {
          nodes: {
            n: inlet(),
            node: { run: () => ({ [Symbol.asyncIterator]: () => never }), many: true },
            short: inlet(),
            join: pass,
          },
          graph: { n: ['node'], node: ['join'], short: ['join'] },
        },
        { grace: 0 },
      );
      await pipeline.inlet('n').push(1);
      await turns(3);

      pipeline.inlet('short').close();

      expect(await rejectionOf(pipeline.done)).toMatchObject({
        ...{ code: 'PROCESSOR', node: 'node', cause: { message: 'cleanup' } },
      });
    });

    it('hides no failure of an item from its caller', async () => {
      const { pipeline, told } = broken(() => Promise.reject(new Error('item')), cleanup);

      const errors = await Promise.all([1, 2].map((n) => rejectionOf(pipeline.call(n))));

      for (const error of errors)
        expect(error).toMatchObject({ code: 'PROCESSOR', cause: { message: 'item' } });
      expect(told).toContainEqual(['item', 1, 'fail']);
      expect(told).toContainEqual(['cleanup', 1, 'fail']);
      await pipeline.stop();
    });

    it('has its node asked what is to become of that', async () => {
      const asked: unknown[] = [];
      const onError = (error: ProcessorError, message: Message): 'skip' => {
        asked.push([(error.cause as Error).message, message.payload]);
        return 'skip';
      };
      const { pipeline } = broken(() => Promise.reject(new Error('item')), cleanup, { onError });

      expect(await pipeline.call(1)).toEqual({ sink: [] });
      const { nodes } = await pipeline.stop();

      expect(asked).toEqual([
        ['item', 1],
        ['cleanup', 1],
      ]);
      expect(nodes.node).toMatchObject({ received: 1, failed: 1, inFlight: 0 });
    });
  });

  describe.each(Object.entries({ ...cleanups, 'never settles': () => new Promise(() => {}) }))(
    'whose item rejects and whose return %s',
    (_, cleanup) => {
      it.each<[string, NodeOptions]>([
        ['plain', {}],
        ['with retry', { retry: { attempts: 2, delay: 1, jitter: 0 } }],
        ['with timeout', { timeout: 1000 }],
        ['with a pool', { pool: 'p' }],
        ['with an output', { output: schemaOf((value) => ({ value })) }],
      ])('has its call failed by the item at once: %s', async (_kind, options) => {
        const clock = virtualClock();
        const item = () => Promise.reject(new Error('item'));
        const { pipeline } = broken(item, cleanup, options, { clock, pools: { p: { concurrency: 1 } } });
        const called = pipeline.call(1);
        called.catch(() => {});
        await clock.advance(1);

        expect(await stateOf(called)).toBe('rejected');
        expect(await rejectionOf(called)).toMatchObject({ code: 'PROCESSOR', cause: { message: 'item' } });
        pipeline.abort();
        await clock.advance(1000);
        await rejectionOf(pipeline.done);
      });
    },
  );

  it('has failed when returning fails, and the pipeline ends all the same', async () => {
    const broken = (fail: () => unknown): object => ({
      [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}), return: fail }),
    });
    const fails = [
      () => Promise.reject(new Error('no')),
      () => {
        throw new Error('no');
      },
    ];

    for (const fail of fails) {
      const pipeline = start(
        { nodes: { s: () => broken(fail), sink: pass }, graph: { s: ['sink'] } },
        { grace: 0 },
      );
      await turns(3);

      const stopped = pipeline.stop();

      expect(await rejectionOf(stopped)).toMatchObject({ code: 'PROCESSOR', node: 's' });
    }
  });
});
