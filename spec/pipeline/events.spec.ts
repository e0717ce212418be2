import { type Definition, inlet, type PipelineEvents, ProcessorError } from 'sluice';
import { describe, expect, it } from 'vitest';
import { gate } from '../support/gate.ts';
import { rejectionOf } from '../support/rejection.ts';
import { turns } from '../support/turns.ts';
import { unhandledDuring } from '../support/unhandled.ts';
import { collect, pass, start } from './pipelines.ts';

const fail = (): never => {
  throw new Error('no');
};
const odd = (n: number): number | null => (n % 2 ? n : null);
const row: Definition = {
  nodes: { s: () => [1, 2, 3], odd, sink: pass },
  graph: { s: ['odd'], odd: ['sink'] },
};

describe('the events of a pipeline', () => {
  it('tell of its start, its nodes and its end, in this order', async () => {
    const pipeline = start(row);
    const heard: unknown[] = [];
    pipeline.on('start', ({ nodes }) => heard.push(['start', nodes]));
    pipeline.on('nodeEnd', ({ node, counters }) => heard.push([node, counters.received]));
    pipeline.on('end', (event) => heard.push(['end', event.summary.left, 'error' in event]));

    await pipeline.done;

    expect(heard).toEqual([
      ['start', ['s', 'odd', 'sink']],
      ['s', 3],
      ['odd', 3],
      ['sink', 2],
      ['end', 0, false],
    ]);
  });

  it('tell of every message a node sends, and of every one it skips', async () => {
    const pipeline = start(row);
    const [sent, skipped]: string[][] = [[], []];
    pipeline.on('message', ({ node, message }) => sent?.push(`${node} ${message.payload}`));
    pipeline.on('skip', ({ node, message }) => skipped?.push(`${node} ${message.payload}`));

    await pipeline.done;

    expect(sent?.toSorted()).toEqual(['odd 1', 'odd 3', 's 1', 's 2', 's 3', 'sink 1', 'sink 3']);
    expect(skipped).toEqual(['odd 2']);
  });

  it('tell of what a join lost to the holes of another branch', async () => {
    const pipeline = start({
      nodes: { s: () => [1, 2], odd, join: pass },
      graph: { s: ['odd', 'join'], odd: ['join'] },
    });
    const skipped: unknown[] = [];
    pipeline.on('skip', ({ node, message }) => skipped.push([node, message.node, message.payload]));

    await pipeline.done;

    expect(skipped).toEqual([
      ['odd', 's', 2],
      ['join', 's', 2],
    ]);
  });

  it.for(['skip', 'fail'] as const)("tell of a failure, and that onError made it '%s'", async (onError) => {
    const pipeline = start({ nodes: { s: () => [1], sink: { run: fail, onError } }, graph: { s: ['sink'] } });
    const heard: unknown[] = [];
    pipeline.on('error', ({ error, action }) => heard.push([error.node, action]));

    const outcome = await Promise.allSettled([pipeline.done]);

    expect(heard).toEqual([['sink', onError]]);
    expect(outcome[0]?.status).toBe(onError === 'skip' ? 'fulfilled' : 'rejected');
  });

  it('tell of the failure of a teardown, and of how it ended with it', async () => {
    const pipeline = start({ nodes: { s: { run: () => [], teardown: fail } }, graph: {} });
    const heard: unknown[] = [];
    pipeline.on('error', ({ error, action }) => {
      heard.push(error instanceof ProcessorError && error.phase, action);
    });
    pipeline.on('end', ({ error }) => heard.push((error as { phase?: unknown }).phase));

    await rejectionOf(pipeline.done);

    expect(heard).toEqual(['teardown', 'fail', 'teardown']);
  });

  it('tell of the end by an abort with its reason', async () => {
    const pipeline = start(row);
    let ended: PipelineEvents['end'] | undefined;
    pipeline.on('end', (event) => {
      ended = event;
    });

    pipeline.abort('enough');
    await rejectionOf(pipeline.done);

    expect(ended?.error).toMatchObject({ code: 'ABORTED', cause: 'enough' });
  });

  it('tell by turns that an edge became full and that it has room again', async () => {
    const { opened, open } = gate();
    const pipeline = start({
      nodes: { a: inlet(), slow: { run: () => opened, queueSize: 2 } },
      graph: { a: ['slow'] },
    });
    const heard: unknown[] = [];
    pipeline.on('backpressure', (event) => heard.push(event));
    const pushes = [1, 2, 3, 4, 5, 6].map((value) => pipeline.push(value));
    await turns(10);
    const before = [...heard];

    open();
    await Promise.all(pushes);
    await pipeline.stop();

    const edge = { from: 'a', to: 'slow' };
    expect(before).toEqual([{ ...edge, isFull: true }]);
    expect(heard.slice(0, 2)).toEqual([
      { ...edge, isFull: true },
      { ...edge, isFull: false },
    ]);
    expect(heard.every((event, i) => (event as { isFull: boolean }).isFull === (i % 2 === 0))).toBe(true);
  });
});

describe('a listener', () => {
  it('of an event that there is not is refused, with the nearest name', async () => {
    const pipeline = start(row);

    expect(() => pipeline.on('mesage' as 'message', () => {})).toThrow(
      expect.objectContaining({
        code: 'GRAPH',
        problems: [{ code: 'unknown-event', path: 'on', message: expect.stringContaining('`message`') }],
      }),
    );
    await pipeline.done;
  });

  it('may be taken off, and hears nothing from then on', async () => {
    const pipeline = start({ nodes: { a: inlet(), sink: pass }, graph: { a: ['sink'] } });
    const heard: unknown[] = [];
    const off = pipeline.on('message', ({ message }) => heard.push(message.payload));
    await pipeline.call(1);

    off();
    await pipeline.call(2);

    expect(heard).toEqual([1, 1]);
    await pipeline.stop();
  });

  it('that throws changes nothing in the run, and is reported as uncaught', async () => {
    const pipeline = start(row);
    const fault = new Error('a listener threw');
    for (const name of ['start', 'message', 'skip', 'nodeEnd', 'end'] as const) {
      pipeline.on(name, () => {
        throw fault;
      });
    }

    const values: unknown[] = [];
    const uncaught = await unhandledDuring(async () => {
      values.push(...(await collect(pipeline)));
      await pipeline.done;
    });

    expect(values).toEqual([1, 3]);
    expect(new Set(uncaught)).toEqual(new Set([fault]));
    expect(uncaught).toHaveLength(1 + 7 + 1 + 3 + 1);
  });

  it('may do to the pipeline what anybody may: push, read, stop and abort', async () => {
    const pipeline = start({
      nodes: { a: inlet(), b: inlet(), merge: { run: pass, aggregateInputs: false } },
      graph: { a: [{ to: 'merge', queueSize: 1 }], b: ['merge'] },
    });
    let left = 5;
    pipeline.on('backpressure', ({ isFull }) => {
      if (!isFull && left-- > 0) void pipeline.inlet('a').push(`again ${left}`);
    });
    const values = collect(pipeline.outputs('merge'));
    await Promise.all([1, 2, 3].map((value) => pipeline.inlet('a').push(value)));
    await turns(10);
    await pipeline.inlet('b').push('last');

    await pipeline.stop();

    expect(await values).toEqual([1, 2, 3, 'again 4', 'again 3', 'again 2', 'again 1', 'again 0', 'last']);
  });
});
