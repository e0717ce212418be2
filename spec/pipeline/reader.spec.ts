import { inlet } from 'sluice';
import { virtualClock } from 'sluice/testing';
import { describe, expect, it } from 'vitest';
import { gate } from '../support/gate.ts';
import { rejectionOf } from '../support/rejection.ts';
import { turns } from '../support/turns.ts';
import { collect, pass, start, stateOf } from './pipelines.ts';

const OVER = { done: true, value: undefined };
const numbers = function* (): Generator<number> {
  for (let n = 1; ; n++) yield n;
};
const endless = { nodes: { s: numbers, sink: { run: pass, queueSize: 2 } }, graph: { s: ['sink'] } };
const fed = { nodes: { a: inlet(), sink: pass }, graph: { a: ['sink'] } };

describe('reading a pipeline', () => {
  it('gives what all sinks return, in the order in which it was sent', async () => {
    const pipeline = start({
      nodes: { s: () => [1, 2, 3], odd: (n: number) => (n % 2 ? n : null), all: pass },
      graph: { s: ['odd', 'all'] },
    });
    const order: string[] = [];
    pipeline.on('message', ({ node, message }) => {
      if (node !== 's') order.push(`${node} ${message.payload}`);
    });

    const read: string[] = [];
    for await (const { node, payload } of pipeline.messages()) read.push(`${node} ${payload}`);

    expect(read).toEqual(order);
    expect(read.toSorted()).toEqual(['all 1', 'all 2', 'all 3', 'odd 1', 'odd 3']);
  });

  it('gives the values of one sink, or its messages', async () => {
    const pipeline = start({
      nodes: { s: () => [1, 2], one: pass, other: () => 0 },
      graph: { s: ['one', 'other'] },
    });

    const [values, messages] = await Promise.all([
      collect(pipeline.outputs('one')),
      collect(pipeline.messages('one')),
    ]);

    expect(values).toEqual([1, 2]);
    expect(messages.map(({ node, payload }) => [node, payload])).toEqual([
      ['one', 1],
      ['one', 2],
    ]);
  });

  it('goes on when one of the sinks has come to its end while it waited', async () => {
    const { opened, open } = gate();
    const late = async ({ emit }: { emit(value: number): Promise<void> }): Promise<void> => {
      await opened;
      await emit(1);
    };
    const pipeline = start({ nodes: { empty: () => [], late }, graph: {} });
    const reader = pipeline[Symbol.asyncIterator]();
    const waiting = [reader.next(), reader.next()];
    await turns(5);

    open();

    expect(await Promise.all(waiting)).toEqual([{ done: false, value: 1 }, OVER]);
    await pipeline.done;
  });

  it('misses nothing when it begins in the tick in which the pipeline was made', async () => {
    const pipeline = start({ nodes: { s: () => [1, 2, 3] }, graph: {} });

    expect(await collect(pipeline)).toEqual([1, 2, 3]);
  });

  it('gives every reader every value, and the slowest holds back', async () => {
    const pipeline = start(endless);
    const [quick, slow] = [pipeline.outputs('sink'), pipeline.outputs('sink')];
    await turns(5);

    const read: number[] = [];
    const loop = (async () => {
      for await (const value of quick) read.push(value as number);
    })();
    await turns(5);
    const heldBack = [...read];
    await slow.next();
    await turns(5);

    // Two in the queue of the slow one, and one at its door that the quick one was given.
    expect(heldBack).toEqual([1, 2, 3]);
    expect(read).toEqual([1, 2, 3, 4]);
    pipeline.abort('enough');
    expect(await rejectionOf(loop)).toMatchObject({ code: 'ABORTED' });
  });

  it('gives values in the order in which they were asked for, also before there are any', async () => {
    const pipeline = start(fed);
    const reader = pipeline.outputs('sink');
    const asked = [reader.next(), reader.next()];

    await pipeline.push('x');
    await pipeline.push('y');

    expect(await Promise.all(asked)).toEqual([
      { done: false, value: 'x' },
      { done: false, value: 'y' },
    ]);
    await pipeline.stop();
    expect(await reader.next()).toEqual(OVER);
  });

  it('begins with what comes next when it begins late, and is over when the pipeline is', async () => {
    const pipeline = start(fed);
    await pipeline.push('early');
    await turns(5);
    const late = collect(pipeline.outputs('sink'));

    await pipeline.push('late');
    await pipeline.stop();

    expect(await late).toEqual(['late']);
    expect(await collect(pipeline.outputs('sink'))).toEqual([]);
    expect(pipeline.metrics().nodes.sink).toMatchObject({ sent: 2, unread: 1 });
  });

  it.for(['nobody', 'a', '__proto__', ''])('is refused for %j, which is no sink', (name) => {
    const pipeline = start(fed);

    for (const read of [() => pipeline.outputs(name), () => pipeline.messages(name)]) {
      expect(read).toThrow(
        expect.objectContaining({
          code: 'GRAPH',
          problems: [
            {
              code: 'unknown-sink',
              path: 'outputs',
              message: expect.stringContaining(`there is no sink \`${name}\``),
            },
          ],
        }),
      );
    }
    pipeline.close();
  });
});

describe('leaving a loop', () => {
  it('over the pipeline stops it, and waits until it has', async () => {
    const pipeline = start(endless);

    for await (const value of pipeline) if (value === 3) break;

    expect(await stateOf(pipeline.done)).toBe('resolved');
  });

  it('over the outputs of a sink detaches, and the pipeline goes on', async () => {
    const pipeline = start(fed);
    const loop = (async () => {
      for await (const _ of pipeline.outputs('sink')) break;
    })();
    await pipeline.push(1);
    await loop;

    for (let n = 0; n < 100; n++) await pipeline.push(n);

    await pipeline.stop();
    expect(pipeline.metrics().nodes.sink).toMatchObject({ sent: 101, unread: 100 });
  });

  it('lets go of what was queued, and of those who wait for more', async () => {
    const pipeline = start(fed);
    const [one, other] = [pipeline.outputs('sink'), pipeline.outputs('sink')];
    const waiting = one.next();

    const left = await one.return?.();
    const again = await one.return?.();

    expect([await waiting, left, again, await one.next()]).toEqual([OVER, OVER, OVER, OVER]);
    await pipeline.push(1);
    expect(await other.next()).toEqual({ done: false, value: 1 });
    await pipeline.stop();
  });

  it('detaches nobody else: other readers hear of an abort as before', async () => {
    const pipeline = start(fed);
    const [one, other] = [pipeline.outputs('sink'), pipeline.outputs('sink')];
    const waiting = rejectionOf(other.next());
    await one.return?.();

    pipeline.abort('enough');

    expect(await waiting).toMatchObject({ code: 'ABORTED', cause: 'enough' });
  });

  it('frees a sink that it held back', async () => {
    const pipeline = start(endless);
    const [slow, quick] = [pipeline.outputs('sink'), pipeline.outputs('sink')];
    await turns(5);
    for (let n = 0; n < 3; n++) await quick.next();
    const held = quick.next();
    const before = await stateOf(held);

    await slow.return?.();

    expect(before).toBe('pending');
    expect(await held).toEqual({ done: false, value: 4 });
    await pipeline.stop({ within: 0 });
  });
});

describe('a reader of a pipeline that fails', () => {
  const failing = () => {
    const { opened, open } = gate();
    const nodes = {
      a: inlet(),
      sink: async () => {
        await opened;
        throw new Error('no');
      },
    };
    return { pipeline: start({ nodes, graph: { a: ['sink'] } }), open };
  };

  it('is told once, and then that there is no more', async () => {
    const { pipeline, open } = failing();
    const told = rejectionOf(pipeline.done); // A reader that has not begun is nobody who looks.
    const reader = pipeline.outputs('sink');
    await pipeline.push(1);
    open();
    await turns(5);

    const error = await rejectionOf(reader.next());

    expect(error).toBe(await told);
    expect(error).toMatchObject({ code: 'PROCESSOR', node: 'sink' });
    expect(await reader.next()).toEqual(OVER);
  });

  it('is told by the first of those who wait already', async () => {
    const { pipeline, open } = failing();
    const reader = pipeline.outputs('sink');
    const [first, second] = [reader.next(), reader.next()];
    await pipeline.push(1);

    open();

    expect(await rejectionOf(first)).toMatchObject({ code: 'PROCESSOR' });
    expect(await second).toEqual(OVER);
  });

  it('is told when it comes too late, and each of several is', async () => {
    const { pipeline, open } = failing();
    const told = rejectionOf(pipeline.done);
    const early = pipeline.outputs('sink');
    await pipeline.push(1);
    open();
    await told;

    const errors = await Promise.all(
      [early, pipeline.outputs('sink')].map((reader) => rejectionOf(reader.next())),
    );

    expect(errors).toMatchObject([{ code: 'PROCESSOR' }, { code: 'PROCESSOR' }]);
  });

  it('is told of an abort, too', async () => {
    const { pipeline, open } = failing();
    const reader = pipeline.outputs('sink');

    pipeline.abort('enough');

    expect(await rejectionOf(reader.next())).toMatchObject({ code: 'ABORTED', cause: 'enough' });
    open();
  });

  it('may leave after it was told, and waits for nothing', async () => {
    const definition = { nodes: { s: () => [1], deaf: () => new Promise(() => {}) }, graph: { s: ['deaf'] } };
    const pipeline = start(definition, { clock: virtualClock() });
    const reader = pipeline[Symbol.asyncIterator]();
    await turns(5);
    pipeline.abort('enough');
    await rejectionOf(reader.next());

    const left = await stateOf(Promise.resolve(reader.return?.()));

    expect([left, await stateOf(pipeline.done)]).toEqual(['resolved', 'pending']);
  });

  it('is not told when it was over before', async () => {
    const { opened, open } = gate();
    const late = (): Promise<never> => opened.then(() => Promise.reject(new Error('no')));
    const pipeline = start({ nodes: { s: () => [1], t: () => [2], late }, graph: { t: ['late'] } });
    const reader = pipeline.outputs('s');
    const values = [await reader.next(), await reader.next()];

    open();

    expect(await rejectionOf(pipeline.done)).toMatchObject({ code: 'PROCESSOR' });
    expect([...values, await reader.next()]).toEqual([{ done: false, value: 1 }, OVER, OVER]);
  });
});
