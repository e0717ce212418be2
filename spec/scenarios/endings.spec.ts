import { Readable } from 'node:stream';
import { createPipeline, inlet } from 'sluice';
import { describe, expect, it } from 'vitest';
import { gate } from '../support/gate.ts';
import { rejectionOf } from '../support/rejection.ts';
import { turn } from '../support/turns.ts';
import { unhandledDuring } from '../support/unhandled.ts';

/** Rejects as the platform's own functions do when their signal is aborted. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const abort = () => reject(new DOMException('The operation was aborted', 'AbortError'));
    signal.addEventListener('abort', abort, { once: true });
  });
}

describe('a source that waits with its signal', () => {
  const source = async function* ({ signal }: { signal: AbortSignal }) {
    yield 1;
    yield await aborted(signal);
  };

  it('has not failed when a stop cuts its waiting short', async () => {
    const pipeline = createPipeline({
      nodes: { source, sink: (n: number) => n },
      graph: { source: ['sink'] },
    });

    for await (const _ of pipeline) break;

    const { nodes } = await pipeline.done;
    expect(nodes.source).toMatchObject({ received: 1, failed: 0 });
  });

  it('has not failed when the join it leads to is over', async () => {
    const pipeline = createPipeline({
      nodes: { source, short: () => [1], join: () => null },
      graph: { source: ['join'], short: ['join'] },
    });

    const { nodes } = await pipeline.done;

    expect(nodes.source?.failed).toBe(0);
  });
});

describe('a web stream that comes to its end while the join it leads to does', () => {
  it('is not cancelled again, which would be a failure', async () => {
    const empty = () => new ReadableStream<number>({ start: (controller) => controller.close() });
    const pipeline = createPipeline(
      {
        nodes: { a: inlet<number>(), b: inlet<number>(), join: () => null },
        graph: { a: ['join'], b: ['join'] },
      },
      { inputs: { a: empty(), b: empty() } },
    );

    const { nodes } = await pipeline.done;

    expect([nodes.a?.failed, nodes.b?.failed]).toEqual([0, 0]);
  });
});

describe('a stop while setups run', () => {
  it('ends a graph of sources only', async () => {
    const { opened, open } = gate();
    const pipeline = createPipeline({
      nodes: { source: { run: () => [1], setup: () => opened } },
      graph: {},
    });
    await turn();

    const stopped = pipeline.stop();
    open();

    expect((await stopped).nodes.source?.sent).toBe(0);
  });
});

describe('what was opened too late', () => {
  it('is closed at once: an iterable that a function returned after the abort', async () => {
    const { opened, open } = gate();
    const stream = Readable.from([1, 2, 3]);
    const pipeline = createPipeline({
      nodes: { n: inlet<number>(), many: { run: () => opened.then(() => stream), many: true } },
      graph: { n: ['many'] },
    });
    await pipeline.push(1);
    await turn();

    pipeline.abort();
    open();
    await rejectionOf(pipeline.done);

    expect(stream.destroyed).toBe(true);
  });
});

describe('a reader that has come to its end', () => {
  it('owns no failure that comes after', async () => {
    const { opened, open } = gate();
    const unhandled = await unhandledDuring(async () => {
      const pipeline = createPipeline({
        nodes: {
          a: () => [1],
          b: () => [2],
          late: () => opened.then(() => Promise.reject(new Error('late'))),
        },
        graph: { b: ['late'] },
      });
      for await (const _ of pipeline.outputs('a'));
      open();
      for (let turns = 0; turns < 5; turns++) await turn();
    });

    expect(unhandled).toEqual([expect.objectContaining({ code: 'PROCESSOR', node: 'late' })]);
  });

  it('leaves no value without a count when it leaves early', async () => {
    const pipeline = createPipeline({ nodes: { n: inlet<number>() }, graph: {} });
    const reader = pipeline.outputs('n');
    const pushed = Promise.all(Array.from({ length: 50 }, (_, n) => pipeline.push(n)));

    await reader.next();
    await reader.return?.();
    await pushed;

    const { nodes } = await pipeline.stop();
    expect(nodes.n).toMatchObject({ sent: 50, unread: 49 });
  });
});

describe('a deadline', () => {
  it('may be for ever', async () => {
    const pipeline = createPipeline({ nodes: { a: () => [1] }, graph: {} });

    const { left } = await pipeline.stop({ within: Number.POSITIVE_INFINITY });

    expect(left).toBe(0);
  });

  it('must be one that a timer can hold', () => {
    const pipeline = createPipeline({ nodes: { a: () => [1] }, graph: {} });

    expect(() => pipeline.stop({ within: 2 ** 31 })).toThrow(expect.objectContaining({ code: 'GRAPH' }));
    void pipeline.stop();
  });
});
