import fc from 'fast-check';
import { createPipeline, inlet, type Pipeline } from 'sluice';
import { atRest } from 'sluice/testing';
import { describe, expect, it } from 'vitest';
import { runOf } from '../../lib/pipeline/pipeline.ts';
import { isPaused, pause, resume } from '../../lib/processor/source.ts';
import { runs } from '../laws/arbitrary.ts';

const node = (pipeline: Pipeline<never, never>, name: string) =>
  runOf(pipeline as unknown as Parameters<typeof runOf>[0]).processor(name);

/** A source of each kind that gives 1 to `count`, and what it was asked for. */
const kinds = {
  generator: (asked: number[], count: number) =>
    function* () {
      for (let n = 1; n <= count; n++) {
        asked.push(n);
        yield n;
      }
    },
  'async generator': (asked: number[], count: number) =>
    async function* () {
      for (let n = 1; n <= count; n++) {
        asked.push(n);
        yield n;
      }
    },
  emit: (asked: number[], count: number) => async (context: { emit: (n: number) => Promise<void> }) => {
    for (let n = 1; n <= count; n++) {
      asked.push(n);
      await context.emit(n);
    }
  },
};

describe.each(Object.entries(kinds))('a paused source (%s)', (_, kind) => {
  it('is asked for nothing, loses nothing, and goes on where it was, whenever it is paused', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 20 }),
        fc.integer({ min: 1, max: 3 }),
        async (before, queueSize) => {
          const asked: number[] = [];
          const got: number[] = [];
          const pipeline = createPipeline({
            nodes: {
              source: kind(asked, 60) as () => Iterable<number>,
              sink: {
                run: async (n: number) => {
                  got.push(n);
                  if (n === before) pause(source);
                },
                queueSize,
              },
            },
            graph: { source: ['sink'] },
          });
          const source = node(pipeline as never, 'source');
          const done = pipeline.done;
          await atRest();
          if (before > 0) {
            const then = asked.length;
            expect(isPaused(source)).toBe(true);
            expect(then).toBeLessThan(60);
            // What was under way is through, and nothing more is asked for.
            await new Promise(setImmediate);
            await atRest();
            expect(asked.length).toBe(then);
            expect(pipeline.explain().nodes.source?.state).not.toBe('ended');
            resume(source);
          }
          await done;

          expect(got).toEqual(Array.from({ length: 60 }, (_, n) => n + 1));
          expect(isPaused(source)).toBe(false);
        },
      ),
      { numRuns: runs },
    );
  });
});

describe('a paused node', () => {
  it('that is an inlet accepts nothing until it is resumed; what waits is counted', async () => {
    const pipeline = createPipeline({
      nodes: { n: inlet<number>(), double: (n: number) => 2 * n },
      graph: { n: ['double'] },
    });
    await atRest();
    const n = node(pipeline as never, 'n');
    pause(n);
    let isAnswered = false;
    const answer = pipeline.call(4).finally(() => {
      isAnswered = true;
    });
    await atRest();
    expect([isAnswered, pipeline.metrics().nodes.n?.waiting]).toEqual([false, 1]);
    resume(n);

    expect(await answer).toEqual({ double: [8] });
    await pipeline.stop();
  });

  it.each(['stop', 'abort'] as const)('ends by %s all the same', async (how) => {
    let isReturned = false;
    const pipeline = createPipeline({
      nodes: {
        source: function* () {
          try {
            for (let n = 0; ; n++) yield n;
          } finally {
            isReturned = true;
          }
        },
        sink: async () => {},
      },
      graph: { source: ['sink'] },
    });
    await new Promise(setImmediate);
    pause(node(pipeline as never, 'source'));
    await atRest();
    if (how === 'stop') await pipeline.stop();
    else {
      pipeline.abort();
      await pipeline.done.catch(() => {});
    }

    expect(isReturned).toBe(true);
  });

  it('ends when nobody takes what it sends any more, and is asked to return', async () => {
    let isReturned = false;
    const pipeline = createPipeline({
      nodes: {
        few: () => [1],
        many: function* () {
          try {
            for (let n = 0; ; n++) yield n;
          } finally {
            isReturned = true;
          }
        },
        pair: ({ many }: { few: number; many: number }) => {
          pause(node(pipeline as never, 'many'));
          return many;
        },
      },
      graph: { few: ['pair'], many: ['pair'] },
    });
    const { nodes } = await pipeline.done;

    expect(nodes.pair?.processed).toBe(1);
    expect(isReturned).toBe(true);
  });

  it('is no stall: those that wait for it are not reported', async () => {
    const pipeline = createPipeline({
      nodes: {
        a: function* () {
          yield* [1, 2, 3, 4, 5, 6];
        },
        b: { run: () => [1, 2, 3, 4, 5, 6] },
        pair: { run: ({ a, b }: { a: number; b: number }) => a + b, queueSize: 1 },
        sink: () => {},
      },
      graph: { a: ['pair'], b: ['pair'], pair: ['sink'] },
    });
    pipeline.on('message', ({ node: name }) => {
      if (name === 'pair') pause(node(pipeline as never, 'a'));
    });
    await atRest();
    await new Promise(setImmediate);
    await atRest();
    expect(pipeline.metrics().nodes.pair?.processed).toBeLessThan(6);
    const a = node(pipeline as never, 'a');
    while (!a.hasEnded) {
      resume(a);
      await atRest();
    }

    expect((await pipeline.done).nodes.sink?.processed).toBe(6);
  });

  it('that takes from queues is not paused', async () => {
    const pipeline = createPipeline({
      nodes: { n: inlet<number>(), double: (n: number) => 2 * n },
      graph: { n: ['double'] },
    });
    await atRest();
    const double = node(pipeline as never, 'double');
    pause(double);
    resume(double);

    expect(isPaused(double)).toBe(false);
    expect(await pipeline.call(1)).toEqual({ double: [2] });
    await pipeline.stop();
  });
});

describe('a node that is paused before its start', () => {
  it.each(Object.entries(kinds))('is asked for nothing until it is resumed: %s', async (name, kind) => {
    const [asked, got]: number[][] = [[], []];
    const pipeline = createPipeline({
      nodes: {
        source: kind(asked as number[], 5) as () => Iterable<number>,
        sink: (n: number) => void got?.push(n),
      },
      graph: { source: ['sink'] },
    });
    const source = node(pipeline as never, 'source');
    pause(source);
    await atRest();
    expect(isPaused(source)).toBe(true);
    expect(got).toEqual([]);
    // The function of a source that emits is called, and waits with the first.
    expect(asked?.length).toBe(name === 'emit' ? 1 : 0);
    resume(source);
    await pipeline.done;

    expect(got).toEqual([1, 2, 3, 4, 5]);
  });

  it('is an inlet that answers no call, though it came before the start', async () => {
    const pipeline = createPipeline({
      nodes: { n: inlet<number>(), double: (n: number) => 2 * n },
      graph: { n: ['double'] },
    });
    const n = node(pipeline as never, 'n');
    pause(n);
    const answer = pipeline.call(4);
    await atRest();
    expect(pipeline.metrics().nodes.n).toMatchObject({ received: 0, waiting: 1 });
    resume(n);

    expect(await answer).toEqual({ double: [8] });
    await pipeline.stop();
  });

  it('is an inlet that is fed from inputs, and loses none', async () => {
    const got: number[] = [];
    const pipeline = createPipeline(
      { nodes: { n: inlet<number>(), sink: (n: number) => void got.push(n) }, graph: { n: ['sink'] } },
      { inputs: { n: [1, 2, 3] } },
    );
    const n = node(pipeline as never, 'n');
    pause(n);
    await atRest();
    expect(got).toEqual([]);
    resume(n);
    await pipeline.done;

    expect(got).toEqual([1, 2, 3]);
  });

  it('waits for its start if it is resumed before it', async () => {
    const order: string[] = [];
    let begin = (): void => {};
    const isSetUp = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const pipeline = createPipeline({
      nodes: {
        n: inlet<number>(),
        sink: {
          setup: async () => {
            await isSetUp;
            order.push('set up');
          },
          run: () => void order.push('run'),
        },
      },
      graph: { n: ['sink'] },
    });
    const n = node(pipeline as never, 'n');
    pause(n);
    const pushed = pipeline.push(1);
    await atRest();
    resume(n);
    await atRest();
    expect([isPaused(n), pipeline.metrics().nodes.n?.received]).toEqual([false, 0]);
    begin();
    await pushed;
    await pipeline.stop();

    expect(order).toEqual(['set up', 'run']);
  });

  it.each(['stop at once', 'stop', 'abort at once', 'abort'] as const)(
    'ends all the same: %s',
    async (how) => {
      const pipeline = createPipeline({
        nodes: {
          n: inlet<number>(),
          source: () => [1, 2, 3],
          sink: { run: () => {}, aggregateInputs: false },
        },
        graph: { n: ['sink'], source: ['sink'] },
      } as never);
      for (const name of ['n', 'source']) pause(node(pipeline as never, name));
      if (!how.endsWith('once')) await atRest();
      if (how.startsWith('stop')) await pipeline.stop();
      else pipeline.abort();
      const end = await pipeline.done.then(
        () => 'done',
        ({ code }) => code,
      );

      expect(end).toBe(how.startsWith('stop') ? 'done' : 'ABORTED');
    },
  );
});
