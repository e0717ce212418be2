import { Readable } from 'node:stream';
import { type SourceContext, StoppedError } from 'sluice';
import { describe, expect, it } from 'vitest';
import { collect, pass, start } from '../pipeline/pipelines.ts';
import { gate } from '../support/gate.ts';
import { rejectionOf } from '../support/rejection.ts';
import { turns } from '../support/turns.ts';

/** A pipeline of a source and a sink that hands on what it gets. */
const from = (run: (context: SourceContext) => unknown) =>
  start({ nodes: { source: run, sink: pass }, graph: { source: ['sink'] } });

const kinds: Record<string, (context: SourceContext) => unknown> = {
  'a generator': function* () {
    yield* [1, 2, 3];
  },
  'an async generator': async function* () {
    yield* [1, 2, 3];
  },
  'a list': () => [1, 2, 3],
  'a set': () => new Set([1, 2, 3]),
  'a list of promises': () => [1, Promise.resolve(2), 3],
  'a Node stream': () => Readable.from([1, 2, 3]),
  'a web stream': () => Readable.toWeb(Readable.from([1, 2, 3])),
  'nothing but what it emits': async ({ emit }) => {
    for (const value of [1, 2, 3]) await emit(value);
  },
  'what it emits, and null in the end': async ({ emit }) => {
    for (const value of [1, 2, 3]) await emit(value);
    return null;
  },
  'what it emits without waiting': async ({ emit }) => {
    await Promise.all([1, 2, 3].map(emit));
  },
};

describe('a source', () => {
  it.for(Object.entries(kinds))('sends all it has in order when it gives %s', async ([, run]) => {
    const pipeline = from(run);

    const values = await collect(pipeline);

    expect(values).toEqual([1, 2, 3]);
    expect((await pipeline.done).nodes.source).toMatchObject({
      received: 3,
      processed: 3,
      sent: 3,
      failed: 0,
    });
  });

  it('makes no row of a null item, so that what follows is paired with what follows elsewhere', async () => {
    const pipeline = start({
      nodes: { a: () => [1, null, undefined, 2], b: () => [10, 20], join: pass },
      graph: { a: ['join'], b: ['join'] },
    });

    expect(await collect(pipeline)).toEqual([
      { a: 1, b: 10 },
      { a: 2, b: 20 },
    ]);
  });

  it('is not asked for its next item before every successor has accepted the last one', async () => {
    const { opened, open } = gate();
    let asked = 0;
    const source = function* (): Generator<number> {
      for (;;) yield ++asked;
    };
    const pipeline = start({
      nodes: { source, quick: pass, slow: () => opened },
      graph: {
        source: [
          { to: 'quick', queueSize: 100 },
          { to: 'slow', queueSize: 2 },
        ],
      },
    });
    await turns(20);

    // One at the slow node, two in its queue, one at its door.
    expect(asked).toBe(4);
    void pipeline.abort();
    open();
    await rejectionOf(pipeline.done);
  });

  const plain: readonly (readonly [string, () => unknown])[] = [
    ['a number', () => 7],
    ['a text', () => 'text'],
    ['nothing', () => undefined],
    ['null', () => null],
    ['a plain object', () => ({})],
    ['a promise of a value', async () => 7],
    ['a promise of a list', async () => [1, 2]],
    ['an iterator that answers no object', () => ({ [Symbol.iterator]: () => ({ next: () => 7 }) })],
    [
      'an async iterator that answers no object',
      () => ({ [Symbol.asyncIterator]: () => ({ next: async () => 7 }) }),
    ],
  ];

  it.for(plain)('fails when it gives %s, for that is not how a source sends', async ([, run]) => {
    const error = await rejectionOf(from(run).done);

    expect(error).toMatchObject({ code: 'PROCESSOR', node: 'source', phase: 'run', input: undefined });
  });

  const failing: readonly (readonly [string, () => unknown])[] = [
    [
      'it throws',
      () => {
        throw new Error('no');
      },
    ],
    ['it rejects', () => Promise.reject(new Error('no'))],
    [
      'its generator throws',
      function* () {
        yield 1;
        throw new Error('no');
      },
    ],
    [
      'its async generator throws',
      async function* () {
        yield 1;
        throw new Error('no');
      },
    ],
    [
      'an item of it rejects',
      function* () {
        yield 1;
        yield Promise.reject(new Error('no'));
      },
    ],
    [
      'it cannot be iterated after all',
      () => ({
        [Symbol.iterator]() {
          throw new Error('no');
        },
      }),
    ],
  ];

  it.for(failing)('fails with its pipeline when %s', async ([, run]) => {
    const error = await rejectionOf(from(run).done);

    expect(error).toMatchObject({ code: 'PROCESSOR', node: 'source', cause: { message: 'no' } });
  });

  it('is not called when its pipeline is stopped before it begins', async () => {
    let isCalled = false;
    const pipeline = from(() => {
      isCalled = true;
      return [1];
    });

    const { nodes } = await pipeline.stop();

    expect(isCalled).toBe(false);
    expect(nodes.source).toMatchObject({ received: 0 });
  });

  it('sends with emit until its function has failed; what comes later is refused with the reason', async () => {
    let emit: ((value: unknown) => Promise<void>) | undefined;
    const pipeline = from(async (context: SourceContext) => {
      emit = context.emit;
      await emit(1);
      throw new Error('no');
    });
    const failure = await rejectionOf(pipeline.done);

    expect(failure).toMatchObject({ node: 'source', cause: { message: 'no' } });
    expect(await rejectionOf(emit?.(2) as Promise<void>)).toMatchObject({
      code: 'STOPPED',
      cause: { message: 'no' },
    });
    expect(pipeline.metrics().nodes.source).toMatchObject({ sent: 1 });
  });

  const endings: readonly (readonly [string, (reason: unknown) => unknown, boolean])[] = [
    ['what its signal was aborted with', (reason) => reason, false],
    ['an error that is caused by it', (reason) => new Error('stopped', { cause: reason }), false],
    ['an AbortError', () => new DOMException('aborted', 'AbortError'), false],
    ['another error', () => new Error('the disk is full'), true],
    ['an error with another cause', () => new Error('no', { cause: new Error('the disk is full') }), true],
    ['what is no error', () => 'the disk is full', true],
  ];
  it.for(endings)('that is stopped while it waits may throw %s', async ([, thrown, isFailure]) => {
    const pipeline = from(async ({ emit, signal }) => {
      await emit(1);
      await new Promise((resolve) => {
        signal.addEventListener('abort', resolve);
      });
      throw thrown(signal.reason);
    });
    const outcome = Promise.allSettled([pipeline.done]);
    await turns(3);

    await pipeline.stop();

    expect((await outcome)[0]?.status).toBe(isFailure ? 'rejected' : 'fulfilled');
    expect(pipeline.metrics().nodes.source).toMatchObject({ sent: 1, failed: isFailure ? 1 : 0 });
  });

  it.for([
    ['a StoppedError of another pipeline', () => new StoppedError('STOPPED', 'the other one takes no more')],
    ['an AbortError', () => new DOMException('aborted', 'AbortError')],
  ] as const)('that nobody has stopped fails with %s', async ([, thrown]) => {
    const error = thrown();
    const pipeline = from(async ({ emit, signal }) => {
      await emit(signal.aborted);
      throw error;
    });

    expect(await rejectionOf(pipeline.done)).toMatchObject({
      code: 'PROCESSOR',
      node: 'source',
      cause: error,
    });
  });

  it.for([
    ['its function', () => Promise.reject(new Error('no'))],
    ['an iterable', () => [Promise.reject(new Error('no'))]],
  ] as const)('has a failure of %s told as one that fails the pipeline', async ([, run]) => {
    const pipeline = from(run);
    const told: unknown[] = [];
    pipeline.on('error', ({ error, action }) => told.push([error.node, action]));

    await rejectionOf(pipeline.done);

    expect(told).toEqual([['source', 'fail']]);
  });

  it('makes no row of the error that its iterable takes the word to stop with', async () => {
    const items = async function* ({ signal }: SourceContext): AsyncGenerator<number> {
      yield 1;
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    };
    const pipeline = start({
      nodes: { a: (context: SourceContext) => items(context), b: () => [10, 20], join: pass },
      graph: { a: ['join'], b: ['join'] },
    });
    const rows = collect(pipeline);
    await turns(3);

    await pipeline.stop();

    expect(await rows).toEqual([{ a: 1, b: 10 }]);
    expect(pipeline.metrics().nodes.join).toMatchObject({ received: 1, skipped: 0 });
  });

  it('has what it sent before its failure counted', async () => {
    const pipeline = from(function* () {
      yield 1;
      throw new Error('no');
    });

    await rejectionOf(pipeline.done);

    expect(pipeline.metrics().nodes.source).toMatchObject({ received: 2, processed: 1, failed: 1, sent: 1 });
  });

  it('has its generator asked to return when one of its items rejects', async () => {
    let isClosed = false;
    const pipeline = from(function* () {
      try {
        yield Promise.reject(new Error('no'));
      } finally {
        isClosed = true;
      }
    });

    await rejectionOf(pipeline.done);

    expect(isClosed).toBe(true);
  });

  it.for(['stop', 'abort'] as const)(
    'may %s its own pipeline from within its generator, which is asked to return',
    async (how) => {
      let isClosed = false;
      const pipeline = from(function* () {
        try {
          yield 1;
          void pipeline[how]();
          yield 2;
          yield 3;
        } finally {
          isClosed = true;
        }
      });

      const [outcome] = await Promise.allSettled([pipeline.done]);

      expect(isClosed).toBe(true);
      expect(outcome?.status).toBe(how === 'stop' ? 'fulfilled' : 'rejected');
      expect(pipeline.metrics().nodes.source?.sent).toBe(how === 'stop' ? 2 : 1);
    },
  );
});
